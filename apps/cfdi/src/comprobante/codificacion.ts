import { declaredEncoding } from '@nexora/comprobante';

/** The bytes of a document that came as decoded text: in the encoding that its own declaration names. */
export function encodeXml(text: string): Buffer {
  if (declaredEncoding(text.slice(0, 256)) !== 'ISO-8859-1') return Buffer.from(text, 'utf8');
  const plain = text.replace(/[^\u0000-\u00ff]/gu, (char) => `&#${char.codePointAt(0) ?? 0};`);
  return Buffer.from(plain, 'latin1');
}
