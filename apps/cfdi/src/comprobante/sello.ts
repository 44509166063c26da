import { sign, verify, type KeyObject } from 'node:crypto';

/** Signs a cadena original: SHA-256 with RSA over its UTF-8 bytes, base64 (Anexo 20, I.D). */
export function firma(cadena: string, key: KeyObject): string {
  return sign('RSA-SHA256', Buffer.from(cadena, 'utf8'), key).toString('base64');
}

/** Whether a seal is that of the cadena by the owner of the public key. Anything that is no seal is false. */
export function firmaVale(cadena: string, sello: string, publicKey: KeyObject): boolean {
  return verify('RSA-SHA256', Buffer.from(cadena, 'utf8'), publicKey, Buffer.from(sello, 'base64'));
}
