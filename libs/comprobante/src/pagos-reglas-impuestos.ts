import { hasCode, IMPUESTOS, tasaFits } from './catalogos.ts';
import { Exact, isDecimal, LINE_DECIMALS } from './decimales.ts';
import type { Juicio } from './juicio.ts';
import type { DoctoRelacionado, ImpuestoDr } from './pagos.schema.ts';

const ISR = '001';
const IVA = '002';
const IEPS = '003';
/** Paid documents that tell their taxes one by one (c_ObjetoImp). */
const DESGLOSA = '02';
/** Those that must not tell any (matrix of errors: CRP20247). */
const SIN_IMPUESTOS: ReadonlySet<string> = new Set(['01', '03', '04', '05']);
/** Those that have ISR withheld at most (CRP20278). */
const SOLO_ISR: ReadonlySet<string> = new Set(['06', '08']);
/** Those that pass IEPS on, and no IVA (CRP20279). */
const SOLO_IEPS = '07';

const SIDES = ['trasladosDR', 'retencionesDR'] as const;
type Side = (typeof SIDES)[number];

/** Judges the taxes of one paid document. */
export function judgeImpuestosDr(juicio: Juicio, docto: DoctoRelacionado, path: string, day: string): void {
  const where = `${path}.objetoImpDR`;
  if (juicio.catalogue(where, hasCode('objetos_impuestos', docto.objetoImpDR, day), 'c_ObjetoImp')) {
    judgeObjeto(juicio, docto, `${path}.impuestosDR`);
  }
  for (const side of SIDES) {
    for (const [index, impuesto] of (docto.impuestosDR?.[side] ?? []).entries()) {
      if (juicio.isFull) return;
      judgeImpuesto({ juicio, side, path: `${path}.impuestosDR.${side}[${index}]`, day }, impuesto);
    }
  }
}

function judgeObjeto(juicio: Juicio, { objetoImpDR, impuestosDR }: DoctoRelacionado, path: string): void {
  const { trasladosDR = [], retencionesDR = [] } = impuestosDR ?? {};
  const count = trasladosDR.length + retencionesDR.length;
  if (objetoImpDR === DESGLOSA && count === 0) {
    const remedy = 'Agregue los impuestos de lo pagado, o cambie objetoImpDR.';
    juicio.add(path, 'cfdi.required', 'objetoImpDR 02 pide al menos un impuesto.', remedy);
  }
  if (SIN_IMPUESTOS.has(objetoImpDR) && count > 0) {
    const message = `objetoImpDR ${objetoImpDR} no admite impuestos desglosados.`;
    juicio.add(path, 'cfdi.forbidden', message, 'Quite los impuestos, o use objetoImpDR 02.');
  }
  const isSoloIsr = trasladosDR.length === 0 && retencionesDR.every(({ impuestoDR }) => impuestoDR === ISR);
  if (SOLO_ISR.has(objetoImpDR) && !isSoloIsr) {
    const message = `objetoImpDR ${objetoImpDR} no admite traslados, y de retenciones solo la de ISR (001).`;
    juicio.add(path, 'cfdi.forbidden', message, 'Quite los demás impuestos, o use objetoImpDR 02.');
  }
  if (objetoImpDR === SOLO_IEPS) judgeSoloIeps(juicio, trasladosDR, retencionesDR, path);
}

function judgeSoloIeps(
  juicio: Juicio,
  traslados: readonly ImpuestoDr[],
  retenciones: readonly ImpuestoDr[],
  path: string,
): void {
  if (!traslados.some(({ impuestoDR }) => impuestoDR === IEPS)) {
    const message = 'objetoImpDR 07 pide el traslado de IEPS (003).';
    juicio.add(path, 'cfdi.required', message, 'Agregue el traslado de IEPS, o use objetoImpDR 06.');
  }
  if ([...traslados, ...retenciones].every(({ impuestoDR }) => impuestoDR !== IVA)) return;
  juicio.add(path, 'cfdi.forbidden', 'objetoImpDR 07 no admite IVA.', 'Quite el IVA, o use objetoImpDR 02.');
}

interface ImpuestoJudge {
  readonly juicio: Juicio;
  readonly side: Side;
  readonly path: string;
  readonly day: string;
}

function judgeImpuesto(judge: ImpuestoJudge, asked: ImpuestoDr): void {
  const { juicio, side, path, day } = judge;
  const { baseDR, impuestoDR, tipoFactorDR, importeDR } = asked;
  const isKnown = Object.hasOwn(IMPUESTOS, impuestoDR) && !(side === 'trasladosDR' && impuestoDR === ISR);
  juicio.catalogue(`${path}.impuestoDR`, isKnown, 'c_Impuesto');
  const isFactor = hasCode('tipos_factores', tipoFactorDR, day);
  if (juicio.catalogue(`${path}.tipoFactorDR`, isFactor, 'c_TipoFactor') && isKnown) judgeTasa(judge, asked);
  juicio.positive(`${path}.baseDR`, baseDR);
  juicio.decimal(`${path}.importeDR`, importeDR);
}

function judgeTasa({ juicio, side, path, day }: ImpuestoJudge, asked: ImpuestoDr): void {
  const { impuestoDR, tipoFactorDR, tasaOCuotaDR } = asked;
  const where = `${path}.tasaOCuotaDR`;
  if (tipoFactorDR === 'Exento') {
    if (side === 'retencionesDR') {
      juicio.add(`${path}.tipoFactorDR`, 'cfdi.forbidden', 'Una retención no puede ser exenta.', 'Use Tasa o Cuota.');
    }
    juicio.absent(where, tasaOCuotaDR, 'Un impuesto exento no lleva tasa.', 'Quite tasaOCuotaDR.');
    return;
  }
  if (!juicio.required(where, tasaOCuotaDR, 'Escriba la tasa con seis decimales, p. ej. 0.160000.')) return;
  if (!juicio.decimal(where, tasaOCuotaDR) || tasaOCuotaDR === undefined) return;
  const valor = new Exact(tasaOCuotaDR).toFixed(LINE_DECIMALS);
  const onSide = side === 'trasladosDR' ? 'traslado' : 'retencion';
  juicio.catalogue(where, isDecimal(valor) && tasaFits(onSide, impuestoDR, tipoFactorDR, valor, day), 'c_TasaOCuota');
}
