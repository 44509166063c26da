import { codigoQr } from './qr.ts';
import type { Parte } from './parte.ts';

/** Side of the QR code in points: 3.2 cm, above the least of 2.75 cm. */
const SIDE = 90.7;
/** White around it, in modules (ISO/IEC 18004). */
const QUIET = 4;
const SMALL = 6;
const GAP = 4;

/** QR code and seals: their height in points, and how they are drawn from the pen downwards. */
export interface Sellos {
  readonly height: number;
  readonly draw: () => void;
}

/** Measures QR code and seals, which stay together on one page. */
export function sellos({ lienzo, r, e }: Parte): Sellos {
  const { size, barras } = codigoQr(r.verificacion);
  const module = SIDE / size;
  const side = SIDE + QUIET * module + 8;
  const width = lienzo.width - side;
  const blocks = (
    [
      [e.sello, r.encabezado('Sello')],
      [e.selloSat, r.timbre('SelloSAT')],
      [e.cadena, r.cadenaDelTimbre],
    ] as const
  ).map(([label, text]) => [
    lienzo.parrafo(label, { width, size: SMALL + 0.5, bold: true, color: lienzo.colorOfText }),
    lienzo.parrafo(text, { width, size: SMALL, hasNoWords: true }),
  ]);
  const texts = blocks.flat().reduce((sum, one) => sum + one.height, 0) + (blocks.length - 1) * GAP;
  const height = Math.max(SIDE + QUIET * module, texts);
  const draw = (): void => {
    lienzo.need(height);
    const { left, y: top } = lienzo;
    lienzo.bars(
      barras.map((bar) => ({
        x: left + bar.x * module,
        y: top + bar.y * module,
        width: bar.width * module,
        height: module,
      })),
    );
    let y = top;
    for (const block of blocks) {
      for (const one of block) y += lienzo.pinta(one, left + side, y);
      y += GAP;
    }
    lienzo.y = top + height;
  };
  return { height, draw };
}
