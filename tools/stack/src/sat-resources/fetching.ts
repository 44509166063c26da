import { readXml, XmlFault } from '@nexora/comprobante';
import { setTimeout as wait } from 'node:timers/promises';

/** A file could not be had, or is not what it should be. Spanish, with the address. */
export class NotFetched extends Error {
  override readonly name = 'NotFetched';
}

/** A file as the site gave it. */
export interface Fetched {
  readonly text: string;
  readonly bytes: Buffer;
  readonly lastModified: string | null;
}

const TRIES = 3;
const MOST_BYTES = 64 * 1024 * 1024;

/** How long to wait. */
export interface Patience {
  /** For one file. */
  readonly timeoutMs: number;
  /** Before a second try; twice as long before the third. */
  readonly pauseMs: number;
}

/** Gets one file, three times at most, and looks whether it is whole. @throws NotFetched */
export async function fetchFile(address: URL, { timeoutMs, pauseMs }: Patience): Promise<Fetched> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return checked(address, await once(address, timeoutMs));
    } catch (error) {
      // What the site says for certain is no slip of the line.
      if (error instanceof NotFetched || attempt === TRIES) throw told(address, error);
      await wait(pauseMs * attempt);
    }
  }
}

async function once(address: URL, timeoutMs: number): Promise<Omit<Fetched, 'text'>> {
  const response = await fetch(address, { signal: AbortSignal.timeout(timeoutMs) });
  if (new URL(response.url).origin !== address.origin) {
    throw new NotFetched(`${address.href}: el sitio manda a otra dirección (${new URL(response.url).host}).`);
  }
  if (response.status >= 500) throw new Error(`HTTP ${response.status}`);
  if (response.status !== 200) throw new NotFetched(`${address.href}: el sitio responde ${response.status}.`);
  const bytes = Buffer.from(await response.arrayBuffer());
  if (bytes.length > MOST_BYTES) throw new NotFetched(`${address.href}: el archivo es demasiado grande.`);
  return { bytes, lastModified: response.headers.get('last-modified') };
}

/** Well-formed to its end, and with the root that it should have: no page of an error, nothing cut. */
function checked(address: URL, fetched: Omit<Fetched, 'text'>): Fetched {
  const wanted = address.pathname.endsWith('.xsd') ? 'schema' : 'stylesheet';
  try {
    const { root, text } = readXml(fetched.bytes);
    if (root.local === wanted) return { ...fetched, text };
  } catch (error) {
    if (!(error instanceof XmlFault)) throw error;
  }
  throw new NotFetched(`${address.href}: no es un archivo ${wanted} completo; quizá es una página de error.`);
}

function told(address: URL, error: unknown): NotFetched {
  if (error instanceof NotFetched) return error;
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const why = cause instanceof Error ? ('code' in cause ? String(cause.code) : cause.message) : String(cause);
  return new NotFetched(`${address.href}: no se pudo descargar (${why}).`, { cause: error });
}
