import PDFDocument from 'pdfkit';
import { legible, rgb, sobre } from './color.ts';
import { Incrustado } from './tipografia/incrustado.ts';
import { renglones, renglonesSinPalabras } from './tipografia/renglones.ts';
import { imprimible } from './tipografia/texto.ts';
import type { Tipo } from './tipografia/tipo.ts';

/** Typefaces. */
export interface FuentesDelDibujo {
  readonly normal: Tipo;
  readonly bold: Tipo;
}

/** How a text is set. Lengths in points. */
export interface Corte {
  readonly width: number;
  readonly size?: number;
  readonly bold?: boolean;
  readonly color?: string;
  readonly align?: 'left' | 'right' | 'center';
  /** Whether it is no text of words, as a seal, and its lines are broken where they are full. */
  readonly hasNoWords?: boolean;
}

/** A text broken into lines. */
export interface Parrafo extends Required<Corte> {
  readonly lines: readonly string[];
  /** From line to line. */
  readonly leading: number;
  /** Of all lines. */
  readonly height: number;
}

/** A line of text that stands on a page; for tests. Lengths in points from the upper left corner. */
export interface Marca {
  readonly page: number;
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A horizontal slice of the page that is not cut. */
export interface Franja {
  readonly height: number;
  readonly draw: (y: number) => void;
}

/** What a drawing is begun with. */
export interface Comienzo {
  readonly fuentes: FuentesDelDibujo;
  readonly color: string;
  readonly title: string;
  readonly author: string;
  readonly lang: string;
  readonly date: Date;
  /** Is told of every line of text. */
  readonly traza?: (marca: Marca) => void;
}

/** What pdfkit offers for images and its types leave out: it opens one, so that its size is known before it is placed. */
interface Imagenes {
  openImage(bytes: Buffer): { readonly width: number; readonly height: number };
}

/** Letter, upright. */
export const PAGINA = { width: 612, height: 792, margin: 36, foot: 18 } as const;
const INK = '#1a1a1a';
const GREY = '#555f6b';
const LINE = '#b9c2cc';
const SHADE = '#eef1f4';
const LEADING = 1.2;
const BOTTOM = PAGINA.height - PAGINA.margin - PAGINA.foot;
/** What stands on top of the second page and of those that follow. */
const RUNNING_HEAD = 20;
/** What keeps rounding from turning a page. */
const SLACK = 0.01;

/** A document of letter pages with a pen that moves down and turns the page by itself. */
export class Lienzo {
  readonly left = PAGINA.margin;
  readonly width = PAGINA.width - 2 * PAGINA.margin;
  readonly grey = GREY;
  /** The issuer's colour for areas, what reads on it, and its shade for letters on paper. */
  readonly color: string;
  readonly onColor: string;
  readonly colorOfText: string;
  /** Where the next thing goes. */
  y: number = PAGINA.margin;
  readonly #doc: PDFKit.PDFDocument;
  readonly #fuentes: FuentesDelDibujo;
  readonly #embedded: { readonly normal: Incrustado; readonly bold: Incrustado };
  readonly #chunks: Buffer[] = [];
  readonly #ended: Promise<Buffer>;
  readonly #traza: ((marca: Marca) => void) | undefined;
  #heading: (() => void) | undefined;
  #onPage: (page: number) => void = () => undefined;
  #pages = 0;
  #page = 0;
  #fill = '';
  #instructions: string[] = [];
  readonly #colors = new Map<string, string>();

