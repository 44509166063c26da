import type { Parte } from './parte.ts';
import { codigoQr } from './qr.ts';

/** Side of the QR code: 3.2 cm, above the least of 2.75 cm. */
const SIDE = 90.7;
/** White around it, in modules. */
const QUIET = 4;
const SMALL = 6;
/** Below each heading 1 point, below each text the rest. */
const GAP = 5;

/** QR code and seals: their height in points, and how they are drawn from the pen downwards. */
export interface Sellos {
  readonly height: number;
  readonly draw: () => void;
}

/** Measures QR code and seals, which stay together on one page. */
export function sellos({ lienzo, r, e }: Parte): Sellos {
  const texts: readonly (readonly [string, string])[] = [
    [e.sello, r.encabezado('Sello')],
    [e.selloSat, r.timbre('SelloSAT')],
    [e.cadena, r.cadenaDelTimbre],
  ];
  const { size, barras } = codigoQr(r.verificacion);
  const module = SIDE / size;
  const side = SIDE + 2 * QUIET * module;
  const head = { width: lienzo.width - side, size: SMALL + 0.5, bold: true };
  const body = { width: head.width - 4, size: SMALL };
  const heights = texts.map(([label, text]) => lienzo.heightOf(label, head) + lienzo.heightOfWrapped(text, body) + GAP);
  const height = Math.max(
    side,
    heights.reduce((sum, one) => sum + one, 0),
  );
  return {
    height,
    draw: () => {
      lienzo.need(height);
      const { left, y: top } = lienzo;
      const x = left + side;
      lienzo.bars(
        barras.map((bar) => ({
          x: left + bar.x * module,
          y: top + (bar.y + QUIET) * module,
          width: bar.width * module,
          height: module,
        })),
      );
      let y = top;
      for (const [label, text] of texts) {
        y += lienzo.text(label, { ...head, x, y, color: lienzo.color }) + 1;
        y += lienzo.wrapped(text, { ...body, x, y, color: '#333333' }) + GAP - 1;
      }
      lienzo.y = top + height;
    },
  };
}
