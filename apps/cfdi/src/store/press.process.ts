/** The process in which PDFs are drawn; started and ended by press.ts. */
import { createHash } from 'node:crypto';
import { XmlFault } from '@nexora/comprobante';
import { Invalid, Unsupported } from '../comprobante/recorrido.ts';
import { dibuja } from '../representacion/dibujo.ts';
import { readRepresentacion } from '../representacion/lectura.ts';
import { isListo, logoListo } from '../representacion/logo.ts';
import { readFuentes } from './fuentes.ts';
import type { Drawn, ToDraw } from './press.ts';

/** Logos made ready that are kept; a house has few issuers. */
const MOST_LOGOS = 8;

const fuentes = readFuentes();
const logos = new Map<string, Promise<Buffer | null>>();

process.on('message', (order: ToDraw) => {
  draw(order).then(answer, (error: unknown) => {
    const isOfDocument = [Invalid, Unsupported, XmlFault].some((type) => error instanceof type);
    answer({ number: order.number, fault: error instanceof Error ? error.message : String(error), isOfDocument });
  });
});
// Whoever gave the orders is gone, in whatever way.
process.on('disconnect', () => process.exit(0));

async function draw({ number, xml, style }: ToDraw): Promise<Drawn> {
  const { idioma, color, isCancelled = false } = style;
  const logo = style.logo === null ? null : await ready(style.logo);
  return { number, pdf: await dibuja(readRepresentacion(xml), { fuentes, idioma, color, logo, isCancelled }) };
}

/** The logo as it prints; null when it cannot be read: an invoice without its logo is better than none. */
function ready(logo: Uint8Array): Promise<Buffer | null> {
  const bytes = Buffer.from(logo.buffer, logo.byteOffset, logo.byteLength);
  if (isListo(bytes)) return Promise.resolve(bytes);
  const key = createHash('sha256').update(bytes).digest('base64');
  const known = logos.get(key);
  if (known !== undefined) return known;
  if (logos.size >= MOST_LOGOS) logos.clear();
  const made = logoListo(bytes).catch(() => null);
  logos.set(key, made);
  return made;
}

function answer(drawn: Drawn): void {
  process.send?.(drawn, undefined, {}, (error) => {
    if (error !== null) process.exit(0); // nobody is there to hear it any more
  });
}
