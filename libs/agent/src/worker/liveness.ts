import type { InternetClass } from '@nexora/contracts';
import { DatabaseAway, type Sql } from '@nexora/database';
import { Sweeper, type Heartbeat, type Held, type Ledger } from '@nexora/outbox';
import type { Clock, HouseClock, Telemetry } from '@nexora/runtime';
import { loop } from '../loops.ts';
import type { Roster } from './roster.ts';
import type { Session } from './session.ts';

/** How often this process shows that it lives, and what it does when it cannot. Times in milliseconds. */
export interface Pulse {
  readonly beatMs: number;
  readonly sweepMs: number;
  /** How often the roster is compared with the ledger when nothing asks for it. */
  readonly compareMs: number;
  /** Without a heartbeat for this long the handlers are aborted: others will take the rows for lost soon. */
  readonly abortAfterMs: number;
  /** Milliseconds that count as one for the sweeper; 1 outside of tests. */
  readonly pace: number;
}

/** The pulse of the spec; a `pace` of 10 makes all of it, the watched silence too, ten times faster. */
export function pulse(pace = 1): Pulse {
  return {
    beatMs: 5_000 / pace,
    sweepMs: 5_000 / pace,
    compareMs: 30_000 / pace,
    abortAfterMs: 20_000 / pace,
    pace,
  };
}

/** What a process tells the ledger about itself. */
export interface Card {
  readonly agent: string;
  readonly instance: string;
  readonly about: Readonly<Record<string, unknown>>;
}

interface LivenessParts {
  /** Where heartbeats go: a session that handlers cannot use up. */
  readonly control: Sql;
  readonly ledger: Ledger;
  readonly session: Session;
  readonly roster: Roster;
  readonly clock: Clock & Partial<Pick<HouseClock, 'setOffset'>>;
  readonly telemetry: Telemetry;
  readonly pulse: Pulse;
  readonly signal: AbortSignal;
  /** The ledger has answered a heartbeat, and this incarnation is the one that it knows. */
  readonly answered: () => void;
}

/**
 * Shows that this process lives, finds out when it is taken for lost, and watches the other processes of the agent.
 * Everything by the monotonic clock of this process (spec/ledger.md, "Attempts and losses").
 */
export class Liveness {
  readonly #parts: LivenessParts;
  readonly #card: Card;
  readonly #onClasses: (open: readonly InternetClass[]) => void;
  readonly #sweeper: Sweeper;
  #postmasterStart = 0;
  /** When the last heartbeat that arrived was sent. */
  #beatenAt = 0;
  #beating: Promise<void> | undefined;
  #again = false;
  /** Rows whose handlers were aborted while the ledger was out of reach; they go back when it answers. */
  #owed: Held[] = [];
  #clockOk = true;
  #registered = false;
  /** True from the first try to come to work until one was answered. */
  #asked = false;

  /** @param onClasses Told with every heartbeat which classes may use the Internet. */
  constructor(parts: LivenessParts, card: Card, onClasses: (open: readonly InternetClass[]) => void) {
    this.#parts = parts;
    this.#card = card;
    this.#onClasses = onClasses;
    this.#sweeper = new Sweeper(parts.control, card.agent, () => parts.clock.monotonic() * parts.pulse.pace);
  }

  /** Milliseconds since the last heartbeat that arrived. */
  get silentMs(): number {
    return this.#parts.clock.monotonic() - this.#beatenAt;
  }

