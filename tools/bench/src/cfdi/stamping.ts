import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { DemoHouse } from '@nexora/stack/demo-house';
import type { Client } from 'pg';
import type { Outcome } from '../effect.ts';

/** What stamping a number of comprobantes took. */
export interface Stamped extends Outcome {
  readonly perCpuSecond: number;
  readonly perSecond: number;
}

/** Kinds that follow a stamp. Held, the agent's time is the way from pending to `timbrado` and nothing else. */
const WHAT_FOLLOWS = ['cfdi.store', 'cfdi.render'] as const;
const CLOCK_TICKS = 100;

/** Hands documents over in one transaction and waits until all are stamped. */
export async function stamp(
  house: DemoHouse,
  admin: Client,
  documents: readonly { readonly externalId: string }[],
  { alone }: { readonly alone: boolean },
): Promise<Stamped> {
  if (alone) for (const kind of WHAT_FOLLOWS) await admin.query(`SELECT agents.hold('bench', $1)`, [kind]);
  await pause(1_000); // whatever was under way before ends
  const pid = house.pidOf('cfdi');
  if (pid === null) throw new Error('the CFDI agent does not run');
  const [cpu, began] = [cpuSeconds(pid), performance.now()];
  await house.submit(documents);
  const ids = documents.map(({ externalId }) => externalId);
  while ((await count(admin, ids, 'uuid IS NOT NULL')) < ids.length) await pause(20);
  const [perCpuSecond, perSecond] = [
    ids.length / (cpuSeconds(pid) - cpu),
    ids.length / ((performance.now() - began) / 1_000),
  ];
  if (alone) for (const kind of WHAT_FOLLOWS) await admin.query('SELECT agents.unhold($1)', [kind]);
  while ((await count(admin, ids, `estado = 'listo'`)) < ids.length) await pause(100);
  return { perCpuSecond, perSecond, ...(await reckoned(house, admin, ids)) };
}

async function count(admin: Client, ids: readonly string[], condition: string): Promise<number> {
  const text = `SELECT count(*)::int AS n FROM cfdi.comprobante WHERE external_id = ANY ($1) AND ${condition}`;
  return (await admin.query<{ n: number }>(text, [ids])).rows[0]?.n ?? 0;
}

/** Lost: a comprobante that is not ready. Duplicate: a UUID that the PAC gave and no comprobante has. */
async function reckoned(house: DemoHouse, admin: Client, ids: readonly string[]): Promise<Outcome> {
  const text = 'SELECT uuid::text FROM cfdi.comprobante WHERE uuid IS NOT NULL';
  const ours = new Set((await admin.query<{ uuid: string }>(text)).rows.map(({ uuid }) => uuid));
  const given = new Set((await house.pac.log()).flatMap(({ uuid }) => (uuid === null ? [] : [uuid.toLowerCase()])));
  const duplicates = [...given].filter((uuid) => !ours.has(uuid)).length;
  return { lost: ids.length - (await count(admin, ids, `estado = 'listo'`)), duplicates };
}

/** Seconds of processor that a process has used, all threads together. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS;
}
