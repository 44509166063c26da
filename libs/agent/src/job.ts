import type { DomainEvent, DomainEventPayload, Kind, PayloadOf, ResultOf } from '@nexora/contracts';
import type { Statement, Tx } from '@nexora/database';
import type { OpenIntent } from '@nexora/outbox';

/** Names an intent; left out, the key is the job's id. */
export interface IntentNote {
  readonly key?: string;
  readonly requestHash?: string;
}

/** What a handler gets. Everything that writes is fenced: a worker that was replaced meanwhile writes nothing. */
export interface Job<K> {
  readonly id: string;
  /** Name of the kind. */
  readonly kind: string;
  /** Parsed by the kind's schema. */
  readonly payload: PayloadOf<K>;
  readonly organization: string | null;
  /** Attempts counted before this run. */
  readonly attempts: number;
  /** Number of this hand-out, part of the fence. */
  readonly dispatch: number;
  /** When the job was due. */
  readonly runAt: Date;
  /** Slot of the schedule that made the job, or null. A report's date is this, not now. */
  readonly slot: Date | null;
  /** W3C trace context for what follows from this job, or null. */
  readonly traceparent: string | null;
  /** Aborts on shutdown, time-out, cancel, and when this process was declared lost. */
  readonly signal: AbortSignal;
  /** An intent of an earlier run without known outcome: ask the outside before trying again. */
  readonly openIntent: OpenIntent | null;
  /** Commits rows and an intent before anything goes out; one open intent at a time. */
  intend<T>(effect: (tx: Tx) => Promise<T>, intent?: IntentNote): Promise<T>;
  /** The same in one round trip: what is written is one SELECT of a function, whose rows are the answer. */
  intend<R>(effect: Statement, intent?: IntentNote): Promise<R[]>;
  /** Commits rows and closes the open intent: its outcome is known, the job goes on. */
  settle<T>(effect: (tx: Tx) => Promise<T>, outcome?: string): Promise<T>;
  /** Commits rows and `done` together. The effect's answer is the job's result unless one is given. */
  finish(effect: (tx: Tx) => Promise<ResultOf<K>>): Promise<ResultOf<K>>;
  finish(effect: ((tx: Tx) => Promise<unknown>) | Statement, result: ResultOf<K>): Promise<ResultOf<K>>;
  /**
   * Commits rows together with an end other than done: whoever reads the rows finds the job where they say it is.
   * `intent`: `known` closes the open one, `open` leaves its outcome in doubt. Throw the fate afterwards.
   */
  end<T>(fate: Error, effect: (tx: Tx) => Promise<T>, intent?: 'known' | 'open'): Promise<T>;
  /** Tells an event inside the transaction of `intend`, `settle`, `finish` or `end`. */
  emit<E extends DomainEvent>(tx: Tx, event: E, payload: DomainEventPayload<E>): Promise<void>;
  /** Fraction 0 to 1 and a short phrase; at most two writes a second, the last one wins. */
  progress(fraction: number, phrase?: string): void;
  /** One line of the job's own log; capped per job by the ledger. */
  log(line: string, fields?: Readonly<Record<string, unknown>>): void;
}

/**
 * Does the work of one kind. Returns the result (done) or throws a fate: Permanent, Later, InDoubt; anything else
 * is retried by the kind's policy. Written as a property so that a handler of another kind does not fit.
 */
export interface Handler<K extends Kind> {
  readonly handle: (job: Job<K>) => Promise<ResultOf<K>>;
}