  /** Comes to work and keeps showing it until the signal aborts. */
  async start(): Promise<void> {
    const { clock, telemetry, pulse: times, signal } = this.#parts;
    try {
      await this.beat();
    } catch (error) {
      // Postgres went away since the process connected: the next heartbeats go on trying.
      if (!(error instanceof DatabaseAway)) throw error;
      this.#failed(error);
    }
    const { beatMs, sweepMs, abortAfterMs } = times;
    void loop({ clock, everyMs: beatMs, signal, onError: (error) => this.#failed(error) }, () => this.beat());
    void loop({ clock, everyMs: abortAfterMs / 20, signal, onError: (error) => this.#failed(error) }, async () =>
      this.#guard(),
    );
    const onError = (error: unknown) => telemetry.emit('sweep-failed', { error });
    void loop({ clock, everyMs: sweepMs, signal, onError }, () => this.#sweep());
  }

  /** Shows that the process lives and takes in what changed. One at a time; who asks meanwhile gets the one under way. */
  beat(): Promise<void> {
    this.#beating ??= this.#beatOnce().finally(() => {
      this.#beating = undefined;
      if (this.#again && !this.#parts.signal.aborted) this.beatSoon();
      this.#again = false;
    });
    return this.#beating;
  }

  /** Asks for a heartbeat now, for instance because a pause was announced. One that is under way may be too early. */
  beatSoon(): void {
    if (this.#beating !== undefined) this.#again = true;
    else this.beat().catch((error: unknown) => this.#failed(error));
  }

  /** This incarnation is lost, or its claims may be: everything held is somebody else's. */
  async #renew(reason: string): Promise<void> {
    const { session, roster, telemetry } = this.#parts;
    this.#registered = false;
    session.stand('not started', true);
    const incarnation = session.renew();
    this.#owed = [];
    const aborted = roster.cutAll('lost').length;
    telemetry.emit('worker-renewed', { incarnation, reason, aborted });
    await this.#register();
  }

  /** Each try under an incarnation of its own: the ledger may have taken an earlier one whose answer was lost. */
  async #register(): Promise<void> {
    const { ledger, session, clock, telemetry } = this.#parts;
    const sentAt = clock.monotonic();
    const incarnation = this.#asked ? session.renew() : session.incarnation;
    this.#asked = true;
    const { postmasterStart, lostRows } = await ledger.startWorker({ ...this.#card, incarnation });
    this.#postmasterStart = postmasterStart.getTime();
    this.#beatenAt = sentAt;
    this.#registered = true;
    this.#asked = false;
    session.stand('not started', false);
    telemetry.emit('worker-started', { incarnation, released: lostRows });
  }

  async #beatOnce(): Promise<void> {
    const { ledger, session, clock } = this.#parts;
    if (!this.#registered) await this.#register(); // a renewal that Postgres interrupted is finished first
    const sentAt = clock.monotonic();
    const { incarnation } = session;
    const heartbeat = await ledger.beat(incarnation);
    if (!session.holds(incarnation)) return;
    if (!heartbeat.known) return this.#renew('declared lost');
    if (heartbeat.postmasterStart.getTime() !== this.#postmasterStart) return this.#renew('Postgres was restarted');
    this.#beatenAt = sentAt;
    await this.#takeIn(heartbeat);
  }

  async #takeIn(heartbeat: Heartbeat): Promise<void> {
    const { ledger, session, roster, clock } = this.#parts;
    clock.setOffset?.(heartbeat.clockOffsetMs);
    for (const id of heartbeat.cancelled) roster.find(id)?.cancel();
    this.#onClasses(heartbeat.openClasses);
    if (this.#owed.length > 0) {
      await ledger.handBack(session.incarnation, this.#owed);
      this.#owed = [];
    }
    this.#pauseOrResume(heartbeat.paused);
    this.#tellClock(heartbeat.clockOk);
    this.#parts.answered(); // before the next claims
    session.stand('unsure', false);
    session.stand('out of reach', false);
  }

  /**
   * A connection broke. Postgres may have been restarted, and then claims that it never wrote down are gone: until a
   * heartbeat has met the same Postgres nothing is claimed, or one row might run here twice under one fence.
   */
  unsure(): void {
    this.#parts.session.stand('unsure', true);
    this.beatSoon();
  }

  #pauseOrResume(paused: boolean): void {
    const { session, telemetry } = this.#parts;
    if (session.reasons.includes('paused') === paused) return;
    session.stand('paused', paused);
    if (paused) telemetry.emit('paused', { reason: 'by a person' });
    else telemetry.emit('resumed', {});
  }

  /** The ledger leaves out what depends on time; the process only tells. */
  #tellClock(ok: boolean): void {
    if (ok !== this.#clockOk) this.#parts.telemetry.emit(ok ? 'clock-right' : 'clock-wrong', {});
    this.#clockOk = ok;
  }

  /** Out of reach for too long: the rows will be taken for lost, so their handlers stop now. */
  #guard(): void {
    const { session, roster, telemetry, pulse: times } = this.#parts;
    const { silentMs } = this;
    if (silentMs < times.abortAfterMs || session.reasons.includes('out of reach')) return;
    session.stand('out of reach', true);
    const jobs = roster.cutAll('silent');
    this.#owed.push(...jobs.map(({ row }) => row));
    telemetry.emit('handlers-aborted', { jobs: jobs.length, silentMs });
  }

  async #sweep(): Promise<void> {
    for (const { incarnation, rows } of await this.#sweeper.look()) {
      this.#parts.telemetry.emit('lost', { worker: incarnation, released: rows });
    }
  }

  #failed(error: unknown): void {
    this.#parts.telemetry.emit('beat-failed', { error, silentMs: this.silentMs });
  }
}
