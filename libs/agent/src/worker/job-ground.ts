import type { Database } from '@nexora/database';
import type { Ledger } from '@nexora/outbox';
import type { GroupedFinishes } from './grouped-finishes.ts';
import type { Clock, Telemetry } from '@nexora/runtime';

/** What all running jobs of a process share. */
export interface JobGround {
  readonly database: Database;
  /** The ledger on the database itself: every call commits alone. */
  readonly ledger: Ledger;
  /** Where completions go that bring one statement as their effect. */
  readonly grouped: GroupedFinishes;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
}
