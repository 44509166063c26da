import type { XmlAttribute, XmlElement } from '@nexora/comprobante';
import { CFDI, PAGOS, TFD, XSI } from '../comprobante/espacios.ts';

/** Chance, the same for the same seed. */
export class Dice {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 0;
  }

  /** From 0 up to 1 (mulberry32). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** Whether it comes true, so many times of a hundred. */
  says(percent: number): boolean {
    return this.next() * 100 < percent;
  }

  pick<T>(...choices: readonly T[]): T {
    return choices[Math.floor(this.next() * choices.length)]!;
  }

  shuffled<T>(items: readonly T[]): T[] {
    return items
      .map((item) => ({ item, at: this.next() }))
      .sort((one, other) => one.at - other.at)
      .map(({ item }) => item);
  }
}

interface Encoding {
  readonly declared: string | null;
  readonly hold: number;
  readonly mark: boolean;
}

/** Encodings, each as a declaration names it, with the highest character that its bytes can hold. */
const ENCODINGS: readonly Encoding[] = [
  { declared: 'UTF-8', hold: 0x10ffff, mark: false },
  { declared: 'utf-8', hold: 0x10ffff, mark: true },
  { declared: null, hold: 0x10ffff, mark: false },
  { declared: null, hold: 0x10ffff, mark: true },
  { declared: 'ISO-8859-1', hold: 0xff, mark: false },
  { declared: 'iso-8859-1', hold: 0xff, mark: true },
  { declared: 'latin1', hold: 0xff, mark: false },
  { declared: 'ISO8859-1', hold: 0xff, mark: false },
  { declared: 'ISO_8859-1', hold: 0xff, mark: true },
  { declared: 'utf8', hold: 0x10ffff, mark: false },
  { declared: 'US-ASCII', hold: 0x7f, mark: false },
  { declared: 'ascii', hold: 0x7f, mark: true },
];

/** What says nothing anywhere. */
const REMARKS = ['<!-- <cfdi:Emisor Rfc="NO"/> -->', '<?nexora Serie="NO"?>'];
/** Wrong for every reader that takes prefixes for names. */
const DECOYS = [
  ...REMARKS,
  '<decoy:Emisor xmlns:decoy="urn:decoy" Rfc="NO" Nombre="NO"/>',
  '<decoy:Conceptos xmlns:decoy="urn:decoy"><decoy:Concepto Descripcion="NO"/></decoy:Conceptos>',
  '\n\t  ',
  '\r\n',
  '<![CDATA[<cfdi:Emisor Rfc="NO"/>]]>',
  'texto &amp; &#65;',
];
const WHITE = [' ', '  ', '\t', '\n', '\r\n', '&#9;', '&#10;', '&#13;', '&#x20;', '&#xA; \t'];

/**
 * The same document as another program would have written it: another order of attributes, prefixes, quotes, character
 * references, white space, encoding, with comments, instructions and elements of others in between. Its cadena original
 * is the same.
 */
export function rewritten(root: XmlElement, dice: Dice): Buffer {
  // Año is the one name of a CFDI that ASCII cannot write.
  const isPlain = !root.children.some((child) => typeof child !== 'string' && child.local === 'InformacionGlobal');
  return new Rewriter(dice, isPlain ? ENCODINGS : ENCODINGS.filter(({ hold }) => hold > 0x7f)).document(root);
}

class Rewriter {
  private readonly encoding: Encoding;
  private readonly prefixes: Readonly<Record<string, string>>;
  private readonly spread: number;

  constructor(
    private readonly dice: Dice,
    encodings: readonly Encoding[],
  ) {
    this.encoding = dice.pick(...encodings);
    this.prefixes = {
      ...{ [TFD]: dice.pick('tfd', 't'), [PAGOS]: dice.pick('pago20', 'p'), [XSI]: 'xsi' },
      [CFDI]: dice.pick('cfdi', 'cfdi', '', 'x', '_c-1.b', 'Comprobante', ...(this.encoding.hold > 0x7f ? ['ñ'] : [])),
    };
    this.spread = dice.pick(0, 5, 40);
  }

