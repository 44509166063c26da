import type { Parte } from './parte.ts';
import { miles, tasa } from './formato.ts';
import { nombre } from './tabla.ts';

const WIDTH = 220;
/** Height that QR code and seals take, at most. */
const SEALS = 165;

/** Sums on the right, the total in words on the left. */
export function totales({ lienzo, r, e }: Parte, enLetra: string): void {
  const currency = r.encabezado('Moneda');
  const lines: (readonly [string, string])[] = [[e.subtotal, r.encabezado('SubTotal')]];
  if (r.encabezado('Descuento') !== '') lines.push([e.descuento, `-${r.encabezado('Descuento')}`]);
  for (const one of r.impuestos) {
    const rate = tasa(one.tipoFactor, one.tasaOCuota);
    const label = `${nombre(one)} ${one.tipoFactor === 'Exento' ? e.exento : e[one.lado]} ${rate}`.trim();
    const sign = one.lado === 'retencion' ? '-' : '';
    lines.push([label, one.importe === '' ? `(${e.base.toLowerCase()} ${one.base})` : `${sign}${one.importe}`]);
  }
  const height = lines.length * 13 + 24;
  // The seals stay on the page of the sums.
  lienzo.need(height + SEALS);
  const top = lienzo.y;
  const x = lienzo.left + lienzo.width - WIDTH;
  let y = top;
  for (const [label, value] of lines) {
    lienzo.text(label, { x, y, width: WIDTH * 0.6, size: 8, color: lienzo.grey });
    lienzo.text(miles(value), { x, y, width: WIDTH - 3, size: 8, align: 'right' });
    y += 13;
  }
  lienzo.box(x, y, WIDTH, 18, lienzo.color);
  const strong = { y: y + 4, size: 10, bold: true, color: '#ffffff' };
  lienzo.text(`${e.total} ${currency}`, { ...strong, x: x + 6, width: WIDTH - 12 });
  lienzo.text(miles(r.encabezado('Total')), { ...strong, x: x + 6, width: WIDTH - 9, align: 'right' });
  const leftWidth = lienzo.width - WIDTH - 20;
  const words =
    top +
    lienzo.text(e.letra, { x: lienzo.left, y: top, width: leftWidth, size: 7, bold: true, color: lienzo.color }) +
    2;
  lienzo.text(enLetra, { x: lienzo.left, y: words, width: leftWidth, size: 8.5 });
  const wordsEnd = words + lienzo.heightOf(enLetra, { width: leftWidth, size: 8.5 });
  lienzo.y = Math.max(y + 18, wordsEnd) + 12;
}
