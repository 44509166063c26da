import type { Database, Listener } from '@nexora/database';
import type { Clock, Telemetry } from '@nexora/runtime';
import { pause } from '../loops.ts';
import { Attention } from './attention.ts';
import type { Claims } from './claims.ts';

/** A look that found rows is followed by the next after this long; vain ones slow down a little. */
const LOOK_MS = 1;
const VAIN_LOOK_MS = 2;

/** What the listener tells the rest of the worker. */
export interface Heard {
  /** It listens for the first time. */
  readonly listens: (listener: Listener) => void;
  /** Its connection broke. */
  readonly lost: () => void;
  /** Somebody cancelled a job. */
  readonly cancelled: (job: string) => void;
  /** Pause, gates, clock, holds or licence changed, or the audit asks to look again; which, in the ledger's words. */
  readonly changed: (what: string) => void;
}

interface ListeningParts {
  readonly database: Database;
  readonly claims: Claims;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly signal: AbortSignal;
}

/**
 * Hears of new rows without Redis. While a kind is quiet its commits notify; under load it looks by itself and asks
 * them not to. The wish to be told belongs to the session of the listener and ends with it.
 */
export class Listening {
  readonly #parts: ListeningParts;
  readonly #kinds: ReadonlyMap<string, Attention>;
  readonly #heard: Heard;
  #listener: Listener | undefined;
  #lostAt = 0;

  constructor(parts: ListeningParts, kinds: readonly string[], heard: Heard) {
    this.#parts = parts;
    this.#kinds = new Map(kinds.map((kind) => [kind, new Attention()]));
    this.#heard = heard;
  }

  /** Starts to listen; resolves when commits notify. */
  async start(): Promise<void> {
    const { database, clock, telemetry } = this.#parts;
    this.#listener = await database.listen(['agents_work', 'agents_cancel', 'agents_control'], {
      onNotify: (channel, payload) => this.#notified(channel, payload),
      onLost: (error) => {
        this.#lostAt = clock.monotonic();
        telemetry.emit('listener-lost', { error });
        this.#heard.lost();
      },
      onReconnect: () => {
        telemetry.emit('listener-back', { awayMs: clock.monotonic() - this.#lostAt });
        this.#heard.changed('listener');
        void this.#beTold(this.#quiet());
      },
    });
    this.#heard.listens(this.#listener);
    await this.#beTold(this.#quiet());
  }

  async close(): Promise<void> {
    await this.#listener?.close();
  }

  #notified(channel: string, payload: string): void {
    if (channel === 'agents_cancel') return this.#heard.cancelled(payload);
    if (channel === 'agents_control') return this.#heard.changed(payload);
    const attention = this.#kinds.get(payload);
    if (attention === undefined) return;
    void this.#parts.claims.wake(payload, 'notify');
    if (attention.notified(this.#parts.clock.monotonic())) void this.#lookAt(payload, attention);
  }

  /** Looks by itself, again and again, until the rush is over; then is told again and looks once more. */
  async #lookAt(kind: string, attention: Attention): Promise<void> {
    const { claims, clock, signal } = this.#parts;
    await this.#say('SELECT agents.wake($1)', [kind]);
    while (!signal.aborted) {
      const rows = claims.canTake(kind) ? await claims.wake(kind, 'look') : 0;
      if (attention.looked(clock.monotonic(), rows)) break;
      await pause(clock, rows > 0 ? LOOK_MS : VAIN_LOOK_MS, signal);
    }
    await this.#beTold([kind]);
  }

  /** From here on commits notify; what committed just before is found by one more claim. */
  async #beTold(kinds: readonly string[]): Promise<void> {
    if (kinds.length === 0 || this.#parts.signal.aborted) return;
    await this.#say('SELECT agents.sleep($1)', kinds);
    for (const kind of kinds) void this.#parts.claims.wake(kind, 'notify');
  }

  #quiet(): string[] {
    return [...this.#kinds].filter(([, attention]) => !attention.looking).map(([kind]) => kind);
  }

  /** Says it on the listener's own session. When that fails the poll stands in until the listener is back. */
  async #say(text: string, kinds: readonly string[]): Promise<void> {
    try {
      await this.#listener?.query({ text, values: [kinds] });
    } catch (error) {
      this.#parts.telemetry.emit('listener-lost', { error });
    }
  }
}
