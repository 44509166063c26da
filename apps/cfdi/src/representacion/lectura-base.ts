import { attributeOf, childrenOf, collapse, type XmlElement } from '@nexora/comprobante';

/** The attributes of an element by name; '' where it has none of that name. */
export type Valores = (name: string) => string;

/** Reads attributes as the cadena original does: white space collapsed. */
export function valuesOf(element: XmlElement | undefined): Valores {
  return (name) => (element === undefined ? '' : collapse(attributeOf(element, name) ?? ''));
}

/** An attribute as it is: the two spaces within the number of a pedimento are part of it. */
export function rawOf(element: XmlElement, name: string): string {
  return attributeOf(element, name) ?? '';
}

/** The first child of that name. */
export function child(element: XmlElement, uri: string, local: string): XmlElement | undefined {
  return childrenOf(element, uri, local)[0];
}

/** The children of that name. */
export function listOf(element: XmlElement, uri: string, local: string): readonly XmlElement[] {
  return childrenOf(element, uri, local);
}

/** The elements at the end of that path of child names. */
export function pathOf(element: XmlElement, uri: string, path: readonly string[]): XmlElement[] {
  return path.reduce<XmlElement[]>((found, local) => found.flatMap((one) => childrenOf(one, uri, local)), [element]);
}
