import { elementsOf, readXml, XmlFault, type XmlElement, type XmlNode } from '@nexora/comprobante';
import { CFDI, TFD } from './espacios.ts';

const END = '</cfdi:Comprobante>';
const WRAPPER = `<cfdi:Comprobante xmlns:cfdi="${CFDI}">`;

/**
 * What a PAC added to our sealed bytes, where its answer is those bytes, character by character, with nothing but
 * stamps before the end: then only these need to be read, which halves the cost of judging an answer.
 * @returns the stamps, or undefined for any other answer, which has to be read whole
 */
export function timbresAgregados(sealed: Buffer, answer: string): readonly XmlElement[] | undefined {
  const ours = sealed.toString('utf8');
  if (!ours.endsWith(END) || !answer.startsWith(ours.slice(0, -END.length))) return undefined;
  const added = readOrNot(`${WRAPPER}${answer.slice(ours.length - END.length)}`);
  if (added === undefined || added.children.some((child) => typeof child === 'string')) return undefined;
  const stamps = elementsOf(added).flatMap((child) => (isNamed(child, CFDI, 'Complemento') ? child.children : [child]));
  return stamps.every(isStamp) ? stamps : undefined;
}

function isStamp(node: XmlNode): node is XmlElement {
  return typeof node !== 'string' && isNamed(node, TFD, 'TimbreFiscalDigital') && node.children.length === 0;
}

function readOrNot(text: string): XmlElement | undefined {
  try {
    return readXml(text).root;
  } catch (error) {
    if (error instanceof XmlFault) return undefined; // judged with the whole answer, whose fault can be told
    throw error;
  }
}

function isNamed({ uri, local }: XmlElement, wantedUri: string, wanted: string): boolean {
  return uri === wantedUri && local === wanted;
}
