import type { Clock } from '@nexora/runtime';

/** A sleeper and the monotonic time at which it wakes. */
interface Sleeper {
  readonly wakesAt: number;
  wake(): void;
}

/**
 * A clock that moves only when told: the wall clock may step (a wrong date at boot), the monotonic one only goes
 * forward. Sleepers wake in the order of their time.
 */
export class TestClock implements Clock {
  private wall: number;
  private steady = 0;
  private sleepers: Sleeper[] = [];

  constructor(start: Date = new Date('2026-11-20T12:00:00Z')) {
    this.wall = start.getTime();
  }

  now(): Date {
    return new Date(this.wall);
  }

  /** Milliseconds since some moment; never steps. */
  monotonic(): number {
    return this.steady;
  }

  /** Resolves when the clock was advanced by `ms`, or early when `signal` aborts: the caller looks at the signal. */
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        signal?.removeEventListener('abort', wake);
        this.sleepers = this.sleepers.filter((each) => each !== sleeper);
        resolve();
      };
      const sleeper: Sleeper = { wakesAt: this.steady + ms, wake };
      signal?.addEventListener('abort', wake, { once: true });
      this.sleepers.push(sleeper);
    });
  }

  /** How many wait; a test advances once the code under test sleeps. */
  get sleeping(): number {
    return this.sleepers.length;
  }

  /** Lets time pass: both clocks go on by `ms`, sleepers wake one after the other, each at its time. */
  async advance(ms: number): Promise<void> {
    const end = this.steady + ms;
    for (let next = this.nextUntil(end); next !== null; next = this.nextUntil(end)) {
      this.moveTo(next.wakesAt);
      next.wake();
      await new Promise(setImmediate); // what was woken may sleep again before the end
    }
    this.moveTo(end);
  }

  /** Sets the wall clock, as a person or NTP does; nobody wakes. */
  step(to: Date): void {
    this.wall = to.getTime();
  }

  private nextUntil(end: number): Sleeper | null {
    const due = this.sleepers.filter((each) => each.wakesAt <= end);
    return due.sort((a, b) => a.wakesAt - b.wakesAt)[0] ?? null;
  }

  private moveTo(steady: number): void {
    this.wall += steady - this.steady;
    this.steady = steady;
  }
}
