import { hasCode } from './catalogos.ts';
import { Exact, fits, LINE_DECIMALS, round } from './decimales.ts';
import type { Concepto, Documento, Parte } from './documento.ts';
import type { Juicio } from './juicio.ts';
import { isCodigoPostal, judgeRfc } from './reglas-encabezado.ts';
import { isGeneric } from './rfc.ts';

type Tercero = NonNullable<Concepto['aCuentaTerceros']>;
type Pedimentos = Concepto['informacionAduanera'];

/** Year, customs office, patente and number of an import, two spaces between each (Anexo 20, InformacionAduanera). */
const PEDIMENTO = /^[0-9]{2} {2}[0-9]{2} {2}[0-9]{4} {2}[0-9]{7}$/;
const PREDIAL = /^[0-9a-zA-Z]{1,150}$/;

/** Judges what may hang on a line: a third party, pedimentos, property tax accounts, components. */
export function judgeAgregados(
  juicio: Juicio,
  documento: Documento,
  concepto: Concepto,
  path: string,
  day: string,
): void {
  const { aCuentaTerceros, informacionAduanera, cuentaPredial = [], partes = [] } = concepto;
  if (aCuentaTerceros !== undefined) {
    judgeTercero(juicio, documento, aCuentaTerceros, `${path}.aCuentaTerceros`, day);
  }
  judgePedimentos(juicio, informacionAduanera, path);
  for (const [index, { numero }] of cuentaPredial.entries()) {
    const where = `${path}.cuentaPredial[${index}].numero`;
    juicio.pattern(where, numero, PREDIAL, 'Escriba solo letras y dígitos, hasta 150, sin guiones ni espacios.');
  }
  for (const [index, parte] of partes.entries()) {
    if (juicio.isFull) return;
    judgeParte(juicio, parte, `${path}.partes[${index}]`);
  }
}

/** A third party is neither of the two who deal, and of a régimen that exists (matrix of errors: CFDI40188, 40191). */
function judgeTercero(juicio: Juicio, documento: Documento, tercero: Tercero, path: string, day: string): void {
  const { rfc, nombre, regimenFiscal, domicilioFiscal } = tercero;
  juicio.text(`${path}.nombre`, nombre, 300);
  if (!isCodigoPostal(domicilioFiscal)) {
    const message = 'El domicilio fiscal del tercero no es un código postal.';
    const remedy = 'Escriba los 5 dígitos que dice su constancia de situación fiscal.';
    juicio.add(`${path}.domicilioFiscal`, 'cfdi.pattern', message, remedy);
  }
  if (!judgeRfc(juicio, `${path}.rfc`, 'del tercero', rfc)) return;
  if (rfc === documento.emisor || rfc === documento.receptor.rfc || isGeneric(rfc)) {
    const message = isGeneric(rfc) ? 'El tercero tiene un RFC genérico.' : 'El tercero es el mismo emisor o receptor.';
    juicio.add(`${path}.rfc`, 'cfdi.forbidden', message, 'Escriba el RFC de un tercero, o quite aCuentaTerceros.');
  }
  const isKnown = hasCode('regimenes_fiscales', regimenFiscal, day);
  juicio.catalogue(`${path}.regimenFiscal`, isKnown, 'c_RegimenFiscal');
}

function judgePedimentos(juicio: Juicio, pedimentos: Pedimentos = [], path: string): void {
  for (const [index, { numeroPedimento }] of pedimentos.entries()) {
    const where = `${path}.informacionAduanera[${index}].numeroPedimento`;
    juicio.pattern(
      where,
      numeroPedimento,
      PEDIMENTO,
      'Separe sus cuatro partes con dos espacios: 15  48  3009  0001234.',
    );
  }
}

function judgeParte(juicio: Juicio, parte: Parte, path: string): void {
  juicio.pattern(`${path}.claveProdServ`, parte.claveProdServ, /^[0-9]{8}$/, 'Use los 8 dígitos de c_ClaveProdServ.');
  juicio.text(`${path}.noIdentificacion`, parte.noIdentificacion, 100);
  juicio.text(`${path}.unidad`, parte.unidad, 20);
  juicio.text(`${path}.descripcion`, parte.descripcion, 1000);
  judgePedimentos(juicio, parte.informacionAduanera, path);
  const { cantidad, valorUnitario } = parte;
  const canMultiply = [
    juicio.positive(`${path}.cantidad`, cantidad),
    valorUnitario === undefined || juicio.positive(`${path}.valorUnitario`, valorUnitario),
    juicio.decimal(`${path}.importe`, parte.importe),
  ].every(Boolean);
  if (!canMultiply || valorUnitario === undefined) return;
  if (fits(round(new Exact(cantidad).times(valorUnitario), LINE_DECIMALS))) return;
  const message = `El importe de ${path} pasa de 18 enteros.`;
  juicio.add(`${path}.valorUnitario`, 'cfdi.range', message, 'Revise cantidad y valor unitario.');
}
