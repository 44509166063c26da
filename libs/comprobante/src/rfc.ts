/** RFC as the schema of CFDI 4.0 takes it (tdCFDI, t_RFC). The check digit is not judged: the SAT has issued others. */
const RFC = /^[A-Z&Ñ]{3,4}[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])[A-Z0-9]{2}[0-9A]$/;

/** RFC for sales to the general public. */
export const RFC_PUBLICO_EN_GENERAL = 'XAXX010101000';
/** RFC for foreigners without one of their own. */
export const RFC_EXTRANJERO = 'XEXX010101000';
/** Name of the receiver of a global invoice. */
export const PUBLICO_EN_GENERAL = 'PUBLICO EN GENERAL';

/** Whether the text has the form of an RFC. */
export function isRfc(text: string): boolean {
  return RFC.test(text);
}

/** Whether the RFC stands for many persons. */
export function isGeneric(rfc: string): boolean {
  return rfc === RFC_PUBLICO_EN_GENERAL || rfc === RFC_EXTRANJERO;
}

/** A legal entity has 12 places, a person 13. */
export function personaOf(rfc: string): 'fisica' | 'moral' {
  return rfc.length === 12 ? 'moral' : 'fisica';
}
