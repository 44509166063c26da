import { ejemploDeIngreso } from '@nexora/comprobante';
import type { DemoHouse } from '@nexora/stack/demo-house';
import type { Client } from 'pg';

/** Rows of each kind that wait for the line. */
export interface Backlog {
  readonly stampings: number;
  readonly notifications: number;
  readonly copies: number;
}

/** A row of each class must be there, or the order would not be seen. */
const RENEWALS = 1;
const CHUNK = 500;

/** Rows in all. */
export function rowsOf({ stampings, notifications, copies }: Backlog): number {
  return RENEWALS + stampings + notifications + copies;
}

/** Hands the backlog over as the shop's programs do, the last class first. Answers the comprobantes' external ids. */
export async function handOver(house: DemoHouse, admin: Client, backlog: Backlog, run: string): Promise<string[]> {
  await enqueue(admin, 'later.copy', backlog.copies);
  await enqueue(admin, 'later.notify', backlog.notifications);
  const documents = Array.from({ length: backlog.stampings }, (_, index) => {
    const folio = `${run}-${index + 1}`;
    return ejemploDeIngreso({ externalId: `drain-${folio}`, serie: 'DRAIN', folio });
  });
  for (let at = 0; at < documents.length; at += CHUNK) await house.submit(documents.slice(at, at + CHUNK));
  await admin.query(`SELECT agents.enqueue('license.renew', '{}')`);
  return documents.map(({ externalId }) => externalId);
}

async function enqueue(admin: Client, kind: string, count: number): Promise<void> {
  const text = `SELECT count(agents.enqueue($1, jsonb_build_object('id', n))) FROM generate_series(1, $2::int) AS n`;
  await admin.query(text, [kind, count]);
}

/** Rows that need the Internet and are not done. */
export async function left(admin: Client): Promise<number> {
  const text = `SELECT count(*)::int AS n FROM agents.job
                 WHERE kind IN ('license.renew', 'cfdi.stamp', 'later.notify', 'later.copy')`;
  return (await admin.query<{ n: number }>(text)).rows[0]?.n ?? 0;
}

/** Dead letters and comprobantes without a stamp. */
export async function unstamped(admin: Client, ids: readonly string[]): Promise<number> {
  const text = 'SELECT count(*)::int AS n FROM cfdi.comprobante WHERE external_id = ANY ($1) AND uuid IS NULL';
  return (await admin.query<{ n: number }>(text, [ids])).rows[0]?.n ?? 0;
}

/** UUIDs that the PAC gave and no comprobante has. */
export async function strayStamps(house: DemoHouse, admin: Client): Promise<number> {
  const text = 'SELECT uuid::text FROM cfdi.comprobante WHERE uuid IS NOT NULL';
  const ours = new Set((await admin.query<{ uuid: string }>(text)).rows.map(({ uuid }) => uuid));
  const given = new Set((await house.pac.log()).flatMap(({ uuid }) => (uuid === null ? [] : [uuid.toLowerCase()])));
  return [...given].filter((uuid) => !ours.has(uuid)).length;
}
