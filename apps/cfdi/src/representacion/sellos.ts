import type { Parte } from './parte.ts';
import { codigoQr } from './qr.ts';

/** Side of the QR code: 3.2 cm, above the least of 2.75 cm. */
const SIDE = 90.7;
/** White around it, in modules. */
const QUIET = 4;
const SMALL = 6;

/** QR code and seals, together on one page. */
export function sellos({ lienzo, r, e }: Parte): void {
  const texts: readonly (readonly [string, string])[] = [
    [e.sello, r.encabezado('Sello')],
    [e.selloSat, r.timbre('SelloSAT')],
    [e.cadena, r.cadenaDelTimbre],
  ];
  const { size, barras } = codigoQr(r.verificacion);
  const module = SIDE / size;
  const quiet = QUIET * module;
  const x = lienzo.left + SIDE + 2 * quiet;
  const width = lienzo.width - SIDE - 2 * quiet;
  // A seal of 4096 bits and the cadena that repeats it fit in this height.
  lienzo.need(Math.max(SIDE + 2 * quiet, 150));
  const top = lienzo.y;
  lienzo.bars(
    barras.map((bar) => ({
      x: lienzo.left + bar.x * module,
      y: top + quiet + bar.y * module,
      width: bar.width * module,
      height: module,
    })),
  );
  let y = top;
  for (const [label, text] of texts) {
    y += lienzo.text(label, { x, y, width, size: SMALL + 0.5, bold: true, color: lienzo.color }) + 1;
    y += lienzo.wrapped(text, { x, y, width: width - 4, size: SMALL, color: '#333333' }) + 4;
  }
  lienzo.y = Math.max(y, top + SIDE + 2 * quiet);
}
