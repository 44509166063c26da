import { parseAddenda, readXml } from '@nexora/comprobante';
import { encodeXml } from './codificacion.ts';
import { Invalid } from './recorrido.ts';

/**
 * Puts the addenda into the stamped XML, right before the end of the root; every other byte stays. It is no part of
 * what was sealed, so it may come after the stamp.
 * @param addenda as handed over; judged by the rules before
 */
export function conAddenda(stamped: Buffer, addenda: string | undefined): Buffer {
  if (addenda === undefined) return stamped;
  const parsed = parseAddenda(addenda);
  if ('falta' in parsed) throw new Invalid(parsed.falta.message);
  const { root, text, endOfRoot } = readXml(stamped);
  if (endOfRoot < 0) throw new Invalid('El comprobante no tiene contenido.');
  const name = root.prefix === '' ? 'Addenda' : `${root.prefix}:Addenda`;
  const whole = `${text.slice(0, endOfRoot)}<${name}>${parsed.xml}</${name}>${text.slice(endOfRoot)}`;
  return encodeXml(whole);
}
