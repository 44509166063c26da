import { falta, type Falta } from './falta.ts';
import { elementsOf, isDeclaration, readXml, XmlFault, type XmlElement } from './xml.ts';
import { writeXml } from './xml-write.ts';

/** Most bytes of an addenda. */
export const ADDENDA_BYTES = 65_536;

/** A namespace of the tax authority: nothing of an addenda may lie in one, or it would read as part of the comprobante. */
const OF_THE_SAT = /^https?:\/\/(www\.)?sat\.gob\.mx(\/|$)/i;

/** What parsing an addenda gives: the element written anew, or what is wrong with it. */
export type ParsedAddenda = { readonly xml: string } | { readonly falta: Falta };

/**
 * Reads an addenda: one well-formed element without DOCTYPE and outside the tax authority's namespaces, at most 64 kB.
 * What goes on is written anew from what was read, never the caller's own text.
 */
export function parseAddenda(text: string): ParsedAddenda {
  if (Buffer.byteLength(text) > ADDENDA_BYTES) {
    return wrong('La addenda pasa de 64 kB.', 'Acórtela, o entregue esos datos por otro medio.');
  }
  const root = rootOf(text);
  if (typeof root === 'string') {
    return wrong(`La addenda ${root}.`, 'Envíe un solo elemento XML bien formado, sin DOCTYPE.');
  }
  if (usesSat(root)) {
    return wrong('La addenda usa un espacio de nombres del SAT.', 'Quite de la addenda los elementos del SAT.');
  }
  return { xml: writeXml(root) };
}

function rootOf(text: string): XmlElement | string {
  try {
    return readXml(text).root;
  } catch (error) {
    if (error instanceof XmlFault) return error.message;
    throw error;
  }
}

function usesSat(element: XmlElement): boolean {
  const { uri, attributes } = element;
  if (OF_THE_SAT.test(uri)) return true;
  const declared = attributes.some((one) => OF_THE_SAT.test(isDeclaration(one) ? one.value : one.uri));
  return declared || elementsOf(element).some(usesSat);
}

function wrong(message: string, remedy: string): ParsedAddenda {
  return { falta: falta('addenda', 'cfdi.addenda', message, remedy) };
}
