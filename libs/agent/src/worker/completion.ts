import { retryDelayMs } from '@nexora/backoff';
import { DatabaseAway, sqlState } from '@nexora/database';
import { StaleFence, WorkerLost, type JobError } from '@nexora/outbox';
import { pause } from '../loops.ts';
import type { WorkedKind } from '../resolve.ts';
import { fateOf, type Fate } from './fate-of.ts';
import type { FinishBatch } from './finish-batch.ts';
import type { JobGround } from './job-ground.ts';
import type { RunningJob } from './running-job.ts';
import type { Session } from './session.ts';
import { ResultInvalid, resultOf } from './shapes.ts';

/** How a run ended, for the slot that it leaves. */
export type Outcome = 'well' | 'offline' | 'otherwise';

/** What the ledger answered instead of taking an outcome. */
const NOT_OURS = Symbol('not ours');

/** Writes what became of a job into the ledger, and tells it. */
export class Completion {
  readonly #ground: JobGround;
  readonly #session: Session;
  readonly #batch: FinishBatch;
  readonly #hint: (host: string) => void;

  constructor(ground: JobGround, session: Session, batch: FinishBatch, hint: (host: string) => void) {
    this.#ground = ground;
    this.#session = session;
    this.#batch = batch;
    this.#hint = hint;
  }

  /** The handler returned. */
  async returned(job: RunningJob, worked: WorkedKind, result: unknown): Promise<Outcome> {
    if (!job.finished) {
      try {
        if (!(await this.#finished(job, worked, result))) return this.#stale(job);
      } catch (error) {
        return this.threw(job, worked, error);
      }
    }
    this.#ground.telemetry.emit('done', this.#facts(job));
    return 'well';
  }

  async #finished(job: RunningJob, worked: WorkedKind, result: unknown): Promise<boolean> {
    const { id, dispatch, incarnation } = job;
    const stored = resultOf(worked.kind, result);
    try {
      return (await this.#told(job, () => this.#batch.add(incarnation, { id, dispatch, result: stored }))) === true;
    } catch (error) {
      throw isData(error) ? new ResultInvalid(worked.kind.name, [{ path: '', message: 'cannot be stored' }]) : error;
    }
  }

  /** The handler threw: a fate of ours, or anything else. */
  async threw(job: RunningJob, worked: WorkedKind, thrown: unknown): Promise<Outcome> {
    if (job.finished) {
      this.#ground.telemetry.emit('done', this.#facts(job));
      this.#ground.telemetry.emit('threw-after-finish', { job: job.id, kind: job.kind, error: thrown });
      return 'well';
    }
    if (job.cancelled) return this.#cancelled(job);
    const fate = fateOf(thrown, worked.kind, this.#ground.clock.now(), Math.random);
    // Who was told to stop and did so has not failed.
    if (job.stopping && fate.is === 'retry') return this.#handedBack(job);
    return this.#fate(job, worked, fate, thrown);
  }

  /** The handler took too long; its slot goes to the next job whether it ends or not. */
  timedOut(job: RunningJob, worked: WorkedKind): Promise<Outcome> {
    this.#ground.telemetry.emit('timed-out', { job: job.id, kind: job.kind, limitMs: worked.timeoutMs });
    if (job.cancelled) return this.#cancelled(job);
    const error = { code: 'agents.timeout', limitMs: worked.timeoutMs };
    return this.#retried(job, worked, error, new Error(`no end within ${worked.timeoutMs} ms`));
  }

  /** The payload does not fit the kind: no handler ever sees it. */
  payloadInvalid(job: RunningJob, error: JobError): Promise<Outcome> {
    return this.#buried(job, error);
  }

  /** The ledger refused the outcome itself: the attempt has failed, and the next one may end better. */
  unwritable(job: RunningJob, worked: WorkedKind, cause: unknown): Promise<Outcome> {
    const error = {
      code: 'agents.failed',
      detail: 'The outcome could not be written; the log of the agent tells why.',
    };
    return this.#retried(job, worked, error, cause);
  }

  async #fate(job: RunningJob, worked: WorkedKind, fate: Fate, thrown: unknown): Promise<Outcome> {
    switch (fate.is) {
      case 'stale':
        return this.#stale(job);
      case 'permanent':
        return this.#buried(job, fate.error, thrown);
      case 'in-doubt':
        return this.#doubted(job, fate.error, thrown);
      case 'retry':
        return this.#retried(job, worked, fate.error, thrown);
      case 'later':
        return this.#snoozed(job, fate);
    }
  }

  async #buried(job: RunningJob, error: JobError, thrown?: unknown): Promise<Outcome> {
    const taken = await this.#told(job, () => this.#ground.ledger.bury(job.incarnation, job.row, error));
    if (taken === NOT_OURS) return this.#stale(job);
    this.#ground.telemetry.emit('dead', { ...this.#facts(job), code: error.code, error: thrown });
    return 'otherwise';
  }

  async #doubted(job: RunningJob, error: JobError, thrown?: unknown): Promise<Outcome> {
    const taken = await this.#told(job, () => this.#ground.ledger.doubt(job.incarnation, job.row, error));
    if (taken === NOT_OURS) return this.#stale(job);
    this.#ground.telemetry.emit('in-doubt', { ...this.#facts(job), code: error.code, error: thrown });
    return 'otherwise';
  }

