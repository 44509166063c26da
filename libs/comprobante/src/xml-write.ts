import type { XmlElement } from './xml.ts';

/** Writes an element and all it holds, without declaration, without added white space. */
export function writeXml(element: XmlElement): string {
  const tag = nameOf(element);
  const attributes = element.attributes.map((one) => ` ${nameOf(one)}="${escapeAttribute(one.value)}"`).join('');
  if (element.children.length === 0) return `<${tag}${attributes}/>`;
  const inside = element.children.map((child) => (typeof child === 'string' ? escapeText(child) : writeXml(child)));
  return `<${tag}${attributes}>${inside.join('')}</${tag}>`;
}

function nameOf({ prefix, local }: { readonly prefix: string; readonly local: string }): string {
  return prefix === '' ? local : `${prefix}:${local}`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

function escapeAttribute(value: string): string {
  return value.replace(/[&<>"\t\n\r]/g, (char) => ENTITIES[char] ?? char);
}

function escapeText(value: string): string {
  return value.replace(/[&<>\r]/g, (char) => ENTITIES[char] ?? char);
}