  document(root: XmlElement): Buffer {
    const { declared, mark, hold } = this.encoding;
    const text = `${this.declaration()}${this.misc()}${this.element(root, true)}${this.misc()}`;
    const bytes = Buffer.from(text, hold > 0xff ? 'utf8' : 'latin1');
    return mark
      ? Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes])
      : declared === null
        ? Buffer.from(text)
        : bytes;
  }

  private declaration(): string {
    const { declared } = this.encoding;
    const [q, gap] = [this.dice.pick('"', "'"), this.dice.pick('', ' ', '\n')];
    if (declared === null) return this.dice.pick('', `<?xml version=${q}1.0${q}?>`);
    const standalone = this.dice.pick('', ` standalone=${q}yes${q}`);
    return `<?xml version${gap}=${gap}${q}1.0${q}${gap} encoding${gap}=${q}${declared}${q}${standalone}${gap}?>`;
  }

  /** What may stand before and behind the root. */
  private misc(): string {
    return this.dice.pick('', '\n', '<!-- A & B -->', '\r\n<?nexora <Comprobante ?>\n');
  }

  private element(element: XmlElement, isRoot: boolean): string {
    const name = this.nameOf(element.uri, element.local);
    const attributes = this.dice.shuffled([
      ...this.declarations(isRoot),
      ...element.attributes
        .filter(({ prefix, local }) => prefix !== 'xmlns' && local !== 'xmlns')
        .map((one) => this.attribute(one)),
      ...(this.dice.says(5) ? [`xmlns:decoy="urn:decoy" decoy:Serie="NO" decoy:Rfc="NO"`] : []),
    ]);
    const start = `<${name}${attributes.map((one) => `${this.gap()}${one}`).join('')}${this.dice.pick('', '', ' ', '\n')}`;
    const inside = element.children.flatMap((child) => [
      this.decoy(element),
      typeof child === 'string' ? this.characters(child, '') : this.element(child, false),
    ]);
    if (inside.length === 0 && this.dice.says(70)) return `${start}/>`;
    return `${start}>${inside.join('')}${this.decoy(element)}</${name}${this.dice.pick('', ' ')}>`;
  }

  /** In a Complemento each element is a complemento; in a stamp the stylesheet takes every text into the cadena. */
  private decoy({ local }: XmlElement): string {
    if (!this.dice.says(this.spread)) return '';
    return /^(Complemento|TimbreFiscalDigital)$/.test(local) ? this.dice.pick(...REMARKS) : this.dice.pick(...DECOYS);
  }

  private gap(): string {
    return this.dice.says(this.spread) ? this.dice.pick(' ', '  ', '\n', '\t', '\r\n  ') : ' ';
  }

  /** On the root always, further down now and then again. */
  private declarations(isRoot: boolean): string[] {
    return Object.entries(this.prefixes)
      .filter(() => isRoot || this.dice.says(2))
      .map(([uri, prefix]) => `${prefix === '' ? 'xmlns' : `xmlns:${prefix}`}=${this.quoted(uri, false)}`);
  }

  private nameOf(uri: string, local: string): string {
    const prefix = this.prefixes[uri] ?? '';
    return prefix === '' ? local : `${prefix}:${local}`;
  }

  private attribute({ prefix, local, value }: XmlAttribute): string {
    const gap = this.dice.says(this.spread) ? this.dice.pick('', ' ', '\n') : '';
    return `${prefix === '' ? local : `${prefix}:${local}`}${gap}=${gap}${this.quoted(value, true)}`;
  }

  private quoted(value: string, mayPad: boolean): string {
    const quote = this.dice.pick('"', '"', "'");
    const pad = (): string =>
      mayPad && value !== '' && this.dice.says(this.spread / 2) ? this.dice.pick(...WHITE) : '';
    return `${quote}${pad()}${this.characters(value, quote)}${pad()}${quote}`;
  }

  private characters(text: string, quote: string): string {
    // Letters of a long text, such as a certificate, are left as they are: each choice costs time.
    const open = this.spread === 0 || text.length > 300 ? /[^ !#-%(-;=?-~]/gu : /./gsu;
    return text.replace(open, (char) => this.character(char, quote));
  }

  private character(char: string, quote: string): string {
    const code = char.codePointAt(0) ?? 0;
    if (char === ' ') return quote !== '' && this.dice.says(this.spread) ? this.dice.pick(...WHITE) : char;
    if (char === '&') return this.dice.says(70) ? '&amp;' : this.byNumber(code);
    if (char === '<') return this.dice.says(70) ? '&lt;' : this.byNumber(code);
    if (char === '>' && this.dice.says(50)) return '&gt;';
    if (char === quote) return this.dice.says(70) ? (quote === '"' ? '&quot;' : '&apos;') : this.byNumber(code);
    if (char === '\r' || code > this.encoding.hold) return this.byNumber(code);
    if (quote !== '' && (char === '\t' || char === '\n')) return this.byNumber(code);
    return this.dice.says(this.spread / 3) ? this.byNumber(code) : char;
  }

  private byNumber(code: number): string {
    return this.dice.says(50) ? `&#${code};` : `&#x${this.dice.pick('', '0')}${code.toString(16)};`;
  }
}

/** Attributes that may be left out, by the element that has them. */
const OPTIONAL: Readonly<Record<string, readonly string[]>> = {
  Comprobante: [
    'Serie',
    'Folio',
    'FormaPago',
    'CondicionesDePago',
    'Descuento',
    'TipoCambio',
    'MetodoPago',
    'Confirmacion',
  ],
  Emisor: ['FacAtrAdquirente'],
  Receptor: ['ResidenciaFiscal', 'NumRegIdTrib'],
  Concepto: ['NoIdentificacion', 'Unidad', 'Descuento'],
  Traslado: ['TasaOCuota', 'Importe'],
  Parte: ['NoIdentificacion', 'Unidad', 'ValorUnitario', 'Importe'],
  Impuestos: ['TotalImpuestosRetenidos', 'TotalImpuestosTrasladados'],
  Pago: ['TipoCambioP', 'NumOperacion', 'RfcEmisorCtaOrd', 'CadPago', 'SelloPago'],
  DoctoRelacionado: ['Serie', 'Folio', 'EquivalenciaDR'],
  TimbreFiscalDigital: ['Leyenda'],
};

/**
 * A document that no schema takes: attributes that are there and empty, required ones that are missing, elements twice
 * or in another order. The cadena original judges none of that, and still must be the stylesheet's.
 */
export function spoilt(element: XmlElement, dice: Dice): XmlElement {
  const kept = element.attributes.flatMap((one) => {
    if (one.uri !== '' || one.prefix !== '' || one.local === 'xmlns') return [one];
    if (dice.says(4)) return [];
    return [dice.says(6) ? { ...one, value: dice.pick('', ' ', '\u00a0', '|', ' \u2028 ') } : one];
  });
  const has = new Set(kept.map(({ local }) => local));
  const added = (OPTIONAL[element.local] ?? [])
    .filter((local) => !has.has(local) && dice.says(30))
    .map((local) => ({ prefix: '', local, uri: '', value: dice.pick('', ' ', 'x') }));
  const children = element.children.map((child) => (typeof child === 'string' ? child : spoilt(child, dice)));
  const twice = dice.says(3) ? [...children, ...children] : children;
  return { ...element, attributes: [...kept, ...added], children: dice.says(10) ? dice.shuffled(twice) : twice };
}
