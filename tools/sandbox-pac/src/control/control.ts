import { bodyOf, lineActionIn, offsetIn, timesIn, wordIn, type Controls as ControlTable } from '@nexora/sandbox-kit';
import type { LoggedCancellation, Terms } from '../cancel/book.ts';
import type { LoggedRequest } from '../pac/memory.ts';

/** What the control port can do to the sandbox. */
export interface Controls {
  internet(action: 'cut' | 'restore'): Promise<void>;
  misbehave(word: string, times: number | null): Promise<void>;
  moveClock(offsetSeconds: number): Promise<void>;
  requests(): readonly LoggedRequest[];
  cancellations(): readonly LoggedCancellation[];
  state(): SandboxState;
}

/** Answer of `GET /control/state`. */
export interface SandboxState {
  readonly internet: 'up' | 'cut';
  readonly pac: { readonly url: string; readonly misbehaviour: string; readonly remaining: number | null };
  readonly heartbeat: { readonly url: string };
  readonly clock: { readonly offsetSeconds: number; readonly now: string };
  readonly requests: number;
  readonly stamps: number;
  /** How receivers, the consultation service and the account behave. */
  readonly terms: Terms;
  /** Paths of the public certificates: whom the sandbox trusts, and what verifies its SelloSAT. */
  readonly certificates: { readonly authority: string; readonly stamping: string };
}

/** The sandbox's own words, for the control port that every sandbox has. */
export function controlsOf(sandbox: Controls): ControlTable {
  return {
    state: () => sandbox.state(),
    changes: {
      'POST /control/internet': async (request) => sandbox.internet(lineActionIn(await bodyOf(request))),
      'POST /control/pac': async (request) => {
        const body = await bodyOf(request);
        await sandbox.misbehave(wordIn(body), timesIn(body));
      },
      'POST /control/clock': async (request) => sandbox.moveClock(offsetIn(await bodyOf(request))),
    },
    logs: {
      'GET /control/pac/log': () => sandbox.requests(),
      'GET /control/cancel/log': () => sandbox.cancellations(),
    },
  };
}
