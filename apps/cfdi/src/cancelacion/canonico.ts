/** Attributes or namespace declarations by name, in the order in which Canonical XML writes them. */
type Named = readonly (readonly [name: string, value: string])[];

const IN_ATTRIBUTE: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
};
const IN_TEXT: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#xD;' };

/**
 * An element as Canonical XML 1.0 writes it (REC-xml-c14n-20010315): start and end tag, never an empty tag; what it
 * holds is canonical already. Namespace declarations come first, then attributes, each in the order given: the caller
 * gives them sorted, declarations by prefix and attributes without namespace by name.
 */
export function canonico(tag: string, named: Named, inside: readonly string[]): string {
  const attributes = named.map(([name, value]) => ` ${name}="${escaped(value, IN_ATTRIBUTE, /[&<"\t\n\r]/g)}"`);
  return `<${tag}${attributes.join('')}>${inside.join('')}</${tag}>`;
}

/** Character data as Canonical XML 1.0 writes it. */
export function texto(value: string): string {
  return escaped(value, IN_TEXT, /[&<>\r]/g);
}

function escaped(value: string, entities: Readonly<Record<string, string>>, these: RegExp): string {
  return value.replace(these, (char) => entities[char] ?? char);
}
