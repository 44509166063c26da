import { hasCode, regimenFits, usoFits } from './catalogos.ts';
import type { Documento } from './documento.ts';
import type { Juicio } from './juicio.ts';
import { isCodigoPostal, SHAPE_OF_RFC } from './reglas-encabezado.ts';
import { isGeneric, isRfc, personaOf, PUBLICO_EN_GENERAL, RFC_PUBLICO_EN_GENERAL } from './rfc.ts';
import { collapse, isXmlText } from './textos.ts';

const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,255}$/;
const TELEFONO = /^\+?[0-9() .-]{7,30}$/;
const SIN_OBLIGACIONES = '616';

/** Judges the receiver, and the global invoice that a sale to the general public is. */
export function judgeReceptor(juicio: Juicio, documento: Documento, day: string): void {
  const { receptor } = documento;
  const hasRfc = isRfc(receptor.rfc) || juicio.add('receptor.rfc', 'cfdi.pattern', ...SHAPE_OF_RFC);
  juicio.text('receptor.nombre', receptor.nombre, 300);
  const isPostal =
    isCodigoPostal(receptor.domicilioFiscal) ||
    juicio.add(
      'receptor.domicilioFiscal',
      'cfdi.pattern',
      'El domicilio fiscal del receptor no es un código postal.',
      'Escriba los 5 dígitos que dice su constancia de situación fiscal.',
    );
  if (hasRfc) judgeRegimen(juicio, documento, day);
  if (hasRfc && isPostal) judgeGeneric(juicio, documento);
  judgeContact(juicio, documento);
  judgeGlobal(juicio, documento, day);
}

function judgeRegimen(juicio: Juicio, { receptor }: Documento, day: string): void {
  const persona = personaOf(receptor.rfc);
  const who = persona === 'moral' ? 'una persona moral' : 'una persona física';
  const isKnown = hasCode('regimenes_fiscales', receptor.regimenFiscal, day);
  if (!juicio.catalogue('receptor.regimenFiscal', isKnown, 'c_RegimenFiscal')) return;
  if (!regimenFits(receptor.regimenFiscal, persona, day)) {
    const remedy = 'Pida al cliente su constancia de situación fiscal y copie el régimen.';
    juicio.add('receptor.regimenFiscal', 'cfdi.catalogue', `El régimen del receptor no es de ${who}.`, remedy);
    return;
  }
  if (!juicio.catalogue('receptor.usoCfdi', hasCode('usos_cfdi', receptor.usoCfdi, day), 'c_UsoCFDI')) return;
  if (usoFits(receptor.usoCfdi, persona, receptor.regimenFiscal, day)) return;
  const message = `El uso del CFDI no está permitido a ${who} con el régimen ${receptor.regimenFiscal}.`;
  juicio.add(
    'receptor.usoCfdi',
    'cfdi.catalogue',
    message,
    'Use S01 (sin efectos fiscales) u otro uso de ese régimen.',
  );
}

/** Generic RFCs: régimen 616 and the issuer's own postal code (Anexo 20, Receptor). */
function judgeGeneric(juicio: Juicio, { receptor, lugarExpedicion }: Documento): void {
  if (!isGeneric(receptor.rfc)) return;
  if (receptor.regimenFiscal !== SIN_OBLIGACIONES) {
    const message = 'Con un RFC genérico el régimen del receptor es 616.';
    juicio.add('receptor.regimenFiscal', 'cfdi.forbidden', message, 'Use 616 (sin obligaciones fiscales).');
  }
  if (receptor.domicilioFiscal !== lugarExpedicion) {
    const message = 'Con un RFC genérico el domicilio fiscal es el código postal de lugarExpedicion.';
    juicio.add('receptor.domicilioFiscal', 'cfdi.forbidden', message, 'Escriba el mismo código postal en los dos.');
  }
}

function judgeContact(juicio: Juicio, { receptor: { email, telefono } }: Documento): void {
  if (email !== undefined && !(EMAIL.test(email) && isXmlText(email))) {
    juicio.add('receptor.email', 'cfdi.pattern', 'El correo no es válido.', 'Corríjalo, o quítelo si no lo conoce.');
  }
  juicio.pattern('receptor.telefono', telefono, TELEFONO, 'Escriba solo dígitos, con lada, o quítelo.');
}

function judgeGlobal(juicio: Juicio, documento: Documento, day: string): void {
  const { informacionGlobal, receptor } = documento;
  const isPublic = receptor.rfc === RFC_PUBLICO_EN_GENERAL && collapse(receptor.nombre) === PUBLICO_EN_GENERAL;
  if (informacionGlobal === undefined) {
    if (!isPublic) return;
    const remedy = 'Agregue informacionGlobal, o el nombre del cliente si no es factura global.';
    juicio.add('informacionGlobal', 'cfdi.required', 'La factura a PUBLICO EN GENERAL es global.', remedy);
    return;
  }
  if (!isPublic) {
    const remedy = `Use ${RFC_PUBLICO_EN_GENERAL} y ${PUBLICO_EN_GENERAL}, o quite informacionGlobal.`;
    juicio.add('informacionGlobal', 'cfdi.forbidden', 'Solo la factura global lleva informacionGlobal.', remedy);
  }
  const { periodicidad, meses, anio } = informacionGlobal;
  const path = 'informacionGlobal';
  juicio.catalogue(`${path}.periodicidad`, hasCode('periodicidades', periodicidad, day), 'c_Periodicidad');
  if (juicio.catalogue(`${path}.meses`, hasCode('meses', meses, day), 'c_Meses')) {
    judgeMeses(juicio, periodicidad, Number(meses));
  }
  const year = Number(day.slice(0, 4));
  if (anio === String(year) || anio === String(year - 1)) return;
  const remedy = `Escriba ${year} o ${year - 1}.`;
  juicio.add(`${path}.anio`, 'cfdi.range', 'El año debe ser el actual o el anterior.', remedy);
}

/** Two-month keys (13 to 18) belong to the two-month period (05) and to no other. */
function judgeMeses(juicio: Juicio, periodicidad: string, meses: number): void {
  const isBimonthly = periodicidad === '05';
  if (isBimonthly === meses >= 13) return;
  const remedy = isBimonthly ? 'Use una clave de 13 a 18.' : 'Use una clave de 01 a 12.';
  juicio.add('informacionGlobal.meses', 'cfdi.forbidden', 'Los meses no corresponden a la periodicidad.', remedy);
}
