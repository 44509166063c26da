import PDFDocument from 'pdfkit';

/** Font files. */
export interface FuentesDelDibujo {
  readonly normal: Buffer;
  readonly bold: Buffer;
}

/** How a text is set. Sizes and positions in points. */
export interface Texto {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly size?: number;
  readonly bold?: boolean;
  readonly color?: string;
  readonly align?: 'left' | 'right' | 'center';
}

interface Options {
  readonly fuentes: FuentesDelDibujo;
  readonly color: string;
  readonly title: string;
  readonly date: Date;
}

const PAGE = { width: 612, height: 792, margin: 36, footer: 24 };
const INK = '#1a1a1a';
const GREY = '#5f6b7a';
const LINE = '#c9d2dc';
/** Lines that were measured already get this much more width, so that they are not broken a second time. */
const ROOM = 1.2;
const SHADE = '#f2f5f8';

/** A document of letter pages with a pen that moves down and turns the page by itself. */
export class Lienzo {
  readonly left = PAGE.margin;
  readonly width = PAGE.width - 2 * PAGE.margin;
  readonly color: string;
  readonly grey = GREY;
  /** Where the next thing goes. */
  y = PAGE.margin;
  readonly #doc: PDFKit.PDFDocument;
  readonly #chunks: Buffer[] = [];
  readonly #ended: Promise<Buffer>;
  #heading: (() => void) | undefined;

  constructor({ fuentes, color, title, date }: Options) {
    this.color = color;
    this.#doc = new PDFDocument({
      size: [PAGE.width, PAGE.height],
      margin: 0,
      bufferPages: true,
      font: '', // else Helvetica is loaded, which nothing uses
      info: { Title: title, Creator: 'Nexora Agents', Producer: 'Nexora Agents', CreationDate: date },
    });
    this.#doc.registerFont('normal', fuentes.normal);
    this.#doc.registerFont('bold', fuentes.bold);
    this.#ended = new Promise((resolve, reject) => {
      this.#doc.on('data', (chunk: Buffer) => this.#chunks.push(chunk));
      this.#doc.on('end', () => resolve(Buffer.concat(this.#chunks)));
      this.#doc.on('error', reject);
    });
  }

  /** Turns the page when less than `height` is left; what repeats on top of each page is drawn there. */
  need(height: number): void {
    if (this.y + height <= PAGE.height - PAGE.margin - PAGE.footer) return;
    this.#doc.addPage();
    this.y = PAGE.margin;
    this.#heading?.();
  }

  /** Names what is drawn again on top of each following page; none with `undefined`. */
  repeat(heading: (() => void) | undefined): void {
    this.#heading = heading;
  }

  /** Height that a text takes when set to this width. */
  heightOf(text: string, { width, size = 8, bold = false }: Omit<Texto, 'x' | 'y'>): number {
    if (text === '') return 0;
    return this.#set(size, bold).heightOfString(text, { width });
  }

  /** Sets a text; answers its height. The pen stays. */
  text(text: string, at: Texto): number {
    const { x, y, width, size = 8, bold = false, color = INK, align = 'left' } = at;
    if (text === '') return 0;
    const doc = this.#set(size, bold).fillColor(color).text(text, x, y, { width, align });
    return doc.y - y;
  }

  /** Sets a long text without spaces (a seal) broken wherever the line ends; answers its height. */
  wrapped(text: string, at: Texto): number {
    const { width, size = 6 } = at;
    return this.text(this.#broken(text, width, size), { ...at, size, width: width * ROOM });
  }

  /** Height that `wrapped` takes. */
  heightOfWrapped(text: string, { width, size = 6 }: Pick<Texto, 'width' | 'size'>): number {
    return this.heightOf(this.#broken(text, width, size), { width: width * ROOM, size });
  }

  /** A filled rectangle. */
  box(x: number, y: number, width: number, height: number, color = SHADE): void {
    this.#doc.rect(x, y, width, height).fill(color);
  }

  /** A thin line over the whole width. */
  rule(y: number, color = LINE): void {
    const right = this.left + this.width;
    this.#doc.moveTo(this.left, y).lineTo(right, y).lineWidth(0.5).stroke(color);
  }

  /** Dark rectangles as one path. */
  bars(
    bars: readonly { readonly x: number; readonly y: number; readonly width: number; readonly height: number }[],
  ): void {
    for (const { x, y, width, height } of bars) this.#doc.rect(x, y, width, height);
    this.#doc.fill('#000000');
  }

  /** Writes the foot of every page. */
  footers(line: (page: number, pages: number) => string): void {
    const { start, count } = this.#doc.bufferedPageRange();
    for (let index = 0; index < count; index += 1) {
      this.#doc.switchToPage(start + index);
      const y = PAGE.height - PAGE.margin - 8;
      this.text(line(index + 1, count), { x: this.left, y, width: this.width, size: 7, color: GREY, align: 'center' });
    }
  }

  /** Closes the document. */
  async end(): Promise<Buffer> {
    this.#doc.end();
    return this.#ended;
  }

  #broken(text: string, width: number, size: number): string {
    const widths = this.#widths(size, false);
    const lines: string[] = [];
    let line = '';
    let used = 0;
    for (const char of text) {
      const wide = widths(char);
      if (used + wide > width) {
        lines.push(line);
        line = '';
        used = 0;
      }
      line += char;
      used += wide;
    }
    return [...lines, line].join('\n');
  }

  /** Width of one character, measured once per font and size. */
  #widths(size: number, bold: boolean): (char: string) => number {
    const doc = this.#set(size, bold);
    const known = new Map<string, number>();
    return (char) => {
      const width = known.get(char) ?? doc.widthOfString(char);
      known.set(char, width);
      return width;
    };
  }

  #set(size: number, bold: boolean): PDFKit.PDFDocument {
    return this.#doc.font(bold ? 'bold' : 'normal').fontSize(size);
  }
}
