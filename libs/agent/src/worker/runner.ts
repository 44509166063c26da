import type { Misfit } from '@nexora/contracts';
import type { ClaimedJob, JobError } from '@nexora/outbox';
import { pause } from '../loops.ts';
import type { ErasedHandler } from '../define-agent.ts';
import type { WorkedKind } from '../resolve.ts';
import type { Completion, Outcome } from './completion.ts';
import { Deadlines } from './deadlines.ts';
import type { Lane } from './lane.ts';
import type { Roster } from './roster.ts';
import type { JobGround } from './job-ground.ts';
import { RunningJob } from './running-job.ts';
import type { Session } from './session.ts';
import { described, fitted } from './shapes.ts';

/** A kind with its slots and its handler. */
export interface Station {
  readonly worked: WorkedKind;
  readonly handler: ErasedHandler;
  readonly lane: Lane;
}

type HandlerEnd =
  | { readonly is: 'returned'; readonly result: unknown }
  | { readonly is: 'misfit'; readonly misfits: readonly Misfit[] }
  | { readonly is: 'threw'; readonly error: unknown };

/** A handler that was told to stop gets this long before it is called deaf. */
const DEAF_MS = 10_000;

/** What running rows needs of the rest of the worker. */
export interface RunnerParts {
  readonly ground: JobGround;
  readonly session: Session;
  readonly roster: Roster;
  readonly completion: Completion;
  /** Aborts when the process ends. */
  readonly stopped: AbortSignal;
  /** Told when a slot is free again. */
  readonly freed: (station: Station) => void;
  /** Told when the ledger may still have a row as running that has left the roster. */
  readonly doubt: () => void;
}

/** Runs claimed rows: checks the payload, calls the handler, keeps the time limit, hands the ending to the ledger. */
export class Runner {
  readonly #ground: JobGround;
  readonly #session: Session;
  readonly #roster: Roster;
  readonly #completion: Completion;
  readonly #deadlines: Deadlines<RunningJob>;
  readonly #stopped: AbortSignal;
  readonly #freed: (station: Station) => void;
  readonly #doubt: () => void;

  constructor(parts: RunnerParts) {
    this.#ground = parts.ground;
    this.#session = parts.session;
    this.#roster = parts.roster;
    this.#completion = parts.completion;
    this.#deadlines = new Deadlines(parts.ground.clock, parts.stopped, (job) => job.cutShort('timeout'));
    this.#stopped = parts.stopped;
    this.#freed = parts.freed;
    this.#doubt = parts.doubt;
  }

  /** Starts a row whose slot is taken already. Never throws. */
  start(station: Station, row: ClaimedJob): void {
    void this.#run(station, row);
  }

  async #run(station: Station, row: ClaimedJob): Promise<void> {
    const { worked, lane } = station;
    const { clock, telemetry } = this.#ground;
    const job = new RunningJob(row, worked, this.#session.incarnation, this.#ground);
    this.#roster.add(job);
    this.#deadlines.add(job, worked.timeoutMs);
    const waitMs = Math.max(0, clock.now().getTime() - row.runAt.getTime());
    telemetry.emit('started', {
      job: row.id,
      kind: row.kind,
      attempt: row.attempts + 1,
      priority: row.priority,
      waitMs,
    });
    let outcome: Outcome = 'otherwise';
    try {
      outcome = await this.#work(job, station);
    } catch (error) {
      await this.#unwritable(job, worked, error);
    }
    this.#deadlines.remove(job);
    this.#roster.remove(job);
    lane.ended(job.released);
    if (worked.kind.ordered || worked.total !== undefined) lane.want(); // its end may have made another row claimable
    if (worked.kind.needsInternet !== false) turn(lane, outcome);
    this.#freed(station);
  }

  async #work(job: RunningJob, station: Station): Promise<Outcome> {
    const { worked, lane } = station;
    const handled = this.#handle(job, station);
    const ending = await Promise.race([handled, job.cut]);
    // A handler that obeys its signal may have ended before the cut itself was heard of.
    if (job.cutBy !== undefined && !job.over) {
      void this.#listenFor(job, handled);
      return job.cutBy === 'timeout' ? this.#completion.timedOut(job, worked) : 'otherwise';
    }
    if (typeof ending === 'string') return this.#completion.returned(job, worked, undefined);
    if (ending.is === 'misfit') return this.#completion.payloadInvalid(job, worked, payloadError(ending.misfits));
    const noted = job.noted();
    if (noted !== undefined) await Promise.race([noted, job.cut]); // notes get no more time than the job itself
    if (ending.is === 'threw') return this.#completion.threw(job, worked, ending.error);
    // The next row is claimed while the word "done" is still on its way.
    job.released = !job.over && lane.release();
    if (job.released) this.#freed(station);
    return this.#completion.returned(job, worked, ending.result);
  }

  /** The payload is read here, inside the time limit, because its schema may wait for something. */
  async #handle(job: RunningJob, { worked, handler }: Station): Promise<HandlerEnd> {
    const { traceparent, kind, id, payload } = job.row;
    const read = await fitted(worked.kind.payload, payload);
    if ('misfits' in read) return { is: 'misfit', misfits: read.misfits };
    job.payload = read.data;
    try {
      const attributes = {
        'messaging.system': 'nexora',
        'messaging.destination.name': kind,
        'messaging.message.id': id,
      };
      const result = await this.#ground.telemetry.span(`process ${kind}`, { traceparent, attributes }, () =>
        // The declaration was checked by the compiler: this handler takes this kind's jobs.
        handler.handle(job as never),
      );
      return { is: 'returned', result };
    } catch (error) {
      return { is: 'threw', error };
    }
  }

  /** A handler that does not end after its abort costs memory; the operator is told. */
  async #listenFor(job: RunningJob, handled: Promise<HandlerEnd>): Promise<void> {
    const { clock, telemetry } = this.#ground;
    const deaf = pause(clock, DEAF_MS, this.#stopped).then(() => 'deaf');
    const heard = await Promise.race([handled, deaf]);
    if (heard !== 'deaf' || this.#stopped.aborted) return;
    telemetry.emit('handler-deaf', { job: job.id, kind: job.kind, durationMs: clock.monotonic() - job.startedAt });
  }

  /** The row must not stay with a live worker for ever: it is tried again, or goes back now or after a heartbeat. */
  async #unwritable(job: RunningJob, worked: WorkedKind, error: unknown): Promise<void> {
    const { telemetry, ledger } = this.#ground;
    telemetry.emit('outcome-refused', { job: job.id, kind: job.kind, error });
    try {
      await this.#completion.unwritable(job, worked, error).catch(() => ledger.handBack(job.incarnation, [job.row]));
    } catch (second) {
      this.#doubt();
      telemetry.emit('outcome-refused', { job: job.id, kind: job.kind, error: second });
    }
  }
}

function payloadError(places: readonly Misfit[]): JobError {
  return { code: 'agents.payload-invalid', detail: described(places), places };
}

/** Moves the ramp of a kind that needs the Internet. */
function turn(lane: Lane, outcome: Outcome): void {
  if (outcome === 'well') lane.wentWell();
  else if (outcome === 'offline') lane.wentOffline();
}
