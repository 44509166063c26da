import type { FailurePhase } from '../line/verdict.ts';

/** What one heartbeat found. */
export type Beat =
  | {
      readonly answered: true;
      readonly latencyMs: number;
      /** The time that the outside told, only where nobody on the way can have written it (TLS). */
      readonly outsideTime?: Date;
    }
  | { readonly answered: false; readonly phase: FailurePhase; readonly error: Error };

/** Asks the outside for a sign of life. The seam between the watch and the network. */
export interface Heartbeat {
  /** Asks once. Never rejects; ends within its own time limit, or as soon as the signal aborts. */
  beat(signal: AbortSignal): Promise<Beat>;
}
