import { hasCode, regimenFits } from './catalogos.ts';
import type { Falta } from './falta.ts';
import { Juicio } from './juicio.ts';
import { isGeneric, isRfc, personaOf } from './rfc.ts';
import { ZONAS } from './zonas.ts';

/** What is registered of an issuer. */
export interface DatosDelEmisor {
  readonly rfc: string;
  /** As the tax authority has it, without the form of company. */
  readonly nombre: string;
  readonly regimenFiscal: string;
  /** One of {@link ZONAS}; null: by the postal code of each comprobante. */
  readonly zonaHoraria: string | null;
}

/** The forms of company that nobody has in a name by chance (error 40139 of the PACs). */
const FORMA = /[ ,](S\.?A\.? ?DE ?C\.?V|S\.? ?DE ?R\.?L|S\.?A\.?P\.?I\.? ?DE ?C\.?V|S\.?A\.?B\.? ?DE ?C\.?V)\.?$/i;

/** Judges what shall be registered of an issuer. @param day `YYYY-MM-DD` */
export function reglasDelEmisor(datos: DatosDelEmisor, day: string): Falta[] {
  const juicio = new Juicio();
  const { rfc, nombre, regimenFiscal, zonaHoraria } = datos;
  const remedy = 'Cópielo de la constancia de situación fiscal, en mayúsculas y sin guiones.';
  const hasRfc = juicio.pattern('rfc', isRfc(rfc) && !isGeneric(rfc) ? undefined : rfc, /^$/, remedy);
  juicio.text('nombre', nombre, 300);
  if (FORMA.test(nombre.trim())) {
    const message = 'El nombre del emisor lleva el régimen de capital (SA DE CV u otro), y en un CFDI 4.0 va sin él.';
    juicio.add('nombre', 'cfdi.pattern', message, 'Quítelo: escriba el nombre como está en la constancia.');
  }
  const isKnown = hasCode('regimenes_fiscales', regimenFiscal, day);
  const inCatalogue = juicio.catalogue('regimenFiscal', isKnown, 'c_RegimenFiscal');
  if (hasRfc && inCatalogue && !regimenFits(regimenFiscal, personaOf(rfc), day)) {
    const who = personaOf(rfc) === 'moral' ? 'una persona moral' : 'una persona física';
    const copy = 'Copie el régimen de la constancia de situación fiscal del emisor.';
    juicio.add('regimenFiscal', 'cfdi.catalogue', `El régimen ${regimenFiscal} no es de ${who}.`, copy);
  }
  if (zonaHoraria !== null && !ZONAS.includes(zonaHoraria)) {
    const message = 'La zona horaria no es de México.';
    juicio.add('zonaHoraria', 'cfdi.pattern', message, `Use una de ${ZONAS.join(', ')}, o déjela sin valor.`);
  }
  return juicio.faltas;
}
