import { isPassing, sqlState } from '@nexora/database';
import { StaleFence, WorkerLost, type JobError } from '@nexora/outbox';
import { pause } from '../loops.ts';
import type { WorkedKind } from '../resolve.ts';
import { badEndOf, writeEnd, type Bad, type Ending } from './ending.ts';
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
    if (job.ending !== undefined) return this.#tell(job, job.ending, undefined);
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
    const stored = await resultOf(worked.kind, result);
    try {
      return (await this.#told(job, () => this.#batch.add(incarnation, { id, dispatch, result: stored }))) === true;
    } catch (error) {
      throw isData(error) ? new ResultInvalid(worked.kind.name, [{ path: '', message: 'cannot be stored' }]) : error;
    }
  }

  /** The handler threw: a fate of ours, or anything else. What it has committed before counts. */
  async threw(job: RunningJob, worked: WorkedKind, thrown: unknown): Promise<Outcome> {
    if (job.finished) {
      this.#ground.telemetry.emit('done', this.#facts(job));
      this.#ground.telemetry.emit('threw-after-finish', { job: job.id, kind: job.kind, error: thrown });
      return 'well';
    }
    if (job.ending !== undefined) return this.#tell(job, job.ending, thrown);
    if (job.cancelled) return this.#ends(job, worked, { is: 'cancelled' }, undefined);
    const end = badEndOf(job, worked, thrown, this.#ground.clock);
    return end.is === 'stale' ? this.#stale(job) : this.#ends(job, worked, end, thrown);
  }

  /** The handler took too long; its slot goes to the next job whether it ends or not. */
  timedOut(job: RunningJob, worked: WorkedKind): Promise<Outcome> {
    this.#ground.telemetry.emit('timed-out', { job: job.id, kind: job.kind, limitMs: worked.timeoutMs });
    if (job.cancelled) return this.#ends(job, worked, { is: 'cancelled' }, undefined);
    const error = { code: 'agents.timeout', limitMs: worked.timeoutMs };
    return this.#ends(job, worked, { is: 'retry', error }, new Error(`no end within ${worked.timeoutMs} ms`));
  }

  /** The payload does not fit the kind: no handler ever sees it. */
  payloadInvalid(job: RunningJob, worked: WorkedKind, error: JobError): Promise<Outcome> {
    return this.#ends(job, worked, { is: 'permanent', error }, undefined);
  }

  /** The ledger refused the outcome itself: the attempt has failed, and the next one may end better. */
  unwritable(job: RunningJob, worked: WorkedKind, cause: unknown): Promise<Outcome> {
    const error = {
      code: 'agents.failed',
      detail: 'The outcome could not be written; the log of the agent tells why.',
    };
    return this.#ends(job, worked, { is: 'retry', error }, cause);
  }

  async #ends(job: RunningJob, worked: WorkedKind, end: Bad, thrown: unknown): Promise<Outcome> {
    const ending = await this.#told(job, () => writeEnd(this.#ground.ledger, job, worked, end));
    return ending === NOT_OURS ? this.#stale(job) : this.#tell(job, ending, thrown);
  }

  #tell(job: RunningJob, ending: Ending, thrown: unknown): Outcome {
    const { fate } = ending;
    this.#tellState(job, ending, thrown);
    if (fate.is !== 'later' || fate.unreachable === null) return 'otherwise';
    this.#hint(fate.unreachable);
    return 'offline';
  }

  #tellState(job: RunningJob, { fate, state, delayMs }: Ending, thrown: unknown): void {
    const { telemetry } = this.#ground;
    const facts = this.#facts(job);
    if (state === 'cancelled') telemetry.emit('cancelled', facts);
    else if (state === 'dead') {
      const code = fate.is === 'permanent' ? fate.error.code : 'agents.attempts-exhausted';
      telemetry.emit('dead', { ...facts, code, error: thrown });
    } else if (state === 'in_doubt') {
      const code = 'error' in fate ? fate.error.code : 'agents.in-doubt';
      telemetry.emit('in-doubt', { ...facts, code, error: thrown });
    } else if (fate.is === 'handed-back') telemetry.emit('handed-back', facts);
    else if (fate.is === 'later') {
      telemetry.emit('snoozed', { ...facts, delayMs, reason: fate.reason.detail ?? fate.reason.code });
    } else telemetry.emit('retried', { ...facts, delayMs, error: thrown });
  }

  #stale(job: RunningJob): Outcome {
    this.#ground.telemetry.emit('stale', this.#facts(job));
    return 'otherwise';
  }

  /**
   * Tells the ledger, again and again while Postgres is away or refuses for a reason of the moment (disk full, read-only
   * after a failover): that costs time, not the outcome, and is no failure of the job. Ends when the incarnation does,
   * because then the row is somebody else's.
   */
  async #told<T>(job: RunningJob, tell: () => Promise<T>): Promise<T | typeof NOT_OURS> {
    const { ended } = this.#session;
    for (let waitMs = 50; ; waitMs = Math.min(waitMs * 2, 1_000)) {
      try {
        if (!this.#session.holds(job.incarnation)) return NOT_OURS;
        return await tell();
      } catch (error) {
        if (error instanceof StaleFence || error instanceof WorkerLost) return NOT_OURS;
        if (!isPassing(error)) throw error;
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
