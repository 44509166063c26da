import { createHash, type KeyObject } from 'node:crypto';
import { attributeOf, childrenOf, readXml, XmlFault, type XmlElement } from '@nexora/comprobante';
import { cadenaOriginal } from './cadena-original.ts';
import { CsdRefused, readCertificado } from './csd.ts';
import { CFDI } from './espacios.ts';
import { Invalid, Unsupported } from './recorrido.ts';
import { firmaVale } from './sello.ts';
import { believe, type Timbre } from './timbre.ts';

/** A stamped comprobante that was found where the house keeps them, read and verified. */
export interface Hallado {
  readonly timbre: Timbre;
  readonly sello: string;
  /** Of the found bytes: those that were sealed are not known any more. */
  readonly sha256: string;
  readonly fecha: string;
  readonly noCertificado: string;
  readonly subTotal: string;
  readonly descuento: string | null;
  readonly total: string;
  readonly emisor: string;
  readonly serie: string | null;
  readonly folio: string | null;
}

/**
 * Reads a found XML: sealed by a certificate of its issuer, the seal holds, and so does its one stamp.
 * @returns null when it is no comprobante that can be believed
 */
export function leeHallado(xml: Buffer, now: Date, satKeys: ReadonlyMap<string, KeyObject>): Hallado | null {
  try {
    return read(xml, now, satKeys);
  } catch (error) {
    // No XML of ours, no certificate, no cadena: nothing that could be taken for a stamp.
    if ([XmlFault, Invalid, Unsupported, CsdRefused].some((type) => error instanceof type)) return null;
    throw error;
  }
}

function read(xml: Buffer, now: Date, satKeys: ReadonlyMap<string, KeyObject>): Hallado | null {
  const { root } = readXml(xml);
  const sello = attributeOf(root, 'Sello') ?? '';
  const fecha = attributeOf(root, 'Fecha') ?? '';
  const emisor = rfcOf(root);
  const cadena = cadenaOriginal(root);
  const certificado = readCertificado(Buffer.from(attributeOf(root, 'Certificado') ?? '', 'base64'));
  if (certificado.rfc !== emisor || !firmaVale(cadena, sello, certificado.publicKey)) return null;
  const belief = believe(xml, { sello, cadena, sealedAt: new Date(`${fecha}Z`), now, satKeys });
  if (belief.kind !== 'ours') return null;
  return {
    timbre: belief.timbre,
    sello,
    sha256: createHash('sha256').update(xml).digest('hex'),
    fecha,
    noCertificado: certificado.numero,
    subTotal: attributeOf(root, 'SubTotal') ?? '0',
    descuento: attributeOf(root, 'Descuento') ?? null,
    total: attributeOf(root, 'Total') ?? '0',
    emisor,
    serie: attributeOf(root, 'Serie') ?? null,
    folio: attributeOf(root, 'Folio') ?? null,
  };
}

function rfcOf(root: XmlElement): string {
  const [emisor] = childrenOf(root, CFDI, 'Emisor');
  return emisor === undefined ? '' : (attributeOf(emisor, 'Rfc') ?? '');
}
