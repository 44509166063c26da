import { hasCode } from './catalogos.ts';
import { Exact } from './decimales.ts';
import type { Documento } from './documento.ts';
import type { Juicio } from './juicio.ts';
import { decimalesDe, SIN_MONEDA } from './monedas.ts';
import { isRfc } from './rfc.ts';
import { collapse } from './textos.ts';
import { monedaDe, nombreDe, tieneImporte } from './tipos.ts';
import { zonaDe, ZONAS } from './zonas.ts';

const CODIGO_POSTAL = /^[0-9]{5}$/;
const UUID = /^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$/;
const MOST_EXTERNAL_ID = 100;

/** Judges the head of a comprobante: who, where, when and how it is paid, what it refers to. */
export function judgeEncabezado(juicio: Juicio, documento: Documento, day: string): void {
  judgeExternalId(juicio, documento);
  judgeRfc(juicio, 'emisor', 'del emisor', documento.emisor);
  juicio.text('serie', documento.serie, 25);
  juicio.text('folio', documento.folio, 40);
  juicio.text('condicionesDePago', documento.condicionesDePago, 1000);
  juicio.pattern('confirmacion', documento.confirmacion, /^[0-9a-zA-Z]{5}$/, 'Son 5 letras o números que da el PAC.');
  judgeLugar(juicio, documento);
  juicio.pattern('facAtrAdquirente', documento.facAtrAdquirente, /^[0-9]{10}$/, 'Son los 10 dígitos que da el SAT.');
  if (tieneImporte(documento.tipo)) judgePago(juicio, documento, day);
  else judgeSinImporte(juicio, documento);
  judgeMoneda(juicio, documento);
  judgeExportacion(juicio, documento, day);
  judgeRelacionados(juicio, documento, day);
}

/** The name under which the caller finds the document again; it is kept to the letter, so nothing in it may collapse. */
function judgeExternalId(juicio: Juicio, { externalId }: Documento): void {
  if (!juicio.text('externalId', externalId, MOST_EXTERNAL_ID) || collapse(externalId) === externalId) return;
  const remedy = 'Quite los espacios del principio, del final y los repetidos.';
  juicio.add('externalId', 'cfdi.pattern', 'externalId lleva espacios de más.', remedy);
}

/** Judges the form of an RFC. @param whose as a sentence says it: `del receptor` */
export function judgeRfc(juicio: Juicio, path: string, whose: string, rfc: string): boolean {
  if (isRfc(rfc)) return true;
  const message = `El RFC ${whose} no tiene la forma que pide el SAT: 12 o 13 posiciones en mayúsculas.`;
  return juicio.add(
    path,
    'cfdi.pattern',
    message,
    'Cópielo de la constancia de situación fiscal, sin guiones ni espacios.',
  );
}

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

/** T and P charge nothing, so they say nothing of how it is paid (matrix of errors: CFDI40103, 40125). */
function judgeSinImporte(juicio: Juicio, documento: Documento): void {
  const what = `Un comprobante ${nombreDe(documento.tipo)}`;
  for (const field of ['formaPago', 'metodoPago', 'condicionesDePago'] as const) {
    juicio.absent(field, documento[field], `${what} no lleva ${field}.`);
  }
}

/** An export by key A1 has a complemento of its own, which the house does not make. */
function judgeExportacion(juicio: Juicio, { tipo, exportacion }: Documento, day: string): void {
  if (!juicio.catalogue('exportacion', hasCode('exportaciones', exportacion, day), 'c_Exportacion')) return;
  if (tipo === 'P' && exportacion !== '01') {
    juicio.add(
      'exportacion',
      'cfdi.forbidden',
      'Un comprobante de pago no ampara exportaciones.',
      'Use 01 (no aplica).',
    );
  } else if (exportacion === '02') {
    const message = 'La exportación con clave A1 pide el complemento de comercio exterior, que aún no se admite.';
    juicio.add('exportacion', 'cfdi.unsupported', message, 'Timbre ese comprobante por otro medio.');
  }
}

function judgeMoneda(juicio: Juicio, documento: Documento): void {
  const { tipo, tipoCambio } = documento;
  const moneda = monedaDe(documento);
  if (!juicio.required('moneda', moneda, 'Diga la moneda, por ejemplo MXN.') || moneda === undefined) return;
  if (tipo === 'P' && moneda !== SIN_MONEDA) {
    const message = 'La moneda de un comprobante de pago es XXX; la del pago va en monedaP.';
    juicio.add('moneda', 'cfdi.forbidden', message, 'Quite moneda.');
    return;
  }
  if (moneda === SIN_MONEDA && tieneImporte(tipo)) {
    const message = `Un comprobante ${nombreDe(tipo)} lleva moneda; XXX es de los de traslado y de pago.`;
    juicio.add('moneda', 'cfdi.forbidden', message, 'Diga la moneda, por ejemplo MXN.');
    return;
  }
  const isKnown = decimalesDe(moneda) !== undefined;
  if (!juicio.catalogue('moneda', isKnown, 'c_Moneda') || !juicio.decimal('tipoCambio', tipoCambio)) return;
  if (moneda === SIN_MONEDA) {
    juicio.absent('tipoCambio', tipoCambio, 'Sin moneda (XXX) no hay tipo de cambio.');
    return;
  }
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
