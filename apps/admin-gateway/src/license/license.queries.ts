import type { InputOf, Kind, LicenseMode } from '@nexora/contracts';
import type { Sql, Tx } from '@nexora/database';
import { Ledger, wakeWith } from '@nexora/outbox';
import { handOver } from '../http/hand-over.ts';
import type { LicenseState } from './license.routes.ts';

/** The house's time, and the licence as the agent recorded it. */
export async function license(sql: Sql): Promise<{ now: Date; state: LicenseState }> {
  const text = 'SELECT agents.now() AS now, s.state FROM agents.license_state s';
  const [row] = await sql.query<{ now: Date; state: LicenseState }>({ name: 'gateway_license', text });
  if (row === undefined) throw new Error('agents.license_state answered nothing; run the migrations.');
  return row;
}

/** How the licence stands, in short. */
export interface LicenseStanding {
  /** `unknown` before the agent has reported for the first time. */
  readonly mode: LicenseMode | 'unknown';
  readonly limited: boolean;
  readonly reason: string | null;
  readonly since: Date | null;
  readonly grace_days_left: number | null;
  /** For the owner, in Spanish. */
  readonly message: string;
}

/** What the ledger obeys, and what the agent says about it. */
export async function standing(sql: Sql): Promise<LicenseStanding> {
  const text = `SELECT m.mode, m.limited, m.reason, m.since, (s.state->>'graceDaysLeft')::int AS grace_days_left,
                  s.state->>'message' AS message FROM agents.license_mode m, agents.license_state s`;
  const [row] = await sql.query<LicenseStanding>({ name: 'gateway_license_standing', text });
  if (row === undefined) throw new Error('agents.license_state answered nothing; run the migrations.');
  return row;
}

/** A kind that needs the licence, and how many of its jobs wait for it now. */
export interface WaitingKind {
  readonly agent: string;
  readonly kind: string;
  readonly waiting: number;
}

/** Every kind that needs the licence. */
export function waitingKinds(sql: Sql): Promise<WaitingKind[]> {
  const text = `SELECT k.agent, w.kind, w.waiting::int AS waiting
                  FROM agents.waits_for_license w JOIN agents.kinds k ON k.kind = w.kind ORDER BY w.kind`;
  return sql.query<WaitingKind>({ name: 'gateway_waiting_kinds', text });
}

/** A request to the portal that a person carries there. */
export interface LicenseRequest {
  readonly licenseId: string;
  readonly nonce: string;
  readonly binding: readonly string[];
  /** Address of the portal; empty while none is set. */
  readonly portal: string;
}

/** Makes a request; its nonce is remembered, so that the reply to it is taken. null without a licence. */
export async function makeRequest(tx: Tx): Promise<LicenseRequest | null> {
  const text = 'SELECT agents.license_request() AS request';
  const [row] = await tx.query<{ request: { licenseId: null } | LicenseRequest }>({ text });
  return row === undefined || row.request.licenseId === null ? null : row.request;
}

/**
 * Has the agent do something once: a job of the kind that still waits does for this request too, and is due at once.
 * @throws Problem 503 before the agent has been started for the first time
 */
export async function askOnce<K extends Kind>(tx: Tx, kind: K, payload: InputOf<K>): Promise<string> {
  const text = `SELECT id FROM agents.list_jobs('pending', NULL, $1, NULL, NULL, NULL, 1)`;
  const [waiting] = await tx.query<{ id: string }>({ name: 'gateway_waiting_job', text, values: [kind.name] });
  if (waiting === undefined || (await new Ledger(tx).retryJob(waiting.id)) !== 'pending') {
    return handOver(tx, kind, payload);
  }
  wakeWith(tx, [kind.name]);
  return waiting.id;
}
