import type { Franja, Lienzo, Parrafo } from './lienzo.ts';

/** A column of a table. */
export interface Columna<Fila> {
  readonly title: string;
  readonly value: (fila: Fila) => string;
  /** Takes what its widest figure needs, at least this; `rest` takes what the others leave. */
  readonly width: number | 'rest';
  /** Figures stand on the right and are never broken: a long one is set smaller. */
  readonly isFigure?: boolean;
  /** Something more, small, below the value. */
  readonly below?: (fila: Fila) => string;
}

interface Puesta<Fila> extends Columna<Fila> {
  readonly x: number;
  readonly inner: number;
  /** Size at which a figure fits. */
  readonly sizeOf: (text: string) => number;
}

/** A table whose columns are laid out for its rows. */
export interface Tabla<Fila> {
  /** Draws the heading and moves the pen below it. */
  readonly head: () => void;
  /** A row as slices; `notes` stand below the value of the column `rest`. */
  readonly row: (fila: Fila, notes: readonly string[]) => Franja[];
}

const GAP = 8;
const SIZE = 8;
const SMALL = 6.5;
const PAD = 2.5;
/** Height of the heading. */
export const HEAD = 16;
/** What keeps rounding from breaking a figure. */
const SLACK = 0.02;
/** No figure takes more than this, unless it is the only way. */
const WIDEST = 84;

/** Lays the columns out over the width of the page. */
export function tabla<Fila>(lienzo: Lienzo, columns: readonly Columna<Fila>[], filas: readonly Fila[]): Tabla<Fila> {
  const placed = puestas(lienzo, columns, filas);
  return { head: () => head(lienzo, placed), row: (fila, notes) => row(lienzo, placed, fila, notes) };
}

function puestas<Fila>(lienzo: Lienzo, columns: readonly Columna<Fila>[], filas: readonly Fila[]): Puesta<Fila>[] {
  const natural = columns.map((one) => naturalWidth(lienzo, one, filas));
  const widths = columns.map(({ width }, index) =>
    width === 'rest' ? 0 : Math.max(width, Math.min((natural[index] ?? 0) + GAP, WIDEST)),
  );
  const rest = lienzo.width - widths.reduce((sum, one) => sum + one, 0);
  let x = lienzo.left;
  return columns.map((column, index) => {
    const width = column.width === 'rest' ? rest : (widths[index] ?? 0);
    const inner = width - GAP;
    const sizeOf = (text: string): number =>
      column.isFigure === true ? Math.min(SIZE, (SIZE * inner) / lienzo.widthOf(text, SIZE)) : SIZE;
    const placed = { ...column, x: x + GAP / 2, inner, sizeOf };
    x += width;
    return placed;
  });
}

/** Width of the widest figure; texts are broken to the width that they get. */
function naturalWidth<Fila>(lienzo: Lienzo, column: Columna<Fila>, filas: readonly Fila[]): number {
  if (column.isFigure !== true) return 0;
  const title = lienzo.widthOf(column.title, SIZE - 0.5, true);
  return filas.reduce((most, fila) => Math.max(most, lienzo.widthOf(column.value(fila), SIZE)), title);
}

function head<Fila>(lienzo: Lienzo, columns: readonly Puesta<Fila>[]): void {
  lienzo.box(lienzo.left, lienzo.y, lienzo.width, HEAD, lienzo.color);
  for (const { title, x, inner, isFigure = false } of columns) {
    const align = isFigure ? 'right' : 'left';
    const look = { width: inner, size: SIZE - 0.5, bold: true, color: lienzo.onColor, align } as const;
    const text = lienzo.oneLine(title, look, SMALL - 1);
    lienzo.pinta(text, x, lienzo.y + (HEAD - text.leading) / 2);
  }
  lienzo.y += HEAD + PAD;
}

function row<Fila>(lienzo: Lienzo, columns: readonly Puesta<Fila>[], fila: Fila, notes: readonly string[]): Franja[] {
  const cells = columns.map((column) => ({ column, blocks: blocksOf(lienzo, column, fila, notes) }));
  const fixed = cells.filter(({ column }) => column.width !== 'rest');
  const tallest = Math.max(0, ...fixed.map(({ blocks }) => blocks.reduce((sum, { height }) => sum + height, 0)));
  const flowing = cells
    .filter(({ column }) => column.width === 'rest')
    .flatMap(({ column, blocks }) => blocks.flatMap((block) => lienzo.franjas(block, column.x)));
  const first: Franja[] = [];
  let height = 0;
  while (flowing.length > 0 && height + SMALL < Math.max(tallest, SIZE)) {
    const [next] = flowing.splice(0, 1);
    if (next === undefined) break;
    first.push(next);
    height += next.height;
  }
  const top: Franja = {
    height: Math.max(tallest, height),
    draw: (y) => {
      for (const { column, blocks } of fixed) stacked(lienzo, blocks, column.x, y);
      let at = y;
      for (const one of first) {
        one.draw(at);
        at += one.height;
      }
    },
  };
  const end: Franja = { height: 2 * PAD, draw: (y) => lienzo.rule(y + PAD) };
  return [top, ...flowing, end];
}

function blocksOf<Fila>(
  lienzo: Lienzo,
  { value, below, inner, sizeOf, isFigure = false, width }: Puesta<Fila>,
  fila: Fila,
  notes: readonly string[],
): Parrafo[] {
  const align = isFigure ? 'right' : 'left';
  const small = { width: inner, size: SMALL, color: lienzo.grey };
  return [
    lienzo.parrafo(value(fila), { width: inner + SLACK, size: sizeOf(value(fila)), align }),
    ...(below === undefined ? [] : [lienzo.parrafo(below(fila), small)]),
    ...(width === 'rest' ? notes.map((note) => lienzo.parrafo(note, small)) : []),
  ];
}

function stacked(lienzo: Lienzo, blocks: readonly Parrafo[], x: number, top: number): void {
  let y = top;
  for (const block of blocks) y += lienzo.pinta(block, x, y);
}
