import type { Database } from '@nexora/database';
import type { Probe, ProbeResult } from '@nexora/runtime';
import type { Worker } from './worker/worker.ts';

/** A heartbeat older than this means that the ledger does not hear us; the handlers are aborted soon. */
const STALE_BEAT_MS = 15_000;

/** What an agent's health is made of, beside what its app adds. */
export function agentProbes(database: Database, worker: Worker, redis: () => Promise<void>): Probe[] {
  return [
    { name: 'postgres', check: () => answers(() => database.ping()) },
    { name: 'ledger', check: () => ledger(database) },
    // Without Redis work goes on, a second later.
    { name: 'redis', needed: false, check: () => answers(redis) },
    { name: 'heartbeat', check: () => Promise.resolve(heartbeat(worker)) },
    { name: 'work', needed: false, check: () => Promise.resolve(work(worker)) },
    { name: 'clock', needed: false, check: () => houseClock(database) },
    { name: 'internet', needed: false, check: () => internet(database) },
  ];
}

async function answers(ask: () => Promise<unknown>): Promise<ProbeResult> {
  await ask();
  return { status: 'up' };
}

async function ledger(database: Database): Promise<ProbeResult> {
  const rows = await database.query<{ there: boolean }>({
    text: `SELECT to_regprocedure('agents.claim(uuid,text,integer,bigint[],uuid[],boolean)') IS NOT NULL AS there`,
  });
  return rows[0]?.there === true
    ? { status: 'up' }
    : { status: 'down', detail: 'the ledger of this version is not there; run the migrations' };
}

function heartbeat({ silentMs }: Worker): ProbeResult {
  const detail = `last heartbeat ${(silentMs / 1000).toFixed(1)} s ago`;
  return { status: silentMs < STALE_BEAT_MS ? 'up' : 'down', detail };
}

/** Standing still by a person's wish is no fault: it is shown, and the process stays up. */
function work({ standstill, running }: Worker): ProbeResult {
  if (standstill.length === 0) return { status: 'up', detail: `${running} running` };
  const wished = standstill.every((reason) => reason === 'paused' || reason === 'disabled');
  return { status: wished ? 'up' : 'down', detail: `takes no work: ${standstill.join(', ')}` };
}

/** A clock behind what the house has seen: what depends on time waits, the rest goes on. */
async function houseClock(database: Database): Promise<ProbeResult> {
  const [row] = await database.query<{ behind: number | null }>({
    text: `SELECT CASE WHEN NOT ok THEN date_part('epoch', high_water_mark - now) END AS behind FROM agents.clock_state`,
  });
  const behind = row?.behind ?? null;
  if (behind === null) return { status: 'up' };
  return { status: 'down', detail: `the clock is ${Math.round(behind)} s behind what the house has seen` };
}

async function internet(database: Database): Promise<ProbeResult> {
  const rows = await database.query<{ state: string }>({ text: 'SELECT state FROM agents.connectivity_state' });
  const state = rows[0]?.state ?? 'unknown';
  return { status: state === 'offline' ? 'down' : 'up', detail: state };
}
