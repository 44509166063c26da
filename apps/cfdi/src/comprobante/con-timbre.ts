import { readXml, XmlFault } from '@nexora/comprobante';

/**
 * Puts a stamp that a PAC gave apart from its comprobante into the sealed bytes. Whether the stamp is that of this
 * comprobante is for `believe` to say.
 * @returns '' when the stamp is no XML element
 */
export function conTimbre(sealed: Buffer, tfd: string): string {
  try {
    const stamp = readXml(tfd.replace(/^\uFEFF?<\?xml[^>]*\?>\s*/, ''));
    const { root, text, endOfRoot } = readXml(sealed);
    const name = root.prefix === '' ? 'Complemento' : `${root.prefix}:Complemento`;
    return `${text.slice(0, endOfRoot)}<${name}>${stamp.text}</${name}>${text.slice(endOfRoot)}`;
  } catch (error) {
    if (error instanceof XmlFault) return '';
    throw error;
  }
}
