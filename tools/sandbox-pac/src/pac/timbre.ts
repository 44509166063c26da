import { randomUUID, sign, type KeyObject } from 'node:crypto';
import { pacRfc } from '../ca/authority.ts';
import { localTime } from './dates.ts';
import { attribute, childrenOf, type XmlDocument } from './document.ts';

/** A comprobante that was stamped, and what its timbre says. */
export interface Stamp {
  readonly uuid: string;
  /** Centre's local time, no zone in the text (Anexo 20). */
  readonly fechaTimbrado: string;
  readonly selloCFDI: string;
  readonly selloSAT: string;
  readonly noCertificadoSAT: string;
  readonly noCertificadoCFDI: string;
  readonly cadenaOriginalSAT: string;
  readonly tfd: string;
  /** The comprobante with its timbre, always declared as UTF-8. */
  readonly cfdi: string;
}

/** Certificate number and key that sign timbres. */
export interface StampingKey {
  readonly number: string;
  readonly key: KeyObject;
}

/** UUID and moment of a timbre; a wrong answer keeps them and lies about the seal. */
export interface Identity {
  readonly uuid: string;
  readonly fechaTimbrado: string;
}

const tfdNamespaces =
  'xmlns:tfd="http://www.sat.gob.mx/TimbreFiscalDigital" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ' +
  'xsi:schemaLocation="http://www.sat.gob.mx/TimbreFiscalDigital ' +
  'http://www.sat.gob.mx/sitio_internet/cfd/TimbreFiscalDigital/TimbreFiscalDigitalv11.xsd"';

/** A new UUID and the PAC's own moment. */
export function newIdentity(now: Date): Identity {
  return { uuid: randomUUID(), fechaTimbrado: localTime(now) };
}

function prefixOf(document: XmlDocument): string {
  const name = /^<([^\s/>]+)/.exec(document.text.slice(document.root.place.start))?.[1] ?? '';
  return name.includes(':') ? `${name.split(':')[0]}:` : '';
}

function spliced(text: string, from: number, to: number, piece: string): string {
  return text.slice(0, from) + piece + text.slice(to);
}

/** Puts the timbre into the complement, made where the schema wants it; every other character stays as it came. */
function insert(document: XmlDocument, tfd: string): string {
  const { text, root } = document;
  const [complement] = childrenOf(root, 'Complemento');
  const name = `${prefixOf(document)}Complemento`;
  if (complement !== undefined) {
    const { start, inside, end, after } = complement.place;
    if (end < after) return spliced(text, end, end, tfd);
    // `<cfdi:Complemento/>`: open it. Its slash is the last character before `>`.
    const tag = text.slice(start, inside).replace(/\/>$/, '>');
    return spliced(text, start, after, `${tag}${tfd}</${name}>`);
  }
  const [addenda] = childrenOf(root, 'Addenda');
  const at = addenda?.place.start ?? root.place.end;
  return spliced(text, at, at, `<${name}>${tfd}</${name}>`);
}

function declaredUtf8(text: string): string {
  return text.replace(/^(<\?xml[^>]*?encoding\s*=\s*["'])[A-Za-z0-9._-]+/, '$1UTF-8');
}

/** Stamps: TFD 1.1 with a SelloSAT over its own cadena original. `selloCFD` is the comprobante's own unless a lie is wanted. */
export function stampDocument(
  document: XmlDocument,
  identity: Identity,
  stamping: StampingKey,
  selloCFD: string = attribute(document.root, 'Sello'),
): Stamp {
  const { uuid, fechaTimbrado } = identity;
  const cadenaOriginalSAT = `||1.1|${uuid}|${fechaTimbrado}|${pacRfc}|${selloCFD}|${stamping.number}||`;
  const selloSAT = sign('RSA-SHA256', Buffer.from(cadenaOriginalSAT, 'utf8'), stamping.key).toString('base64');
  const tfd =
    `<tfd:TimbreFiscalDigital ${tfdNamespaces} Version="1.1" UUID="${uuid}" FechaTimbrado="${fechaTimbrado}" ` +
    `RfcProvCertif="${pacRfc}" SelloCFD="${selloCFD}" NoCertificadoSAT="${stamping.number}" SelloSAT="${selloSAT}"/>`;
  return {
    uuid,
    fechaTimbrado,
    selloCFDI: selloCFD,
    selloSAT,
    noCertificadoSAT: stamping.number,
    noCertificadoCFDI: attribute(document.root, 'NoCertificado'),
    cadenaOriginalSAT,
    tfd,
    cfdi: declaredUtf8(insert(document, tfd)),
  };
}
