import type { Say } from '@nexora/embedded';
import type { Home } from '../home.ts';
import { writeState, type StackState } from '../state.ts';

const AGAIN_MS = 3_000;

/** The state as other commands read it. A disk that takes nothing (full, broken) leaves the old report standing. */
export class StateFile {
  private readonly home: Home;
  private readonly say: Say;
  private readonly againMs: number;
  private waiting: StackState | null = null;
  private timer: NodeJS.Timeout | undefined;

  /** @param againMs Milliseconds between tries while the disk takes nothing. */
  constructor(home: Home, say: Say, againMs = AGAIN_MS) {
    this.home = home;
    this.say = say;
    this.againMs = againMs;
  }

  /** Writes it, now or as soon as the disk takes it; never throws: the house must not fall for its report. */
  write(state: StackState): void {
    const failedBefore = this.waiting !== null;
    clearTimeout(this.timer);
    try {
      writeState(this.home, state);
      this.waiting = null;
      if (failedBefore) this.say('What npm run status shows is up to date again.');
    } catch (error) {
      this.waiting = state;
      if (!failedBefore) this.say(`What npm run status shows cannot be written and is out of date: ${String(error)}`);
      this.timer = setTimeout(() => this.write(state), this.againMs).unref();
    }
  }

  /** Gives up what still waits to be written. */
  close(): void {
    clearTimeout(this.timer);
  }
}