  async #retried(job: RunningJob, worked: WorkedKind, error: JobError, thrown: unknown): Promise<Outcome> {
    const { retry } = worked;
    const delayMs = retryDelayMs(retry, job.attempts + 1, Math.random()) ?? 0;
    const failure = { delayMs, error, maxAttempts: retry.attempts };
    const state = await this.#told(job, () => this.#ground.ledger.retry(job.incarnation, job.row, failure));
    const facts = this.#facts(job);
    switch (state) {
      case NOT_OURS:
        return this.#stale(job);
      case 'dead':
        this.#ground.telemetry.emit('dead', { ...facts, code: 'agents.attempts-exhausted', error: thrown });
        break;
      case 'in_doubt':
        this.#ground.telemetry.emit('in-doubt', { ...facts, code: error.code, error: thrown });
        break;
      case 'cancelled':
        this.#ground.telemetry.emit('cancelled', facts);
        break;
      default:
        this.#ground.telemetry.emit('retried', { ...facts, delayMs, error: thrown });
    }
    return 'otherwise';
  }

  async #snoozed(job: RunningJob, fate: Extract<Fate, { is: 'later' }>): Promise<Outcome> {
    const { delayMs, reason, unreachable } = fate;
    const state = await this.#told(job, () => this.#ground.ledger.later(job.incarnation, job.row, { delayMs, reason }));
    if (state === NOT_OURS) return this.#stale(job);
    if (state === 'pending') {
      this.#ground.telemetry.emit('snoozed', { ...this.#facts(job), delayMs, reason: reason.detail ?? reason.code });
    } else {
      this.#ground.telemetry.emit('cancelled', this.#facts(job));
    }
    if (unreachable === null) return 'otherwise';
    this.#hint(unreachable);
    return 'offline';
  }

  async #cancelled(job: RunningJob): Promise<Outcome> {
    const state = await this.#told(job, () => this.#ground.ledger.cancelled(job.incarnation, job.row));
    if (state === NOT_OURS) return this.#stale(job);
    if (state === 'in_doubt') {
      this.#ground.telemetry.emit('in-doubt', { ...this.#facts(job), code: 'agents.in-doubt' });
    } else {
      this.#ground.telemetry.emit('cancelled', this.#facts(job));
    }
    return 'otherwise';
  }

  async #handedBack(job: RunningJob): Promise<Outcome> {
    const back = await this.#told(job, () => this.#ground.ledger.handBack(job.incarnation, [job.row]));
    if (back !== 1) return this.#stale(job);
    this.#ground.telemetry.emit('handed-back', this.#facts(job));
    return 'otherwise';
  }

  #stale(job: RunningJob): Outcome {
    this.#ground.telemetry.emit('stale', this.#facts(job));
    return 'otherwise';
  }

  /**
   * Tells the ledger, again and again while Postgres is away: an outage costs time, not the outcome. Ends when the
   * incarnation does, because then the row is somebody else's.
   */
  async #told<T>(job: RunningJob, tell: () => Promise<T>): Promise<T | typeof NOT_OURS> {
    const { ended } = this.#session;
    for (let waitMs = 50; ; waitMs = Math.min(waitMs * 2, 1_000)) {
      try {
        if (!this.#session.holds(job.incarnation)) return NOT_OURS;
        return await tell();
      } catch (error) {
        if (error instanceof StaleFence || error instanceof WorkerLost) return NOT_OURS;
        if (!(error instanceof DatabaseAway)) throw error;
        await pause(this.#ground.clock, waitMs, ended);
      }
    }
  }

  #facts(job: RunningJob) {
    const durationMs = this.#ground.clock.monotonic() - job.startedAt;
    return { job: job.id, kind: job.kind, attempt: job.attempts + 1, durationMs };
  }
}

/** SQLSTATE class 22: the data themselves, for instance a text with a NUL, which jsonb cannot hold. */
function isData(error: unknown): boolean {
  return sqlState(error)?.startsWith('22') === true;
}
