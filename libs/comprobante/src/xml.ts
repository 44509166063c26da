import { SaxesParser, type SaxesAttributeNS, type SaxesTagNS } from 'saxes';

/** One attribute; `uri` is '' when it has no prefix, as XML namespaces have it. */
export interface XmlAttribute {
  readonly prefix: string;
  readonly local: string;
  readonly uri: string;
  readonly value: string;
}

/** One element with its attributes and what it holds, in document order. Comments and instructions are left out. */
export interface XmlElement {
  readonly prefix: string;
  readonly local: string;
  readonly uri: string;
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlNode[];
}

/** Text or an element. */
export type XmlNode = string | XmlElement;

/** A document as read: its root, and its text with the place where the root's end tag begins. */
export interface XmlDocument {
  readonly root: XmlElement;
  readonly text: string;
  /** Index in `text` of the `<` of the root's end tag, or -1 when the root is written as one empty tag. */
  readonly endOfRoot: number;
}

/** Why a text is no XML document that this reader takes, as it follows "El XML": `no tiene elemento raíz`. */
export class XmlFault extends Error {
  override readonly name = 'XmlFault';
}

/** Elements within elements; a CFDI has fewer than ten. Who writes or walks a document may do it by recursion. */
const DEEPEST = 100;

const XMLNS = 'http://www.w3.org/2000/xmlns/';

/**
 * Reads a whole document. Takes XML 1.0 in UTF-8 (with or without byte order mark) and ISO-8859-1, as declared;
 * refuses everything that is not well formed, any DOCTYPE and other encodings.
 * @param source bytes; a string is taken as characters already decoded, whatever its declaration says
 * @throws XmlFault with the reason
 */
export function readXml(source: Uint8Array | string): XmlDocument {
  const text = typeof source === 'string' ? withoutMark(source) : decode(source);
  const reader = new Reader();
  return { ...reader.read(text), text };
}

class Reader {
  private readonly open: { element: XmlElement; children: XmlNode[] }[] = [];
  private root: XmlElement | undefined;
  private endOfRoot = -1;

  read(text: string): { root: XmlElement; endOfRoot: number } {
    const parser = new SaxesParser({ xmlns: true });
    parser.on('error', (error) => {
      throw new XmlFault(`no es XML bien formado${placeOf(error.message)}`);
    });
    parser.on('xmldecl', ({ version }) => {
      if (version !== undefined && version !== '1.0') throw new XmlFault(`está en XML ${version}, que no se admite`);
    });
    parser.on('doctype', () => {
      throw new XmlFault('lleva DOCTYPE, que no se admite');
    });
    parser.on('opentag', (tag) => this.begin(tag));
    parser.on('text', (chars) => this.addText(chars));
    parser.on('cdata', (chars) => this.addText(chars));
    parser.on('closetag', (tag) => this.end(tag, text, parser.position));
    parser.write(text).close();
    if (this.root === undefined) throw new XmlFault('no tiene elemento raíz');
    return { root: this.root, endOfRoot: this.endOfRoot };
  }

  private begin(tag: SaxesTagNS): void {
    if (this.open.length >= DEEPEST) throw new XmlFault(`anida más de ${DEEPEST} elementos`);
    const children: XmlNode[] = [];
    const { prefix, local, uri } = tag;
    const element: XmlElement = { prefix, local, uri, attributes: Object.values(tag.attributes).map(plain), children };
    this.open.at(-1)?.children.push(element);
    this.open.push({ element, children });
    this.root ??= element;
  }

  private addText(chars: string): void {
    this.open.at(-1)?.children.push(chars);
  }

  private end(tag: SaxesTagNS, text: string, position: number): void {
    this.open.pop();
    if (this.open.length === 0 && !tag.isSelfClosing) this.endOfRoot = text.lastIndexOf('</', position);
  }
}

/** The parser begins what it says with line and column, and goes on in English. */
function placeOf(message: string): string {
  const place = /^(\d+):(\d+):/.exec(message);
  return place === null ? '' : ` (línea ${place[1]}, columna ${place[2]})`;
}

function plain({ prefix, local, uri, value }: SaxesAttributeNS): XmlAttribute {
  return { prefix, local, uri, value };
}

const ENCODING = /^<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']/;

/** Other names of the encodings that are read; each as the tax authority's own processors take it. */
const ALIASES: Readonly<Record<string, string>> = {
  UTF8: 'UTF-8',
  ASCII: 'US-ASCII',
  LATIN1: 'ISO-8859-1',
  'ISO8859-1': 'ISO-8859-1',
  'ISO_8859-1': 'ISO-8859-1',
};

/** The encoding that a document declares, in capitals; UTF-8 when it declares none. */
export function declaredEncoding(head: string): string {
  const declared = (ENCODING.exec(head)?.[1] ?? 'UTF-8').toUpperCase();
  return Object.hasOwn(ALIASES, declared) ? (ALIASES[declared] ?? declared) : declared;
}

function decode(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const hasMark = buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf;
  if (isUtf16(buffer)) throw notAdmitted('UTF-16');
  const encoding = declaredEncoding(buffer.toString('latin1', hasMark ? 3 : 0, 256));
  if (encoding === 'UTF-8' || encoding === 'US-ASCII') return withoutMark(utf8(buffer));
  // Node's TextDecoder would read Windows-1252 here. A mark of UTF-8 before it means nothing: the declaration counts.
  if (encoding === 'ISO-8859-1') return buffer.toString('latin1', hasMark ? 3 : 0);
  throw notAdmitted(encoding);
}

/** Its byte order mark, or a first `<` of two bytes. */
function isUtf16([first, second]: Uint8Array): boolean {
  const pair = ((first ?? 0) << 8) | (second ?? 0);
  return [0xfffe, 0xfeff, 0x3c00, 0x003c].includes(pair);
}

function notAdmitted(encoding: string): XmlFault {
  return new XmlFault(`está en la codificación ${encoding}, que no se admite; guárdelo en UTF-8`);
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new XmlFault('tiene bytes que no son UTF-8', { cause: error });
  }
}

function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

/** The value of an attribute without namespace; `undefined` when the element has none of that name. */
export function attributeOf(element: XmlElement, local: string): string | undefined {
  return element.attributes.find((one) => one.uri === '' && one.local === local)?.value;
}

/** The child elements of that name, in document order. */
export function childrenOf(element: XmlElement, uri: string, local: string): XmlElement[] {
  return elementsOf(element).filter((child) => child.uri === uri && child.local === local);
}

/** All child elements, in document order. */
export function elementsOf(element: XmlElement): XmlElement[] {
  return element.children.filter((child) => typeof child !== 'string');
}

/** Whether the attribute declares a namespace instead of saying something. */
export function isDeclaration(attribute: XmlAttribute): boolean {
  return attribute.uri === XMLNS || attribute.prefix === 'xmlns' || attribute.local === 'xmlns';
}
