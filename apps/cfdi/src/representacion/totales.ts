import type { Parte } from './parte.ts';
import { miles, tasa } from './formato.ts';
import { nombre } from './tabla.ts';

const WIDTH = 220;
const LINE = 13;
const BAR = 18;
const BELOW = 12;

/** Sums on the right, the total in words on the left; `follows` is the height of what stays on the page of the sums. */
export function totales({ lienzo, r, e }: Parte, enLetra: string, follows: number): void {
  const currency = r.encabezado('Moneda');
  const lines: (readonly [string, string])[] = [[e.subtotal, r.encabezado('SubTotal')]];
  if (r.encabezado('Descuento') !== '') lines.push([e.descuento, `-${r.encabezado('Descuento')}`]);
  for (const one of r.impuestos) {
    const rate = tasa(one.tipoFactor, one.tasaOCuota);
    const label = `${nombre(one)} ${one.tipoFactor === 'Exento' ? e.exento : e[one.lado]} ${rate}`.trim();
    const sign = one.lado === 'retencion' ? '-' : '';
    lines.push([label, one.importe === '' ? `(${e.base.toLowerCase()} ${one.base})` : `${sign}${one.importe}`]);
  }
  const leftWidth = lienzo.width - WIDTH - 20;
  const title = { width: leftWidth, size: 7, bold: true };
  const words = { width: leftWidth, size: 8.5 };
  const titleHeight = lienzo.heightOf(e.letra, title) + 2;
  const height = Math.max(lines.length * LINE + BAR, titleHeight + lienzo.heightOf(enLetra, words)) + BELOW;
  lienzo.need(height + follows);
  const top = lienzo.y;
  const x = lienzo.left + lienzo.width - WIDTH;
  let y = top;
  for (const [label, value] of lines) {
    lienzo.text(label, { x, y, width: WIDTH * 0.6, size: 8, color: lienzo.grey });
    lienzo.text(miles(value), { x, y, width: WIDTH - 3, size: 8, align: 'right' });
    y += LINE;
  }
  lienzo.box(x, y, WIDTH, BAR, lienzo.color);
  const strong = { y: y + 4, size: 10, bold: true, color: '#ffffff' };
  lienzo.text(`${e.total} ${currency}`, { ...strong, x: x + 6, width: WIDTH - 12 });
  lienzo.text(miles(r.encabezado('Total')), { ...strong, x: x + 6, width: WIDTH - 9, align: 'right' });
  lienzo.text(e.letra, { ...title, x: lienzo.left, y: top, color: lienzo.color });
  lienzo.text(enLetra, { ...words, x: lienzo.left, y: top + titleHeight });
  lienzo.y = top + height;
}
