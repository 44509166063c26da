import { hasCode, IMPUESTOS, tasaFits } from './catalogos.ts';
import { Exact, isDecimal, LINE_DECIMALS } from './decimales.ts';
import type { Concepto, ImpuestoPedido } from './documento.ts';
import type { Juicio } from './juicio.ts';

/** Lines that carry taxes one by one (c_ObjetoImp). */
const DESGLOSA = '02';
/** Lines that must not carry any (matrix of errors: CFDI40172). */
const SIN_IMPUESTOS: ReadonlySet<string> = new Set(['01', '03', '04', '05']);
/** Lines that pass nothing on and may have ISR withheld (matrix of errors of December 2024). */
const SOLO_ISR: ReadonlySet<string> = new Set(['06', '08']);
/** Lines that pass IEPS on, and no IVA. */
const SOLO_IEPS = '07';
const ISR = '001';
const IVA = '002';
const IEPS = '003';

/**
 * Judges the taxes of one line.
 * @param base what is taxed, where it could be computed
 */
export function judgeImpuestos(
  juicio: Juicio,
  concepto: Concepto,
  path: string,
  day: string,
  base: Exact | undefined,
): void {
  const { objetoImp, impuestos } = concepto;
  if (!juicio.catalogue(`${path}.objetoImp`, hasCode('objetos_impuestos', objetoImp, day), 'c_ObjetoImp')) return;
  judgeObjeto(juicio, concepto, path);
  for (const side of ['traslados', 'retenciones'] as const) {
    for (const [index, impuesto] of (impuestos?.[side] ?? []).entries()) {
      if (juicio.isFull) return;
      const judge: ImpuestoJudge = { juicio, side, path: `${path}.impuestos.${side}[${index}]`, day };
      judgeImpuesto(judge, impuesto, base);
    }
  }
}

/** Judges the taxes of a line of a tipo T: there are none (matrix of errors: CFDI40201). */
export function judgeSinImpuestos(juicio: Juicio, { objetoImp, impuestos }: Concepto, path: string, day: string): void {
  const isKnown = hasCode('objetos_impuestos', objetoImp, day);
  if (!juicio.catalogue(`${path}.objetoImp`, isKnown, 'c_ObjetoImp')) return;
  if (countOf(impuestos) > 0) {
    const message = 'Un comprobante de traslado no lleva impuestos.';
    juicio.add(`${path}.impuestos`, 'cfdi.forbidden', message, 'Quite los impuestos y use objetoImp 01.');
  } else if (objetoImp === DESGLOSA || objetoImp === SOLO_IEPS) {
    const message = `objetoImp ${objetoImp} pide impuestos, y un comprobante de traslado no los lleva.`;
    juicio.add(`${path}.objetoImp`, 'cfdi.forbidden', message, 'Use objetoImp 01.');
  }
}

function countOf(impuestos: Concepto['impuestos']): number {
  return (impuestos?.traslados?.length ?? 0) + (impuestos?.retenciones?.length ?? 0);
}

/** Whether the line carries the taxes that its ObjetoImp says (Anexo 20, Concepto). */
function judgeObjeto(juicio: Juicio, { objetoImp, impuestos }: Concepto, path: string): void {
  const where = `${path}.impuestos`;
  const count = countOf(impuestos);
  if (objetoImp === DESGLOSA && count === 0) {
    const remedy = 'Agregue el traslado o la retención, o cambie objetoImp.';
    juicio.add(where, 'cfdi.required', 'objetoImp 02 pide al menos un impuesto.', remedy);
  }
  if (SIN_IMPUESTOS.has(objetoImp) && count > 0) {
    const message = `objetoImp ${objetoImp} no admite impuestos desglosados.`;
    juicio.add(where, 'cfdi.forbidden', message, 'Quite los impuestos, o use objetoImp 02.');
  }
  if (SOLO_ISR.has(objetoImp) && count > 0) judgeSoloIsr(juicio, objetoImp, impuestos, where);
  if (objetoImp === SOLO_IEPS) judgeSoloIeps(juicio, impuestos, where);
}

function judgeSoloIsr(juicio: Juicio, objetoImp: string, impuestos: Concepto['impuestos'], where: string): void {
  const isOnlyIsr =
    (impuestos?.traslados ?? []).length === 0 &&
    (impuestos?.retenciones ?? []).every(({ impuesto }) => impuesto === ISR);
  if (isOnlyIsr) return;
  const message = `objetoImp ${objetoImp} no admite traslados, y de retenciones solo la de ISR (001).`;
  juicio.add(where, 'cfdi.forbidden', message, 'Quite los demás impuestos, o use objetoImp 02.');
}

function judgeSoloIeps(juicio: Juicio, impuestos: Concepto['impuestos'], where: string): void {
  const { traslados = [], retenciones = [] } = impuestos ?? {};
  if (!traslados.some(({ impuesto }) => impuesto === IEPS)) {
    const message = 'objetoImp 07 pide el traslado de IEPS (003).';
    juicio.add(where, 'cfdi.required', message, 'Agregue el traslado de IEPS, o use objetoImp 06.');
  }
  if ([...traslados, ...retenciones].every(({ impuesto }) => impuesto !== IVA)) return;
  juicio.add(where, 'cfdi.forbidden', 'objetoImp 07 no admite IVA.', 'Quite el IVA, o use objetoImp 02.');
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
