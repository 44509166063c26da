import type { DomainEvent, DomainEventPayload, Kind } from '@nexora/contracts';
import type { Statement, Tx } from '@nexora/database';
import { emit, Ledger, type ClaimedJob, type OpenIntent } from '@nexora/outbox';
import type { IntentNote, Job } from '../job.ts';
import type { WorkedKind } from '../resolve.ts';
import type { JobGround } from './job-ground.ts';
import { badEndOf, writeEnd, type Ending } from './ending.ts';
import { JobNotes } from './job-notes.ts';
import { resultOf } from './shapes.ts';

/** Why the worker no longer waits for a handler. */
export type Cut = 'timeout' | 'lost' | 'silent' | 'stopping';

/** One claimed row while its handler runs; what the handler sees of it is `Job`. */
export class RunningJob implements Job<Kind> {
  readonly row: ClaimedJob;
  readonly incarnation: string;
  /** As the kind's schema reads it; set before the handler begins. */
  payload: unknown;
  readonly startedAt: number;
  /** True once its slot was given to the next row, because only its completion is under way. */
  released = false;
  /** Ends when the worker stops waiting for the handler. */
  readonly cut: Promise<Cut>;
  readonly #worked: WorkedKind;
  readonly #ground: JobGround;
  #notes: JobNotes | undefined;
  #cutShort: (why: Cut) => void = () => undefined;
  #controller: AbortController | undefined;
  #abortReason: Error | undefined;
  #openIntent: OpenIntent | null;
  #finished = false;
  #ending: Ending | undefined;
  #cancelled = false;
  #stopping = false;
  #cutBy: Cut | undefined;

  constructor(row: ClaimedJob, worked: WorkedKind, incarnation: string, ground: JobGround) {
    this.row = row;
    this.incarnation = incarnation;
    this.startedAt = ground.clock.monotonic();
    this.#worked = worked;
    this.#ground = ground;
    this.#openIntent = row.intent;
    this.cut = new Promise((resolve) => {
      this.#cutShort = resolve;
    });
  }

  get id(): string {
    return this.row.id;
  }
  get kind(): string {
    return this.row.kind;
  }
  get organization(): string | null {
    return this.row.organization;
  }
  get attempts(): number {
    return this.row.attempts;
  }
  get dispatch(): number {
    return this.row.dispatch;
  }
  get runAt(): Date {
    return this.row.runAt;
  }
  get slot(): Date | null {
    return this.row.slot;
  }
  get traceparent(): string | null {
    return this.#ground.telemetry.currentTraceparent() ?? this.row.traceparent;
  }
  get openIntent(): OpenIntent | null {
    return this.#openIntent;
  }

  /** Made when first asked for: most quick handlers never look. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#abortReason !== undefined && !this.#controller.signal.aborted) this.#controller.abort(this.#abortReason);
    return this.#controller.signal;
  }

  /** True once `finish` has committed: whatever the handler does afterwards changes nothing. */
  get finished(): boolean {
    return this.#finished;
  }
  /** The end that `end` has committed, if it has. */
  get ending(): Ending | undefined {
    return this.#ending;
  }
  /** True once the ledger has the run's end. */
  get over(): boolean {
    return this.#finished || this.#ending !== undefined;
  }
  /** Why the worker no longer waits; undefined while it does. */
  get cutBy(): Cut | undefined {
    return this.#cutBy;
  }
  /** True once the process asked the handler to come to an end. */
  get stopping(): boolean {
    return this.#stopping;
  }
  /** True once somebody cancelled the job while it ran. */
  get cancelled(): boolean {
    return this.#cancelled;
  }

  async intend<T>(effect: (tx: Tx) => Promise<T>, note?: IntentNote): Promise<T>;
  async intend<R>(effect: Statement, note?: IntentNote): Promise<R[]>;
  async intend(effect: ((tx: Tx) => Promise<unknown>) | Statement, note: IntentNote = {}): Promise<unknown> {
    const { key = this.id, requestHash } = note;
    const intent = requestHash === undefined ? { key } : { key, requestHash };
    const { database, clock } = this.#ground;
    const answer =
      typeof effect === 'function'
        ? await database.transaction(async (tx) => {
            await new Ledger(tx).intend(this.incarnation, this.row, intent);
            return effect(tx);
          })
        : await this.#ground.ledger.intendWith(this.incarnation, this.row, intent, effect);
    this.#openIntent = { key, requestHash: requestHash ?? null, since: clock.now() };
    return answer;
  }

