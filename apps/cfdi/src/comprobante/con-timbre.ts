import { elementsOf, readXml, XmlFault } from '@nexora/comprobante';
import { CFDI } from './espacios.ts';

/**
 * Puts a stamp that a PAC gave apart from its comprobante into the sealed bytes: into the Complemento that payments
 * have, else into one of its own, since a Comprobante has one at most. Whether the stamp is that of this comprobante is
 * for `believe` to say.
 * @param sealed as the house wrote it: what a Comprobante has last is its Complemento, and no white space follows it
 * @returns '' when the stamp is no XML element
 */
export function conTimbre(sealed: Buffer, tfd: string): string {
  try {
    const stamp = readXml(tfd.replace(/^\uFEFF?<\?xml[^>]*\?>\s*/, ''));
    const { root, text, endOfRoot } = readXml(sealed);
    const last = elementsOf(root).at(-1);
    if (last?.uri === CFDI && last.local === 'Complemento') {
      const end = text.lastIndexOf('</', endOfRoot - 1);
      return `${text.slice(0, end)}${stamp.text}${text.slice(end)}`;
    }
    const name = root.prefix === '' ? 'Complemento' : `${root.prefix}:Complemento`;
    return `${text.slice(0, endOfRoot)}<${name}>${stamp.text}</${name}>${text.slice(endOfRoot)}`;
  } catch (error) {
    if (error instanceof XmlFault) return '';
    throw error;
  }
}
