import type { Sql } from '@nexora/database';
import type { Telemetry } from '@nexora/runtime';
import type { Call } from './call.ts';
import { requestFingerprint } from './canonical-json.ts';
import { Problem } from './problem.ts';
import { RawAnswer } from './raw-answer.ts';
import { withoutSecrets } from './secrets.ts';

interface StoredRow {
  readonly fingerprint: Buffer;
  readonly status: number;
  readonly answer: string;
}

const MAX_KEY = 255;

/**
 * Reads the header `Idempotency-Key`.
 * @throws Problem 422 when it is not 1 to 255 visible ASCII characters.
 */
export function readIdempotencyKey(header: string | string[] | undefined): string | null {
  if (header === undefined) return null;
  if (typeof header === 'string' && header.length <= MAX_KEY && /^[\x21-\x7e]+$/.test(header)) return header;
  const message = `must be 1 to ${MAX_KEY} visible ASCII characters without spaces`;
  throw new Problem('http.unprocessable', `The header Idempotency-Key ${message}.`, {
    errors: [{ path: 'Idempotency-Key', message }],
  });
}

/**
 * What the request's key is bound to; null without a key. Of secret fields no quick hash is stored: whoever reads the
 * table must not be able to try passwords against it.
 */
export async function fingerprintOf({ route, path, rawBody, caller, idempotencyKey }: Call): Promise<Buffer | null> {
  if (idempotencyKey === null || caller === null) return null;
  const body = await withoutSecrets(rawBody, route.secrets ?? [], `${caller.id} ${idempotencyKey}`);
  return requestFingerprint(route.method, path, body);
}

/**
 * Claims the request's key for this transaction. Of two equal requests at once the second waits here until the first
 * has committed or rolled back.
 *
 * @param fingerprint what {@link fingerprintOf} made of the request.
 * @returns null when the work is to be done now, or what the first request with this key was answered.
 * @throws Problem 409 when the key belongs to another request.
 */
export async function claimKey(tx: Sql, call: Call, fingerprint: Buffer | null): Promise<RawAnswer | null> {
  if (call.idempotencyKey === null || call.caller === null || fingerprint === null) return null;
  const inserted = await tx.query({
    name: 'gateway_idempotency_claim',
    text: `INSERT INTO gateway.idempotency (caller, key, fingerprint, created_at) VALUES ($1, $2, $3, agents.now())
           ON CONFLICT DO NOTHING RETURNING key`,
    values: [call.caller.id, call.idempotencyKey, fingerprint],
  });
  return inserted.length > 0 ? null : firstAnswer(tx, call.caller.id, call.idempotencyKey, fingerprint);
}

async function firstAnswer(tx: Sql, caller: string, key: string, fingerprint: Buffer): Promise<RawAnswer> {
  const [row] = await tx.query<StoredRow>({
    name: 'gateway_idempotency_read',
    text: 'SELECT fingerprint, status, answer FROM gateway.idempotency WHERE caller = $1 AND key = $2',
    values: [caller, key],
  });
  if (row === undefined) throw new Error('An idempotency key vanished between two statements of one transaction.');
  if (!row.fingerprint.equals(fingerprint)) {
    throw new Problem(
      'http.idempotency-conflict',
      'This Idempotency-Key was used with other content. Send the same request again, or use a new key.',
    );
  }
  return new RawAnswer(row.status, JSON.parse(row.answer), { 'idempotency-replayed': 'true' });
}

/** Keeps the answer under the key that {@link claimKey} claimed in the same transaction. */
export async function keepAnswer(tx: Sql, call: Call, answer: RawAnswer): Promise<void> {
  if (call.idempotencyKey === null || call.caller === null) return;
  await tx.query({
    name: 'gateway_idempotency_keep',
    text: 'UPDATE gateway.idempotency SET status = $3, answer = $4 WHERE caller = $1 AND key = $2',
    values: [call.caller.id, call.idempotencyKey, answer.status, JSON.stringify(answer.body)],
  });
}

const BATCH = 1_000;

/** Removes keys older than so many hours, a thousand at a time. Answers how many. */
export async function forgetKeys(sql: Sql, hours: number): Promise<number> {
  const text = `DELETE FROM gateway.idempotency WHERE (caller, key) IN (
      SELECT caller, key FROM gateway.idempotency WHERE created_at < agents.now() - $1 * interval '1 hour' LIMIT $2)
    RETURNING key`;
  for (let total = 0; ;) {
    const { length } = await sql.query({ text, values: [hours, BATCH] });
    total += length;
    if (length < BATCH) return total;
  }
}

/** Forgets old keys every hour until the returned function is called. */
export function forgetKeysHourly(sql: Sql, hours: number, telemetry: Telemetry): () => void {
  const timer = setInterval(() => {
    forgetKeys(sql, hours).then(
      (rows) => telemetry.emit('keys-forgotten', { rows }),
      (error: unknown) => telemetry.emit('postgres-away', { error }),
    );
  }, 3_600_000);
  timer.unref();
  return () => clearInterval(timer);
}
