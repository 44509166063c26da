import { elementsOf, readXml, XmlFault, type XmlElement } from '@nexora/comprobante';

/**
 * The tax authority's code (EstatusUUID) for a folio fiscal in its acknowledgement, bare or in the SOAP envelope in
 * which some PACs hand it on; `undefined` when the text says nothing about that folio or is no XML.
 */
export function estatusEnAcuse(acuse: string, uuid: string): string | undefined {
  try {
    const folios = named(readXml(acuse).root, 'Folios');
    const ours = folios.find((one) => textIn(one, 'UUID')?.toLowerCase() === uuid.toLowerCase());
    return ours === undefined ? undefined : textIn(ours, 'EstatusUUID');
  } catch (error) {
    if (error instanceof XmlFault) return undefined;
    throw error;
  }
}

/** Elements of that local name at any depth; the namespaces of this answer differ from PAC to PAC. */
function named(element: XmlElement, local: string): XmlElement[] {
  const below = elementsOf(element).flatMap((child) => named(child, local));
  return element.local === local ? [element, ...below] : below;
}

function textIn(element: XmlElement, local: string): string | undefined {
  const [found] = named(element, local);
  const text = found?.children.filter((child) => typeof child === 'string').join('');
  return text?.trim();
}
