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
const MOST_HOPS = 5;

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
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await asked(address, signal);
    if (response.status >= 500) throw new Error(`HTTP ${response.status}`);
    if (response.status !== 200) throw new NotFetched(`${address.href}: el sitio responde ${response.status}.`);
    return { bytes: await bodyOf(address, response), lastModified: response.headers.get('last-modified') };
  } catch (error) {
    if (error instanceof NotFetched || !signal.aborted) throw error;
    throw new Error(`no terminó en ${timeoutMs / 1_000} segundos`, { cause: error });
  }
}

/** Follows the site to other places of its own; nothing is ever asked of another. */
async function asked(address: URL, signal: AbortSignal): Promise<Response> {
  let target = address;
  for (let hops = 0; hops <= MOST_HOPS; hops += 1) {
    const response = await fetch(target, { signal, redirect: 'manual' });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status > 399 || location === null) return response;
    await response.body?.cancel();
    target = new URL(location, target);
    if (target.origin !== address.origin) {
      throw new NotFetched(`${address.href}: el sitio manda a otra dirección (${target.host}).`);
    }
  }
  throw new NotFetched(`${address.href}: el sitio manda de una dirección a otra sin fin.`);
}

/** The body, read no further than to the limit. */
async function bodyOf(address: URL, { body }: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // The type of the body leaves open what is in it.
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > MOST_BYTES) throw new NotFetched(`${address.href}: el archivo es demasiado grande.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
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
  return new NotFetched(`${address.href}: no se pudo descargar (${whyOf(error)}).`, { cause: error });
}

/** The system's word for what failed lies in the cause of what fetch throws. */
function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (error.message === 'fetch failed' && cause instanceof Error)
    return 'code' in cause ? String(cause.code) : cause.message;
  return 'code' in error ? String(error.code) : error.message;
}
