import type { Database } from '@nexora/database';
import type { Ledger } from '@nexora/outbox';
import type { Clock, Telemetry } from '@nexora/runtime';

/** What all running jobs of a process share. */
export interface JobGround {
  readonly database: Database;
  /** The ledger on the database itself: every call commits alone. */
  readonly ledger: Ledger;
  /** The ledger on the connections that send joined finishes together. */
  readonly grouped: Ledger;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
}
