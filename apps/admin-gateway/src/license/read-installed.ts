import { parseStrict, readEnvelope, Refused } from '@nexora/licensing';
import { z } from 'zod';
import { Problem, type ProblemCode } from '../http/problem.ts';

/** The form of an envelope. What its parts must be is for the library to say. */
export const envelopeForm = z.strictObject({
  payload: z.string().describe('base64'),
  signature: z.string().describe('base64'),
  kid: z.string().describe('16 hex digits'),
  alg: z.unknown().optional().describe('Is not looked at: it is Ed25519'),
});

/** What the job takes, in bytes; an envelope is ASCII. A licence and a reply have at most 64 KiB by their own rules. */
const MOST = 140_000;

/**
 * Reads what is handed in as a licence: the envelope as it lies in its file, byte for byte, or `{"envelope": …}` with it
 * as text or as JSON. Answers the envelope's text. Only its form is judged: the agent alone has the keys.
 * @throws Problem in Spanish: 400 for what is no envelope, 413 above 140,000 bytes, 422 where a part is not written right
 */
export function readInstalled(bytes: Buffer): string {
  // Before anything is read: as JSON, small values take many times their bytes.
  if (bytes.length > MOST * 2) throw tooLarge();
  const text = envelopeIn(decoded(bytes));
  if (text.length > MOST) throw tooLarge();
  try {
    readEnvelope(text, MOST);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    throw noEnvelope(
      error.es,
      error,
      envelopeForm.safeParse(parsed(text)).success ? 'http.unprocessable' : 'http.malformed',
    );
  }
  return text;
}

/** A byte order mark, as editors of Windows write it, is left out. */
function decoded(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw noEnvelope('El archivo no es texto en UTF-8. Suba el archivo tal como lo recibió.', error);
  }
}

/**
 * The envelope inside of `{"envelope": …}`, untouched: read and written anew, a key that stands twice in it would no
 * longer be seen.
 */
function envelopeIn(text: string): string {
  const inner = /^\s*\{\s*"envelope"\s*:([^]*)\}\s*$/.exec(text)?.[1];
  if (inner === undefined) return text;
  const value = parsed(inner);
  return typeof value === 'string' ? value : inner.trim();
}

function parsed(json: string): unknown {
  try {
    return parseStrict(json);
  } catch {
    return undefined; // said in the words for what is no envelope
  }
}

function tooLarge(): Problem {
  const remedy = 'Una lista de revocación tan grande se instala en el equipo: npm run license -- install <archivo>.';
  return new Problem('http.too-large', `El archivo pasa de ${MOST} bytes. ${remedy}`);
}

function noEnvelope(detail: string, cause: unknown, code: ProblemCode = 'http.malformed'): Problem {
  return new Problem(code, detail, { errors: [{ path: '', message: detail, code: 'license.no-envelope' }], cause });
}
