import { decimalesDe, letra } from '@nexora/comprobante';
import { nombreDeImpuesto } from './conceptos.ts';
import { menos, miles } from './formato.ts';
import type { Franja, Parrafo } from './lienzo.ts';
import type { Parte } from './parte.ts';

const WIDTH = 260;
const GUTTER = 20;
const LINE = 12.5;
/** More for a base that has no room beside its tax. */
const SECOND_LINE = 8;
const BAR = 19;
const PAD = 6;
const ABOVE = 4;
const BELOW = 12;
const NO_CURRENCY = 'XXX';
/** The sums of payments are in pesos, whatever the currency of each payment. */
const CURRENCY_OF_PAYMENTS = 'MXN';

/** One line of the sums. */
interface Suma {
  readonly label: string;
  readonly note?: string;
  readonly amount: string;
}

/** The figure at the end. */
interface Final {
  readonly label: string;
  readonly amount: string;
  /** '' where the amount has no currency, and so no words. */
  readonly words: string;
}

/** The sums: their height in points, and how they are drawn from the pen downwards. */
export interface Totales {
  readonly height: number;
  readonly draw: () => void;
}

/** Measures the sums, which stand on the right, and the total in words on the left. */
export function totales(parte: Parte): Totales {
  const { lienzo } = parte;
  const final = finalOf(parte);
  const width = lienzo.width - WIDTH - GUTTER;
  const words = lienzo.parrafo(final.words, { width, size: 8.5 });
  const lines = [...sumas(parte).map((sum) => suma(parte, sum)), barra(parte, final)];
  const sums = lines.reduce((all, one) => all + one.height, 0);
  const height = ABOVE + Math.max(sums, words.height + LINE) + BELOW;
  const draw = (): void => {
    const bottom = lienzo.y + height;
    lienzo.y += ABOVE;
    if (final.words !== '') enLetra(parte, words);
    lienzo.flow(lines);
    if (lienzo.fits(height)) lienzo.y = bottom;
    else lienzo.y += BELOW;
  };
  return { height, draw };
}

function enLetra({ lienzo, e }: Parte, words: Parrafo): void {
  const { left: x, y } = lienzo;
  const title = { x, y, width: words.width, size: 7, bold: true, color: lienzo.colorOfText };
  lienzo.pinta(words, x, y + lienzo.text(e.letra, title) + 1.5);
}

/** Tax, base and amount side by side; the base on a second line where long figures leave no room. */
function suma({ lienzo }: Parte, { label, note = '', amount }: Suma): Franja {
  const x = lienzo.left + lienzo.width - WIDTH + PAD;
  const width = WIDTH - 2 * PAD;
  const figure = lienzo.widthOf(amount, 8);
  const free = width - figure - 10 - lienzo.widthOf(note, 7) - (note === '' ? 0 : 10);
  const isTall = lienzo.widthOf(label, 8) > free;
  const name = lienzo.oneLine(label, { width: isTall ? width - figure - 10 : free, size: 8, color: lienzo.grey }, 5);
  const small = { size: 7, color: lienzo.grey };
  return {
    height: isTall && note !== '' ? LINE + SECOND_LINE : LINE,
    draw: (y) => {
      lienzo.pinta(name, x, y);
      lienzo.text(amount, { x, y, width, size: 8, align: 'right' });
      if (isTall) lienzo.text(note, { ...small, x, y: y + LINE - 2, width });
      else lienzo.text(note, { ...small, x, y: y + 0.6, width: width - Math.max(figure + 10, 66), align: 'right' });
    },
  };
}

function barra({ lienzo }: Parte, { label, amount }: Final): Franja {
  const left = lienzo.left + lienzo.width - WIDTH;
  const [x, width] = [left + PAD, WIDTH - 2 * PAD];
  const strong = { size: 10, bold: true, color: lienzo.onColor };
  const room = width - lienzo.widthOf(label, strong.size, true) - 10;
  const figure = lienzo.oneLine(amount, { ...strong, width: room, align: 'right' }, 5);
  return {
    height: BAR,
    draw: (y) => {
      lienzo.box(left, y, WIDTH, BAR, lienzo.color);
      lienzo.text(label, { ...strong, x, y: y + 3.4, width });
      lienzo.pinta(figure, x + width - room, y + (BAR - figure.leading) / 2);
    },
  };
}

function finalOf({ r, e }: Parte): Final {
  if (r.pagos !== null) {
    const amount = r.pagos.totales('MontoTotalPagos');
    return {
      label: `${e.montoDePagos} ${CURRENCY_OF_PAYMENTS}`,
      amount: miles(amount),
      words: letra(amount, CURRENCY_OF_PAYMENTS),
    };
  }
  const [amount, currency] = [r.encabezado('Total'), r.encabezado('Moneda')];
  // A currency that the catalogue got after this was written has no decimals here, and so no words.
  const hasWords = currency !== NO_CURRENCY && decimalesDe(currency) !== undefined;
  const words = hasWords ? letra(amount, currency) : '';
  return { label: currency === NO_CURRENCY ? e.total : `${e.total} ${currency}`, amount: miles(amount), words };
}

function sumas(parte: Parte): Suma[] {
  const { r, e } = parte;
  if (r.pagos !== null) {
    const { totales: value } = r.pagos;
    return Object.entries(e.totalesDePagos).flatMap(([name, label]) =>
      value(name) === '' ? [] : [{ label, amount: miles(value(name)) }],
    );
  }
  const discount = r.encabezado('Descuento');
  return [
    { label: e.subtotal, amount: miles(r.encabezado('SubTotal')) },
    ...(discount === '' ? [] : [{ label: e.descuento, amount: menos(discount) }]),
    ...r.impuestos.map((one) => ({
      label: nombreDeImpuesto(parte, one),
      note: one.base === '' ? '' : `${e.base} ${miles(one.base)}`,
      amount: one.lado === 'retencion' ? menos(one.importe) : miles(one.importe),
    })),
    ...totalesDeImpuestos(parte),
  ];
}

/** The sums of several taxes; of one tax they would only repeat it. */
function totalesDeImpuestos({ r, e }: Parte): Suma[] {
  const sides = [
    ['traslado', 'TotalImpuestosTrasladados', e.totalTrasladados, miles],
    ['retencion', 'TotalImpuestosRetenidos', e.totalRetenidos, menos],
  ] as const;
  return sides.flatMap(([side, name, label, written]) => {
    const amount = r.totalesDeImpuestos(name);
    const several = r.impuestos.filter(({ lado }) => lado === side).length > 1;
    return several && amount !== '' ? [{ label, amount: written(amount) }] : [];
  });
}
