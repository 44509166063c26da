import { attributeOf, childrenOf, isFechaHora, readXml, XmlFault, type XmlElement } from '@nexora/comprobante';
import type { KeyObject } from 'node:crypto';
import { timbresAgregados } from './agregado.ts';
import { cadenaDelTimbre, cadenaOriginal } from './cadena-original.ts';
import { encodeXml } from './codificacion.ts';
import { CFDI, TFD } from './espacios.ts';
import { Invalid, Unsupported } from './recorrido.ts';
import { firmaVale } from './sello.ts';

/** What a Timbre Fiscal Digital says. */
export interface Timbre {
  /** Folio fiscal, in small letters: the house's spelling; the XML keeps the PAC's. */
  readonly uuid: string;
  /** Local time of the middle of Mexico, `2026-11-21T09:30:05`. */
  readonly fechaTimbrado: string;
  readonly rfcProvCertif: string;
  readonly noCertificadoSat: string;
  readonly selloCfd: string;
  readonly selloSat: string;
}

/** Verdict over a PAC's answer. */
export type Belief =
  | { readonly kind: 'ours'; readonly timbre: Timbre; readonly xml: Buffer }
  /** A good stamp, of another comprobante: a person must look. */
  | { readonly kind: 'foreign'; readonly why: string }
  /** Not a stamp that can be believed: the outcome stays unknown. `isOfTime`: its FechaTimbrado alone speaks against it. */
  | { readonly kind: 'unbelievable'; readonly why: string; readonly isOfTime?: boolean };

/** What was sent, and what is known of the stamper. */
export interface Sent {
  /** The sealed bytes, as they were sent; where they are given, an answer that begins with them is judged faster. */
  readonly bytes?: Buffer;
  readonly sello: string;
  readonly cadena: string;
  /** Instant of sealing; a stamp from before it, or from the far future, is not believed. */
  readonly sealedAt: Date;
  readonly now: Date;
  /** Public keys of the tax authority's certificates by number, as far as they are known. */
  readonly satKeys: ReadonlyMap<string, KeyObject>;
}

const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/;
const NIL = '00000000-0000-0000-0000-000000000000';
/** FechaTimbrado is local time without a zone; a day on either side allows for every zone and a wrong clock. */
const SANE_MS = 26 * 3_600_000;

/**
 * Judges a PAC's answer: the XML reads, our Comprobante is in it unchanged (cadena and Sello), there is exactly one
 * stamp, it is of our seal, its UUID and time are sane, and SelloSAT verifies where the certificate is known.
 * That the UUID belongs to no other comprobante is for the table's unique index to say.
 */
export function believe(answer: string | Uint8Array, sent: Sent): Belief {
  try {
    return judge(answer, sent);
  } catch (error) {
    if (error instanceof XmlFault || error instanceof Invalid || error instanceof Unsupported) {
      return { kind: 'unbelievable', why: `the answer's XML ${error.message}` };
    }
    throw error;
  }
}

function judge(answer: string | Uint8Array, sent: Sent): Belief {
  const { bytes } = sent;
  const added = typeof answer === 'string' && bytes !== undefined ? timbresAgregados(bytes, answer) : undefined;
  const whole = added === undefined ? readXml(answer) : undefined;
  const [stamp, ...others] = added ?? stampsIn(whole?.root);
  if (stamp === undefined) return { kind: 'unbelievable', why: 'the answer holds no stamp' };
  if (others.length > 0) return { kind: 'unbelievable', why: 'the answer holds more than one stamp' };
  const timbre = readTimbre(stamp);
  if (timbre.selloCfd !== sent.sello) return { kind: 'foreign', why: 'SelloCFD is another than our Sello' };
  if (whole !== undefined && !isOurs(whole.root, sent)) {
    return { kind: 'unbelievable', why: 'the answer holds another Comprobante than ours' };
  }
  const why = whyInsane(timbre, stamp, sent);
  if (why !== undefined) return { kind: 'unbelievable', why };
  if (!isTimely(timbre, sent)) {
    const late = 'FechaTimbrado is not a time at which this can have been stamped';
    return { kind: 'unbelievable', why: late, isOfTime: true };
  }
  const xml = typeof answer === 'string' ? encodeXml(whole?.text ?? answer) : Buffer.from(answer);
  return { kind: 'ours', timbre, xml };
}

function isOurs(root: XmlElement, { sello, cadena }: Sent): boolean {
  return attributeOf(root, 'Sello') === sello && cadenaOriginal(root) === cadena;
}

function stampsIn(root: XmlElement | undefined): readonly XmlElement[] {
  if (root === undefined) return [];
  return childrenOf(root, CFDI, 'Complemento').flatMap((one) => childrenOf(one, TFD, 'TimbreFiscalDigital'));
}

/** Reads a stamp's attributes as they stand. @throws Invalid when one that it must have is missing */
export function readTimbre(stamp: XmlElement): Timbre {
  const value = (name: string): string => {
    const found = attributeOf(stamp, name);
    if (found === undefined || found === '') throw new Invalid(`has a stamp without ${name}`);
    return found;
  };
  return {
    uuid: value('UUID').toLowerCase(),
    fechaTimbrado: value('FechaTimbrado'),
    rfcProvCertif: value('RfcProvCertif'),
    noCertificadoSat: value('NoCertificadoSAT'),
    selloCfd: value('SelloCFD'),
    selloSat: value('SelloSAT'),
  };
}

function isTimely({ fechaTimbrado }: Timbre, { sealedAt, now }: Sent): boolean {
  const stampedAt = isFechaHora(fechaTimbrado) ? Date.parse(`${fechaTimbrado}Z`) : Number.NaN;
  return stampedAt > sealedAt.getTime() - SANE_MS && stampedAt < now.getTime() + SANE_MS;
}

function whyInsane(timbre: Timbre, stamp: XmlElement, sent: Sent): string | undefined {
  if (attributeOf(stamp, 'Version') !== '1.1') return 'the stamp is not of version 1.1';
  if (!UUID.test(timbre.uuid) || timbre.uuid === NIL) return 'the UUID is none';
  const key = sent.satKeys.get(timbre.noCertificadoSat);
  if (key === undefined || firmaVale(cadenaDelTimbre(stamp), timbre.selloSat, key)) return undefined;
  return 'SelloSAT does not verify';
}