  async settle<T>(effect: (tx: Tx) => Promise<T>, outcome = 'known'): Promise<T> {
    const answer = await this.#ground.database.transaction(async (tx) => {
      await new Ledger(tx).settle(this.incarnation, this.row, outcome);
      return effect(tx);
    });
    this.#openIntent = null;
    return answer;
  }

  async finish(effect: ((tx: Tx) => Promise<unknown>) | Statement, result?: unknown): Promise<unknown> {
    await this.noted();
    const stored =
      typeof effect === 'function' ? await this.#finishWith(effect, result) : await this.#finishJoined(effect, result);
    this.#finished = true;
    return stored;
  }

  async end<T>(fate: unknown, effect: (tx: Tx) => Promise<T>, intent: 'known' | 'open' = 'known'): Promise<T> {
    await this.noted();
    const { database, clock } = this.#ground;
    const { answer, ending } = await database.transaction(async (tx) => {
      const ledger = new Ledger(tx);
      await ledger.fence(this.incarnation, this.row);
      if (intent === 'known') await ledger.settle(this.incarnation, this.row, 'known');
      const end = badEndOf(this, this.#worked, fate, clock);
      if (end.is === 'stale') throw fate;
      const done = await effect(tx);
      return { answer: done, ending: await writeEnd(ledger, this, this.#worked, end) };
    });
    this.#ending = ending;
    return answer;
  }

  async emit<E extends DomainEvent>(tx: Tx, event: E, payload: DomainEventPayload<E>): Promise<void> {
    const { traceparent } = this;
    await emit(tx, event, payload, {
      ...(this.organization === null ? {} : { organization: this.organization }),
      ...(traceparent === null ? {} : { traceparent }),
    });
  }

  progress(fraction: number, phrase = ''): void {
    this.#noting().progress(fraction, phrase);
  }

  log(line: string, fields?: Readonly<Record<string, unknown>>): void {
    this.#noting().log(line, fields);
  }

  /** Lines and progress that were told are written, as far as the ledger takes them. */
  noted(): Promise<void> | undefined {
    return this.#notes?.written();
  }

  #noting(): JobNotes {
    this.#notes ??= new JobNotes(this.row, this.incarnation, this.#ground);
    return this.#notes;
  }

  /** The process ends soon: the handler is told, and may still end by itself. */
  stop(): void {
    this.#stopping = true;
    this.#abort('stopping');
  }

  #abort(reason: string): void {
    this.#abortReason ??= new DOMException(`The job was aborted: ${reason}.`, 'AbortError');
    this.#controller?.abort(this.#abortReason);
  }

  /** Somebody cancelled the job: its handler is told, and ends it. */
  cancel(): void {
    this.#cancelled = true;
    this.#abort('cancelled');
  }

  /** Tells the handler to stop and waits for it no longer. */
  cutShort(why: Cut): void {
    this.#cutBy ??= why;
    this.#cutShort(why);
    this.#abort(why);
  }

  async #finishWith(effect: (tx: Tx) => Promise<unknown>, result: unknown): Promise<unknown> {
    return this.#ground.database.transaction(async (tx) => {
      const ledger = new Ledger(tx);
      // First of all: a worker that was replaced does nothing, and rows are locked in one order, job before effect.
      await ledger.fence(this.incarnation, this.row);
      const answer = await effect(tx);
      const stored = await resultOf(this.#worked.kind, result === undefined ? answer : result);
      await ledger.finish(this.incarnation, this.row, stored);
      return stored;
    });
  }

  async #finishJoined(effect: Statement, result: unknown): Promise<unknown> {
    const stored = await resultOf(this.#worked.kind, result);
    await this.#ground.grouped.finish(this.incarnation, this.row, stored, effect);
    return stored;
  }
}
