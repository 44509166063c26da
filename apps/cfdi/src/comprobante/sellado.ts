import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { attributeOf, readXml, writeXml } from '@nexora/comprobante';
import { cadenaOriginal } from './cadena-original.ts';
import { firma, firmaVale } from './sello.ts';
import { conSello, construye, type Partes } from './xml.ts';

/** A sealed comprobante: these bytes and no others go to the PAC. */
export interface Sellado {
  readonly bytes: Buffer;
  /** Of `bytes`, in hex: the name under which attempts are compared. */
  readonly sha256: string;
  readonly sello: string;
  readonly cadena: string;
  readonly fecha: string;
  readonly noCertificado: string;
}

/**
 * Builds, seals and writes a comprobante, then reads its own bytes back and checks the seal on what it read, so that a
 * fault of the writer never leaves the shop.
 * @throws Error when the bytes do not say what was sealed
 */
export function sella(partes: Partes, key: KeyObject): Sellado {
  const comprobante = construye(partes);
  const cadena = cadenaOriginal(comprobante);
  const sello = firma(cadena, key);
  const text = `<?xml version="1.0" encoding="UTF-8"?>${writeXml(conSello(comprobante, sello))}`;
  const bytes = Buffer.from(text, 'utf8');
  assertReadsBack(bytes, cadena, sello, key);
  return {
    bytes,
    sha256: sha256(bytes),
    sello,
    cadena,
    fecha: partes.fecha,
    noCertificado: partes.certificado.numero,
  };
}

/** SHA-256 in hex. */
function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function assertReadsBack(bytes: Buffer, cadena: string, sello: string, key: KeyObject): void {
  const { root } = readXml(bytes);
  const isSame = cadenaOriginal(root) === cadena && attributeOf(root, 'Sello') === sello;
  if (isSame && firmaVale(cadena, sello, publicKeyOf(key))) return;
  throw new Error('The sealed bytes do not read back as what was sealed.');
}

/** Public halves of the keys that seal; to derive one costs more than to verify with it. */
const publicKeys = new WeakMap<KeyObject, KeyObject>();

function publicKeyOf(key: KeyObject): KeyObject {
  const known = publicKeys.get(key) ?? createPublicKey(key);
  publicKeys.set(key, known);
  return known;
}