  constructor({ fuentes, color, title, author, lang, date, traza }: Comienzo) {
    [this.color, this.onColor, this.colorOfText] = [color, sobre(color), legible(color)];
    this.#fuentes = fuentes;
    this.#traza = traza;
    this.#doc = new PDFDocument({
      size: [PAGINA.width, PAGINA.height],
      margin: 0,
      autoFirstPage: false,
      bufferPages: true,
      font: '', // else Helvetica is loaded, which nothing uses
      lang,
      displayTitle: true,
      info: { Title: title, Author: author, Creator: 'Nexora Agents', Producer: 'Nexora Agents', CreationDate: date },
    });
    this.#embedded = {
      normal: new Incrustado(this.#doc, fuentes.normal),
      bold: new Incrustado(this.#doc, fuentes.bold),
    };
    this.#ended = new Promise((resolve, reject) => {
      this.#doc.on('data', (chunk: Buffer) => this.#chunks.push(chunk));
      this.#doc.on('end', () => resolve(Buffer.concat(this.#chunks)));
      this.#doc.on('error', reject);
    });
  }

  /** Begins the first page; `onPage` draws what stands on top of each and moves the pen below it. */
  begin(onPage: (page: number) => void): void {
    this.#onPage = onPage;
    this.turn();
  }

  /** Begins the next page. */
  turn(): void {
    this.#handOver();
    this.#doc.addPage();
    this.#pages += 1;
    this.#at(this.#pages);
    this.y = PAGINA.margin;
    this.#onPage(this.#pages);
    this.#heading?.();
  }

  /** Room that is left on this page. */
  get room(): number {
    return BOTTOM - this.y;
  }

  /** Whether something of that height fits on a page of its own. */
  fits(height: number): boolean {
    return height <= BOTTOM - PAGINA.margin - RUNNING_HEAD;
  }

  /** Turns the page when less than `height` is left. */
  need(height: number): void {
    if (this.room + SLACK < height) this.turn();
  }

  /** Names what is drawn again on top of each following page; none with `undefined`. */
  repeat(heading: (() => void) | undefined): void {
    this.#heading = heading;
  }

  /**
   * Draws slices one below the other. What fits on a page but not on the rest of this one goes to the next, unless
   * that would leave more than `gap` empty; then it is cut between slices, the first two of them together.
   */
  flow(franjas: readonly Franja[], gap = 160): void {
    const whole = heightOf(franjas);
    if (
      whole > this.room + SLACK &&
      (this.room < gap || (franjas[0]?.height ?? 0) + (franjas[1]?.height ?? 0) > this.room)
    ) {
      this.turn();
    }
    for (const { height, draw } of franjas) {
      this.need(height);
      draw(this.y);
      this.y += height;
    }
  }

  /** Breaks a text into lines. */
  parrafo(text: string, corte: Corte): Parrafo {
    const { width, size = 8, bold = false, color = INK, align = 'left', hasNoWords = false } = corte;
    const { ancho } = this.#tipo(bold);
    const broken = hasNoWords ? renglonesSinPalabras : renglones;
    const lines = text === '' ? [] : broken(imprimible(text), width / size, ancho);
    const leading = size * LEADING;
    return { width, size, bold, color, align, hasNoWords, lines, leading, height: lines.length * leading };
  }

  /** Sets lines of a paragraph; answers their height. */
  pinta(parrafo: Parrafo, x: number, y: number, from = 0, to = parrafo.lines.length): number {
    for (let index = from; index < to; index += 1) {
      this.#line(parrafo.lines[index] ?? '', parrafo, x, y + (index - from) * parrafo.leading);
    }
    return Math.max(to - from, 0) * parrafo.leading;
  }

  /** Breaks and sets a text; answers its height. */
  text(text: string, at: Corte & { readonly x: number; readonly y: number }): number {
    return this.pinta(this.parrafo(text, at), at.x, at.y);
  }

  /** One slice for each line of a paragraph. */
  franjas(parrafo: Parrafo, x: number): Franja[] {
    return parrafo.lines.map((_, index) => ({
      height: parrafo.leading,
      draw: (y) => void this.pinta(parrafo, x, y, index, index + 1),
    }));
  }

  /** Width of a text on one line. */
  widthOf(text: string, size: number, bold = false): number {
    return this.#tipo(bold).anchoDe(imprimible(text)) * size;
  }

  /** A text cut to one line, with … where something is missing; its size shrinks down to `least` before. */
  oneLine(text: string, corte: Corte, least = corte.size ?? 8): Parrafo {
    const { width, size = 8, bold = false } = corte;
    const natural = this.widthOf(text, size, bold);
    const fitting = Math.max(Math.min(size, (size * width) / natural), least);
    const { lines, ...rest } = this.parrafo(text, { ...corte, size: fitting - 0.001, hasNoWords: true });
    const [first = ''] = lines;
    const line = lines.length > 1 ? `${first.slice(0, -2).trimEnd()}…` : first;
    return { ...rest, lines: [line], height: rest.leading };
  }

  /** A filled rectangle. */
  box(x: number, y: number, width: number, height: number, color = SHADE): void {
    this.#color(color);
    this.#emit(`${n(x)} ${n(y)} ${n(width)} ${n(height)} re f`);
  }

  /** A thin line over the whole width, or from `x` on. */
  rule(y: number, color = LINE, x = this.left, width = this.width): void {
    this.box(x, y - 0.25, width, 0.5, color);
  }

  /** Dark rectangles as one path. */
  bars(
    bars: readonly { readonly x: number; readonly y: number; readonly width: number; readonly height: number }[],
  ): void {
    this.#color('#000000');
    const path = bars.map(({ x, y, width, height }) => `${f(x)} ${f(y)} ${f(width)} ${f(height)} re`);
    this.#emit(`${path.join('\n')}\nf`);
  }

  /** An image within a frame, at its upper left corner; answers the height that it takes. */
  image(bytes: Buffer, x: number, y: number, width: number, height: number): number {
    const image = (this.#doc as unknown as Imagenes).openImage(bytes);
    this.#handOver();
    const scale = Math.min(width / image.width, height / image.height);
    this.#doc.image(image as unknown as Buffer, x, y, { width: image.width * scale, height: image.height * scale });
    return image.height * scale;
  }

  /** A word across the page, behind all else. */
  watermark(word: string): void {
    const size = 96;
    const half = (this.#tipo(true).anchoDe(word) * size) / 2;
    const turned = Math.SQRT1_2;
    this.#color('#e3e3e3');
    this.#embedded.bold.isUsedOn(this.#doc);
    const rise = (this.#tipo(true).capHeight * size) / 2;
    this.#emit(
      `q ${f(turned)} ${f(-turned)} ${f(turned)} ${f(turned)} ${n(PAGINA.width / 2)} ${n(PAGINA.height / 2)} cm ` +
        `BT /${this.#embedded.bold.id} ${size} Tf 1 0 0 -1 ${n(-half)} ${n(rise)} Tm <${this.#embedded.bold.hex(word)}> Tj ET Q`,
    );
  }

  /** Writes the foot of every page. */
  feet(draw: (page: number, pages: number, y: number) => void): void {
    for (let page = 1; page <= this.#pages; page += 1) {
      this.#handOver();
      this.#doc.switchToPage(page - 1);
      this.#at(page);
      draw(page, this.#pages, BOTTOM + 6);
    }
  }

  /** Closes the document. */
  async end(): Promise<Buffer> {
    this.#handOver();
    this.#embedded.normal.end();
    this.#embedded.bold.end();
    this.#doc.end();
    return this.#ended;
  }

  #line(line: string, { width, size, bold, color, align, leading }: Parrafo, x: number, y: number): void {
    if (line === '') return;
    const tipo = this.#tipo(bold);
    const wide = align === 'left' && this.#traza === undefined ? 0 : tipo.anchoDe(line) * size;
    const at = align === 'left' ? x : align === 'right' ? x + width - wide : x + (width - wide) / 2;
    const baseline = y + (leading - size * (tipo.ascent + tipo.descent)) / 2 + size * tipo.ascent;
    const font = bold ? this.#embedded.bold : this.#embedded.normal;
    font.isUsedOn(this.#doc);
    this.#color(color);
    this.#emit(`BT /${font.id} ${n(size)} Tf 1 0 0 -1 ${n(at)} ${n(baseline)} Tm <${font.hex(line)}> Tj ET`);
    this.#traza?.({ page: this.#page, text: line, x: at, y, width: wide, height: leading });
  }

  #at(page: number): void {
    this.#page = page;
    this.#fill = '';
  }

  /** Keeps an instruction for the page; handed over together, they are much less work. */
  #emit(instruction: string): void {
    this.#instructions.push(instruction);
  }

  #handOver(): void {
    if (this.#instructions.length > 0) this.#doc.addContent(this.#instructions.join('\n'));
    this.#instructions = [];
  }

  #color(color: string): void {
    if (color === this.#fill) return;
    this.#fill = color;
    const written = this.#colors.get(color) ?? `${rgb(color)} rg`;
    this.#colors.set(color, written);
    this.#emit(written);
  }

  #tipo(bold: boolean): Tipo {
    return bold ? this.#fuentes.bold : this.#fuentes.normal;
  }
}

/** Height of slices one below the other. */
export function heightOf(franjas: readonly Franja[]): number {
  return franjas.reduce((sum, { height }) => sum + height, 0);
}

/** A length as a PDF takes it, to a hundredth of a point. */
function n(length: number): string {
  return String(Math.round(length * 100) / 100);
}

/** Finer: what is repeated must not add up. */
function f(length: number): string {
  return String(Math.round(length * 10_000) / 10_000);
}
