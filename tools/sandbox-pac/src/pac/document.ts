import { SaxesParser, type SaxesAttributeNS, type SaxesTagNS } from 'saxes';
import { Refusal } from './refusal.ts';

/** Namespaces that the sandbox reads; a prefix means nothing, the namespace everything. */
export const namespaces = {
  cfdi: 'http://www.sat.gob.mx/cfd/4',
  pagos: 'http://www.sat.gob.mx/Pagos20',
  tfd: 'http://www.sat.gob.mx/TimbreFiscalDigital',
} as const;

/** An element as parsed: attributes without namespace by name, child elements in order, the text between them. */
export interface XmlElement {
  readonly namespace: string;
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  readonly text: string;
  /** Where the element lies in the text: before `<`, after the start tag, before the end tag, after it. */
  readonly place: { readonly start: number; readonly inside: number; readonly end: number; readonly after: number };
}

/** A parsed document and the text that the places refer to. */
export interface XmlDocument {
  readonly text: string;
  readonly root: XmlElement;
}

interface Draft extends XmlElement {
  readonly children: Draft[];
  text: string;
  readonly place: { start: number; inside: number; end: number; after: number };
}

const declaration = /^<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']/;

/** Characters of the document: UTF-8 (with or without mark) or, where declared, ISO-8859-1. Errors: Refusal 301. */
function decode(bytes: Buffer): string {
  const encoding = (declaration.exec(bytes.subarray(0, 200).toString('latin1'))?.[1] ?? 'UTF-8').toUpperCase();
  if (encoding === 'ISO-8859-1') return bytes.toString('latin1');
  if (encoding !== 'UTF-8') throw new Refusal('301', `Codificación no admitida: ${encoding}`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Refusal('301', 'El documento no es UTF-8 válido', { cause });
  }
}

function attributesOf(tag: SaxesTagNS): Map<string, string> {
  const all: SaxesAttributeNS[] = Object.values(tag.attributes);
  const own = all.filter((attribute) => attribute.prefix === '' && attribute.name !== 'xmlns');
  return new Map(own.map((attribute) => [attribute.local, attribute.value]));
}

class TreeBuilder {
  root: Draft | undefined;
  private readonly path: Draft[] = [];
  private readonly text: string;
  private readonly parser = new SaxesParser<{ xmlns: true }>({ xmlns: true });

  constructor(text: string) {
    this.text = text;
    this.parser.on('opentag', (tag) => this.open(tag));
    this.parser.on('closetag', (tag) => this.close(tag));
    this.parser.on('text', (value) => this.append(value));
    this.parser.on('cdata', (value) => this.append(value));
    this.parser.on('doctype', () => this.fail('El documento lleva DOCTYPE'));
    this.parser.on('error', (error) => this.fail(error.message));
  }

  build(): Draft {
    this.parser.write(this.text).close();
    return this.root ?? this.fail('El documento está vacío');
  }

  private fail(detail: string): never {
    throw new Refusal('301', detail);
  }

  private open(tag: SaxesTagNS): void {
    const inside = this.parser.position;
    // No `<` can stand inside a tag of a well-formed document: the last one before its end is where the tag begins.
    const start = this.text.lastIndexOf('<', inside - 1);
    const place = { start, inside, end: inside, after: inside };
    const element: Draft = {
      namespace: tag.uri,
      name: tag.local,
      attributes: attributesOf(tag),
      children: [],
      text: '',
      place,
    };
    this.path.at(-1)?.children.push(element);
    this.root ??= element;
    this.path.push(element);
  }

  private close(tag: SaxesTagNS): void {
    const element = this.path.pop();
    if (element === undefined) return;
    element.place.after = this.parser.position;
    element.place.end = tag.isSelfClosing
      ? this.parser.position
      : this.text.lastIndexOf('</', this.parser.position - 1);
  }

  private append(value: string): void {
    const element = this.path.at(-1);
    if (element !== undefined) element.text += value;
  }
}

/** Reads a document into a tree. Errors: Refusal 301 (not well formed, DOCTYPE, unknown encoding). */
export function parse(bytes: Buffer): XmlDocument {
  const text = decode(bytes);
  return { text, root: new TreeBuilder(text).build() };
}

/** Value of an attribute; '' when absent. */
export function attribute(element: XmlElement, name: string): string {
  return element.attributes.get(name) ?? '';
}

/** Child elements of this name in the parent's own namespace. */
export function childrenOf(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((child) => child.name === name && child.namespace === element.namespace);
}

/** Elements reached by a path of names, all in the parent's namespace, in document order. */
export function descend(element: XmlElement, ...names: string[]): XmlElement[] {
  return names.reduce<XmlElement[]>((level, name) => level.flatMap((parent) => childrenOf(parent, name)), [element]);
}

/** Elements of this name in the parent's namespace at any depth, in document order. */
export function anywhere(element: XmlElement, name: string): XmlElement[] {
  return element.children.flatMap((child) => [
    ...(child.name === name && child.namespace === element.namespace ? [child] : []),
    ...anywhere(child, name),
  ]);
}
