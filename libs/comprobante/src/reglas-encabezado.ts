import { hasCode } from './catalogos.ts';
import { Exact } from './decimales.ts';
import type { Documento } from './documento.ts';
import type { Juicio } from './juicio.ts';
import { decimalesDe, SIN_MONEDA } from './monedas.ts';
import { isRfc } from './rfc.ts';
import { collapse } from './textos.ts';
import { zonaDe, ZONAS } from './zonas.ts';

const CODIGO_POSTAL = /^[0-9]{5}$/;
const UUID = /^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$/;
const MOST_EXTERNAL_ID = 100;

/** Judges the head of a comprobante de ingreso: who, where, when and how it is paid, what it refers to. */
export function judgeEncabezado(juicio: Juicio, documento: Documento, day: string): void {
  judgeExternalId(juicio, documento);
  if (!isRfc(documento.emisor)) juicio.add('emisor', 'cfdi.pattern', ...SHAPE_OF_RFC);
  juicio.text('serie', documento.serie, 25);
  juicio.text('folio', documento.folio, 40);
  juicio.text('condicionesDePago', documento.condicionesDePago, 1000);
  juicio.pattern('confirmacion', documento.confirmacion, /^[0-9a-zA-Z]{5}$/, 'Son 5 letras o números que da el PAC.');
  judgeLugar(juicio, documento);
  judgePago(juicio, documento, day);
  judgeMoneda(juicio, documento);
  juicio.catalogue('exportacion', hasCode('exportaciones', documento.exportacion, day), 'c_Exportacion');
  judgeRelacionados(juicio, documento, day);
}

/** The name under which the caller finds the document again; it is kept to the letter, so nothing in it may collapse. */
function judgeExternalId(juicio: Juicio, { externalId }: Documento): void {
  if (!juicio.text('externalId', externalId, MOST_EXTERNAL_ID) || collapse(externalId) === externalId) return;
  const remedy = 'Quite los espacios del principio, del final y los repetidos.';
  juicio.add('externalId', 'cfdi.pattern', 'externalId lleva espacios de más.', remedy);
}

/** What a wrong RFC is told, for issuer and receiver alike. */
export const SHAPE_OF_RFC = [
  'El RFC no tiene la forma que pide el SAT: 12 o 13 posiciones en mayúsculas.',
  'Cópielo de la constancia de situación fiscal, sin guiones ni espacios.',
] as const;

/** Whether the text is a postal code by its form. */
export function isCodigoPostal(text: string): boolean {
  return CODIGO_POSTAL.test(text);
}

function judgeLugar(juicio: Juicio, { lugarExpedicion, zonaHoraria }: Documento): void {
  const isShaped = juicio.pattern(
    'lugarExpedicion',
    lugarExpedicion,
    CODIGO_POSTAL,
    'Escriba un código postal de 5 dígitos.',
  );
  if (isShaped) juicio.catalogue('lugarExpedicion', zonaDe(lugarExpedicion) !== undefined, 'c_CodigoPostal');
  if (zonaHoraria === undefined || ZONAS.includes(zonaHoraria)) return;
  const remedy = `Use una zona de México, por ejemplo ${ZONAS[0] ?? ''} o America/Tijuana.`;
  juicio.add('zonaHoraria', 'cfdi.catalogue', 'zonaHoraria no es una zona horaria de México.', remedy);
}

function judgePago(juicio: Juicio, { formaPago, metodoPago }: Documento, day: string): void {
  if (juicio.required('formaPago', formaPago, 'Diga cómo se paga, por ejemplo 01 efectivo o 03 transferencia.')) {
    juicio.catalogue('formaPago', hasCode('formas_pago', formaPago ?? '', day), 'c_FormaPago');
  }
  if (juicio.required('metodoPago', metodoPago, 'Use PUE (una sola exhibición) o PPD (parcialidades o diferido).')) {
    juicio.catalogue('metodoPago', hasCode('metodos_pago', metodoPago ?? '', day), 'c_MetodoPago');
  }
  if (metodoPago === 'PPD' && formaPago !== undefined && formaPago !== '99') {
    const remedy = 'Con PPD la forma de pago es 99 (por definir); cambie una de las dos.';
    juicio.add('formaPago', 'cfdi.forbidden', 'La forma de pago no corresponde al método PPD.', remedy);
  }
}

function judgeMoneda(juicio: Juicio, { moneda, tipoCambio }: Documento): void {
  if (!juicio.required('moneda', moneda, 'Diga la moneda, por ejemplo MXN.') || moneda === undefined) return;
  const isKnown = decimalesDe(moneda) !== undefined && moneda !== SIN_MONEDA;
  if (!juicio.catalogue('moneda', isKnown, 'c_Moneda') || !juicio.decimal('tipoCambio', tipoCambio)) return;
  if (moneda === 'MXN') {
    if (tipoCambio === undefined || new Exact(tipoCambio).eq(1)) return;
    juicio.add('tipoCambio', 'cfdi.range', 'Con moneda MXN el tipo de cambio es 1.', 'Quite tipoCambio.');
    return;
  }
  if (juicio.required('tipoCambio', tipoCambio, 'Diga cuántos pesos vale una unidad de la moneda.')) {
    juicio.positive('tipoCambio', tipoCambio ?? '');
  }
}

function judgeRelacionados(juicio: Juicio, { relacionados }: Documento, day: string): void {
  for (const [index, { tipoRelacion, uuids }] of (relacionados ?? []).entries()) {
    const path = `relacionados[${index}]`;
    juicio.catalogue(`${path}.tipoRelacion`, hasCode('tipos_relaciones', tipoRelacion, day), 'c_TipoRelacion');
    if (uuids.length === 0) {
      juicio.add(`${path}.uuids`, 'cfdi.required', `${path}.uuids está vacía.`, 'Escriba al menos un folio fiscal.');
    }
    for (const [at, uuid] of uuids.entries()) {
      juicio.pattern(`${path}.uuids[${at}]`, uuid, UUID, 'Copie el folio fiscal (UUID) completo, de 36 caracteres.');
    }
  }
}
