import { hasCode, IMPUESTOS, tasaFits } from './catalogos.ts';
import { Exact, fits, isDecimal, LINE_DECIMALS, round } from './decimales.ts';
import type { Concepto, Documento, ImpuestoPedido } from './documento.ts';
import type { Juicio } from './juicio.ts';

/** Lines that carry taxes one by one (c_ObjetoImp). */
const DESGLOSA = '02';
/** Lines that must not carry any. */
const SIN_IMPUESTOS: ReadonlySet<string> = new Set(['01', '03', '04']);
/** Lines that pass no IVA on. */
const SIN_IVA: ReadonlySet<string> = new Set(['06', '07', '08']);
const IVA = '002';
const IEPS = '003';

/** Judges every line: codes, texts, figures, taxes. */
export function judgeConceptos(juicio: Juicio, { conceptos }: Documento, day: string): void {
  if (conceptos === undefined || conceptos.length === 0) {
    juicio.add('conceptos', 'cfdi.required', 'El comprobante no tiene conceptos.', 'Agregue al menos un concepto.');
    return;
  }
  for (const [index, concepto] of conceptos.entries()) judgeConcepto(juicio, concepto, `conceptos[${index}]`, day);
}

function judgeConcepto(juicio: Juicio, concepto: Concepto, path: string, day: string): void {
  const { claveProdServ, claveUnidad, objetoImp } = concepto;
  juicio.pattern(`${path}.claveProdServ`, claveProdServ, /^[0-9]{8}$/, 'Use los 8 dígitos de c_ClaveProdServ.');
  juicio.pattern(`${path}.claveUnidad`, claveUnidad, /^[A-Z0-9]{2,3}$/, 'Use una clave de c_ClaveUnidad, p. ej. H87.');
  juicio.text(`${path}.noIdentificacion`, concepto.noIdentificacion, 100);
  juicio.text(`${path}.unidad`, concepto.unidad, 20);
  juicio.text(`${path}.descripcion`, concepto.descripcion, 1000);
  const canCompute = judgeFigures(juicio, concepto, path);
  if (!juicio.catalogue(`${path}.objetoImp`, hasCode('objetos_impuestos', objetoImp, day), 'c_ObjetoImp')) return;
  judgeObjeto(juicio, concepto, path);
  const base = canCompute ? baseOf(concepto) : undefined;
  for (const side of ['traslados', 'retenciones'] as const) {
    for (const [index, impuesto] of (concepto.impuestos?.[side] ?? []).entries()) {
      const judge: ImpuestoJudge = { juicio, side, path: `${path}.impuestos.${side}[${index}]`, day };
      judgeImpuesto(judge, impuesto, base);
    }
  }
}

function judgeFigures(juicio: Juicio, concepto: Concepto, path: string): boolean {
  const { cantidad, valorUnitario, descuento } = concepto;
  const canMultiply = [
    juicio.positive(`${path}.cantidad`, cantidad),
    juicio.positive(`${path}.valorUnitario`, valorUnitario),
    juicio.decimal(`${path}.descuento`, descuento),
    juicio.decimal(`${path}.importe`, concepto.importe),
  ].every(Boolean);
  if (!canMultiply) return false;
  const importe = round(new Exact(cantidad).times(valorUnitario), LINE_DECIMALS);
  if (!fits(importe)) {
    const message = `El importe de ${path} pasa de 18 enteros.`;
    return juicio.add(`${path}.valorUnitario`, 'cfdi.range', message, 'Revise cantidad y valor unitario.');
  }
  if (importe.gte(descuento ?? 0)) return true;
  const message = `El descuento (${descuento ?? ''}) es mayor que el importe (${importe.toFixed()}).`;
  return juicio.add(`${path}.descuento`, 'cfdi.range', message, 'Baje el descuento o revise la cantidad y el precio.');
}

function baseOf({ cantidad, valorUnitario, descuento }: Concepto): Exact {
  return round(new Exact(cantidad).times(valorUnitario), LINE_DECIMALS).minus(descuento ?? 0);
}

