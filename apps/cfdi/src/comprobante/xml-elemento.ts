import { collapse, type XmlAttribute, type XmlElement } from '@nexora/comprobante';
import { CFDI } from './espacios.ts';

/** Attributes of an element by name; what is absent is left out. */
export type Values = Readonly<Record<string, string | null | undefined>>;

/** The one attribute whose schema asks for white space as it stands: two spaces between its parts. */
const KEPT = 'NumeroPedimento';

/** An element of the comprobante. Texts are written as the cadena original reads them: white space collapsed. */
export function element(local: string, values: Values, children: readonly XmlElement[] = []): XmlElement {
  const attributes: XmlAttribute[] = [];
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === null) continue;
    attributes.push(attribute(name, name === KEPT ? value : collapse(value)));
  }
  return { prefix: 'cfdi', local, uri: CFDI, attributes, children };
}

/** An attribute without prefix. */
export function attribute(local: string, value: string): XmlAttribute {
  return { prefix: '', local, uri: '', value };
}

/** The holder with an element for each item; nothing where there are none. */
export function listed(holder: string, name: string, items: readonly Values[]): XmlElement[] {
  if (items.length === 0) return [];
  const children = items.map((values) => element(name, values));
  return [element(holder, {}, children)];
}
