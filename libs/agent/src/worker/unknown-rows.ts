import { DatabaseAway } from '@nexora/database';
import type { Ledger } from '@nexora/outbox';
import type { Clock, Telemetry } from '@nexora/runtime';
import type { Passage } from './passage.ts';
import type { Roster } from './roster.ts';
import type { Session } from './session.ts';

/** What comparing with the ledger needs of the rest of the worker. */
export interface UnknownRowsParts {
  readonly ledger: Pick<Ledger, 'handBackUnknown'>;
  readonly session: Session;
  readonly roster: Roster;
  readonly passage: Passage;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Without any doubt the ledger is asked this often, ms. */
  readonly everyMs: number;
}

/**
 * Rows that the ledger has as running here and nobody here runs: the answer of a claim was lost after its commit, or
 * the ledger took neither outcome nor hand-back. No sweep finds them, since this process lives; so it compares its
 * roster with the ledger after a doubt, and from time to time without any, and gives them back.
 */
export class UnknownRows {
  readonly #parts: UnknownRowsParts;
  #doubted = false;
  #lookedAt: number;
  #looking = false;

  constructor(parts: UnknownRowsParts) {
    this.#parts = parts;
    this.#lookedAt = parts.clock.monotonic();
  }

  /** The ledger may hold rows that this process does not know: looked at after the next heartbeat. */
  doubt(): void {
    this.#doubted = true;
  }

  /** The ledger has just answered a heartbeat: what nobody here knows goes back. Never throws. */
  async look(): Promise<void> {
    const { clock, everyMs, telemetry } = this.#parts;
    if (this.#looking || !(this.#doubted || clock.monotonic() - this.#lookedAt >= everyMs)) return;
    this.#looking = true;
    this.#doubted = false;
    try {
      const rows = await this.#giveBack();
      if (rows === undefined) this.#doubted = true;
      else this.#lookedAt = clock.monotonic();
      if (rows !== undefined && rows > 0) telemetry.emit('unknown-rows', { rows });
    } catch (error) {
      this.#doubted = true;
      if (!(error instanceof DatabaseAway)) telemetry.emit('claim-failed', { error });
    } finally {
      this.#looking = false;
    }
  }

  /** While no claim is under way, or a row that was just claimed would go back under the eyes of its handler. */
  #giveBack(): Promise<number | undefined> {
    const { ledger, session, roster, passage } = this.#parts;
    return passage.closed(() =>
      ledger.handBackUnknown(
        session.incarnation,
        roster.all().map(({ id }) => id),
      ),
    );
  }
}