/** Whether the line carries the taxes that its ObjetoImp says (Anexo 20, Concepto). */
function judgeObjeto(juicio: Juicio, { objetoImp, impuestos }: Concepto, path: string): void {
  const traslados = impuestos?.traslados ?? [];
  const retenciones = impuestos?.retenciones ?? [];
  const count = traslados.length + retenciones.length;
  const where = `${path}.impuestos`;
  if (objetoImp === DESGLOSA && count === 0) {
    const remedy = 'Agregue el traslado o la retención, o cambie objetoImp.';
    juicio.add(where, 'cfdi.required', 'objetoImp 02 pide al menos un impuesto.', remedy);
  }
  if (SIN_IMPUESTOS.has(objetoImp) && count > 0) {
    const message = `objetoImp ${objetoImp} no admite impuestos desglosados.`;
    juicio.add(where, 'cfdi.forbidden', message, 'Quite los impuestos, o use objetoImp 02.');
  }
  if (SIN_IVA.has(objetoImp) && traslados.some(({ impuesto }) => impuesto === IVA)) {
    const message = `objetoImp ${objetoImp} no admite traslado de IVA.`;
    juicio.add(where, 'cfdi.forbidden', message, 'Quite el IVA trasladado, o use objetoImp 02.');
  }
  if (objetoImp === '08' && traslados.some(({ impuesto }) => impuesto === IEPS)) {
    const message = 'objetoImp 08 no admite desglose de IEPS.';
    juicio.add(where, 'cfdi.forbidden', message, 'Quite el IEPS, o use objetoImp 07.');
  }
}

interface ImpuestoJudge {
  readonly juicio: Juicio;
  readonly side: 'traslados' | 'retenciones';
  readonly path: string;
  readonly day: string;
}

function judgeImpuesto(judge: ImpuestoJudge, asked: ImpuestoPedido, computed: Exact | undefined): void {
  const { juicio, path, side, day } = judge;
  const { impuesto, tipoFactor, base, importe } = asked;
  const isKnown = Object.hasOwn(IMPUESTOS, impuesto) && !(side === 'traslados' && impuesto === '001');
  juicio.catalogue(`${path}.impuesto`, isKnown, 'c_Impuesto');
  const hasFactor = juicio.catalogue(`${path}.tipoFactor`, hasCode('tipos_factores', tipoFactor, day), 'c_TipoFactor');
  if (isKnown && hasFactor) judgeTasa(judge, asked);
  const canRead = [juicio.decimal(`${path}.base`, base), juicio.decimal(`${path}.importe`, importe)].every(Boolean);
  if (!canRead || computed === undefined) return;
  const used = tipoFactor === 'Cuota' && base !== undefined ? new Exact(base) : computed;
  if (used.gt(0)) return;
  const remedy = 'Quite los impuestos y use objetoImp 01 o 04, o baje el descuento.';
  juicio.add(`${path}.base`, 'cfdi.range', 'La base del impuesto queda en cero.', remedy);
}

function judgeTasa(
  { juicio, path, side, day }: ImpuestoJudge,
  { impuesto, tipoFactor, tasaOCuota }: ImpuestoPedido,
): void {
  const where = `${path}.tasaOCuota`;
  if (tipoFactor === 'Exento') {
    if (side === 'retenciones') {
      juicio.add(`${path}.tipoFactor`, 'cfdi.forbidden', 'Una retención no puede ser exenta.', 'Use Tasa o Cuota.');
    }
    if (tasaOCuota === undefined) return;
    juicio.add(where, 'cfdi.forbidden', 'Un impuesto exento no lleva tasa.', 'Quite tasaOCuota.');
    return;
  }
  if (!juicio.required(where, tasaOCuota, 'Escriba la tasa con seis decimales, p. ej. 0.160000.')) return;
  if (!juicio.decimal(where, tasaOCuota) || tasaOCuota === undefined) return;
  const valor = new Exact(tasaOCuota).toFixed(LINE_DECIMALS);
  const onSide = side === 'traslados' ? 'traslado' : 'retencion';
  juicio.catalogue(where, isDecimal(valor) && tasaFits(onSide, impuesto, tipoFactor, valor, day), 'c_TasaOCuota');
}
