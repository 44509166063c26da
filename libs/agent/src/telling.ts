import { Ledger } from '@nexora/outbox';
import type { Database } from '@nexora/database';
import type { Clock, Health, ProbeResult, Telemetry } from '@nexora/runtime';
import { loop } from './loops.ts';

/** How often the parts are asked; what has not changed since is not told again. */
const EVERY_MS = 10_000;
/** What is no dependency: the process itself, and the heartbeat, whose time stands in the ledger anyway. */
const OF_ITSELF: ReadonlySet<string> = new Set(['process', 'heartbeat']);

/** One part that a process depends on, as the ledger is told. */
interface Dependency extends ProbeResult {
  readonly name: string;
}

/** What telling needs. */
export interface TellingParts {
  readonly database: Database;
  readonly health: Pick<Health, 'ready'>;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly signal: AbortSignal;
  /** The incarnation under which this process works now. */
  readonly incarnation: () => string;
  /** How many times faster than the house tests live; default 1. */
  readonly pace?: number | undefined;
}

/**
 * Tells the ledger which parts this process reaches and which not, for the dashboard. Postgres being away cannot be
 * told; the silence tells it.
 */
export function tellHealth(parts: TellingParts): Promise<void> {
  const { health, clock, telemetry, signal, incarnation, pace = 1 } = parts;
  const ledger = new Ledger(parts.database);
  let told = '';
  const onError = (error: unknown) => telemetry.emit('health-untold', { error });
  return loop({ clock, everyMs: EVERY_MS / pace, signal, onError }, async () => {
    const dependencies = dependenciesIn((await health.ready()).details);
    if (signal.aborted) return;
    const who = incarnation();
    const news = who + JSON.stringify(dependencies);
    if (news !== told && (await ledger.tell(who, { dependencies }))) told = news;
  });
}

function dependenciesIn(details: Readonly<Record<string, ProbeResult>>): Dependency[] {
  return Object.entries(details)
    .filter(([name]) => !OF_ITSELF.has(name))
    .map(([name, result]) => ({ name, ...result }));
}
