import { SaxesParser, type SaxesAttributeNS, type SaxesTagNS } from 'saxes';
import { Refusal } from '../pac/refusal.ts';

/** An element with its namespaces in force, for what must be written canonically. */
export interface CanonicalElement {
  readonly prefix: string;
  readonly local: string;
  readonly uri: string;
  /** Prefix → namespace, everything in force at this element. */
  readonly scope: ReadonlyMap<string, string>;
  readonly attributes: readonly SaxesAttributeNS[];
  readonly children: (CanonicalElement | string)[];
}

/** Reads a document into a tree that keeps what Canonical XML needs. Errors: Refusal 301. */
export function readCanonical(text: string): CanonicalElement {
  const path: CanonicalElement[] = [];
  let root: CanonicalElement | undefined;
  const parser = new SaxesParser<{ xmlns: true }>({ xmlns: true });
  const fail = (detail: string): never => {
    throw new Refusal('301', detail);
  };
  parser.on('error', (error) => fail(error.message));
  parser.on('doctype', () => fail('El documento lleva DOCTYPE'));
  parser.on('opentag', (tag) => {
    const element = elementOf(tag, path.at(-1)?.scope ?? new Map());
    path.at(-1)?.children.push(element);
    root ??= element;
    path.push(element);
  });
  parser.on('closetag', () => void path.pop());
  parser.on('text', (chars) => void path.at(-1)?.children.push(chars));
  parser.on('cdata', (chars) => void path.at(-1)?.children.push(chars));
  parser.write(text).close();
  return root ?? fail('El documento está vacío');
}

function elementOf(tag: SaxesTagNS, around: ReadonlyMap<string, string>): CanonicalElement {
  const attributes = Object.values(tag.attributes).filter(({ name, prefix }) => prefix !== 'xmlns' && name !== 'xmlns');
  const scope = new Map([...around, ...Object.entries(tag.ns ?? {})]);
  return { prefix: tag.prefix, local: tag.local, uri: tag.uri, scope, attributes, children: [] };
}

/** The first element of that name, in document order. */
export function descendant(element: CanonicalElement, uri: string, local: string): CanonicalElement | undefined {
  if (element.uri === uri && element.local === local) return element;
  for (const child of element.children) {
    const found = typeof child === 'string' ? undefined : descendant(child, uri, local);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** All text within. */
export function textWithin(element: CanonicalElement): string {
  return element.children.map((child) => (typeof child === 'string' ? child : textWithin(child))).join('');
}

/** The element by itself in Canonical XML 1.0 without comments, without what is left out. */
export function canonicalize(element: CanonicalElement, leftOut?: CanonicalElement): string {
  return written(element, new Map([['', '']]), leftOut);
}

function written(
  element: CanonicalElement,
  shown: ReadonlyMap<string, string>,
  leftOut: CanonicalElement | undefined,
): string {
  if (element === leftOut) return '';
  const fresh = [...element.scope].filter(([prefix, uri]) => prefix !== 'xml' && (shown.get(prefix) ?? '') !== uri);
  const namespaces = fresh
    .toSorted(([a], [b]) => compare(a, b))
    .map(([prefix, uri]) => ` ${prefix === '' ? 'xmlns' : `xmlns:${prefix}`}="${escapedAttribute(uri)}"`);
  const attributes = element.attributes
    .toSorted((a, b) => compare(a.uri, b.uri) || compare(a.local, b.local))
    .map(({ name, value }) => ` ${name}="${escapedAttribute(value)}"`);
  const now = new Map([...shown, ...fresh]);
  const inside = element.children.map((child) =>
    typeof child === 'string' ? escapedText(child) : written(child, now, leftOut),
  );
  const tag = element.prefix === '' ? element.local : `${element.prefix}:${element.local}`;
  return `<${tag}${namespaces.join('')}${attributes.join('')}>${inside.join('')}</${tag}>`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function escapedAttribute(value: string): string {
  const plain = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
  return plain.replaceAll('\t', '&#x9;').replaceAll('\n', '&#xA;').replaceAll('\r', '&#xD;');
}

function escapedText(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\r', '&#xD;');
}
