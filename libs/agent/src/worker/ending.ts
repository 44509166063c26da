import { retryDelayMs } from '@nexora/backoff';
import type { JobState } from '@nexora/contracts';
import { StaleFence, type Held, type JobError, type Ledger } from '@nexora/outbox';
import type { Clock } from '@nexora/runtime';
import type { WorkedKind } from '../resolve.ts';
import { fateOf, type Fate } from './fate-of.ts';

/**
 * How a run may end otherwise than well. `handed-back`: it was told to stop and did so, which is no failure.
 * `cancelled`: somebody cancelled its job while it ran.
 */
export type Bad = Exclude<Fate, { is: 'stale' }> | { readonly is: 'handed-back' | 'cancelled' };

/** An end that is written in the ledger. */
export interface Ending {
  readonly fate: Bad;
  /** Where the job rests now. */
  readonly state: JobState;
  /** Until the next attempt; 0 where there is none. */
  readonly delayMs: number;
}

/** The run whose end is to be written. */
export interface EndingRun {
  readonly row: Held & { readonly attempts: number };
  readonly incarnation: string;
  /** True once its process was told to stop. */
  readonly stopping: boolean;
}

/** What a run comes to whose handler threw. */
export function badEndOf(run: EndingRun, { kind }: WorkedKind, thrown: unknown, clock: Clock): Bad | { is: 'stale' } {
  const fate = fateOf(thrown, kind, clock.now(), Math.random);
  return run.stopping && fate.is === 'retry' ? { is: 'handed-back' } : fate;
}

/**
 * Writes the end of a run.
 * @param ledger On the transaction with which the end commits, or on the database.
 * @throws StaleFence when the row is no longer this run's.
 */
export async function writeEnd(ledger: Ledger, run: EndingRun, worked: WorkedKind, fate: Bad): Promise<Ending> {
  const { incarnation, row } = run;
  switch (fate.is) {
    case 'permanent':
      await ledger.bury(incarnation, row, fate.error);
      return { fate, state: 'dead', delayMs: 0 };
    case 'in-doubt':
      await ledger.doubt(incarnation, row, fate.error);
      return { fate, state: 'in_doubt', delayMs: 0 };
    case 'later': {
      const { delayMs, reason } = fate;
      return { fate, delayMs, state: known(await ledger.later(incarnation, row, { delayMs, reason })) };
    }
    case 'retry':
      return writeFailure(ledger, run, worked, fate.error);
    case 'cancelled':
      return { fate, state: known(await ledger.cancelled(incarnation, row)), delayMs: 0 };
    case 'handed-back':
      if ((await ledger.handBack(incarnation, [row])) !== 1)
        throw new StaleFence('agents.stale', `The job ${row.id} is no longer this worker's.`);
      return { fate, state: 'pending', delayMs: 0 };
  }
}

async function writeFailure(ledger: Ledger, run: EndingRun, { retry }: WorkedKind, error: JobError): Promise<Ending> {
  const { incarnation, row } = run;
  const delayMs = retryDelayMs(retry, row.attempts + 1, Math.random()) ?? 0;
  const state = known(await ledger.retry(incarnation, row, { delayMs, error, maxAttempts: retry.attempts }));
  return { fate: { is: 'retry', error }, state, delayMs };
}

function known(state: JobState | undefined): JobState {
  if (state === undefined) throw new Error('The ledger did not say where the job rests.');
  return state;
}
