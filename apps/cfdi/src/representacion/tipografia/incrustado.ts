import type { Tipo, Uso } from './tipo.ts';

/** Flags of a font descriptor: letters beyond the standard set (ISO 32000-1, 9.8.2). */
const SYMBOLIC = 4;

/** A typeface within one PDF. */
export class Incrustado {
  /** Its name on the pages. */
  readonly id: string;
  readonly #doc: PDFKit.PDFDocument;
  readonly #tipo: Tipo;
  readonly #uso: Uso;
  readonly #dictionary: PDFKit.PDFKitReference;

  constructor(doc: PDFKit.PDFDocument, tipo: Tipo) {
    this.#doc = doc;
    this.#tipo = tipo;
    this.#uso = tipo.uso();
    this.#dictionary = doc.ref({});
    this.id = `F${this.#dictionary.id}`;
  }

  /** Names the typeface among those of the page that is drawn. */
  isUsedOn(doc: PDFKit.PDFDocument): void {
    const fonts = doc.page.fonts as Record<string, PDFKit.PDFKitReference>;
    fonts[this.id] = this.#dictionary;
  }

  /** A text as the page holds it. */
  hex(text: string): string {
    return this.#uso.hex(text);
  }

  /** Writes what was used into the document. */
  end(): void {
    const { name, file, fileLength, toUnicode, widths } = this.#uso.parte();
    const { ascent, descent, capHeight, bbox } = this.#tipo;
    const thousandths = (length: number): number => Math.round(length * 1000);
    const descriptor = this.#object({
      Type: 'FontDescriptor',
      FontName: name,
      Flags: SYMBOLIC,
      FontBBox: bbox,
      ItalicAngle: 0,
      Ascent: thousandths(ascent),
      Descent: -thousandths(descent),
      CapHeight: thousandths(capHeight),
      StemV: 0,
      FontFile2: this.#object({ Filter: 'FlateDecode', Length1: fileLength }, file),
    });
    const descendant = this.#object({
      Type: 'Font',
      Subtype: 'CIDFontType2',
      BaseFont: name,
      CIDSystemInfo: { Registry: literal('Adobe'), Ordering: literal('Identity'), Supplement: 0 },
      FontDescriptor: descriptor,
      DW: 0,
      W: [0, widths],
      CIDToGIDMap: 'Identity',
    });
    Object.assign(this.#dictionary.data, {
      Type: 'Font',
      Subtype: 'Type0',
      BaseFont: name,
      Encoding: 'Identity-H',
      DescendantFonts: [descendant],
      ToUnicode: this.#object({ Filter: 'FlateDecode' }, toUnicode),
    });
    this.#dictionary.end(undefined);
  }

  #object(data: Readonly<Record<string, unknown>>, bytes?: Buffer): PDFKit.PDFKitReference {
    const reference = this.#doc.ref(data);
    reference.end(bytes);
    return reference;
  }
}

/** pdfkit writes a plain string as a name and this as a text. */
function literal(text: string): unknown {
  return new String(text);
}
