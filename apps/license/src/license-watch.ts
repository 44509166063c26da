import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { AGENT_SETTINGS, CLOCK } from '@nexora/agent';
import { Database, type Listener } from '@nexora/database';
import { Telemetry, type Clock } from '@nexora/runtime';
import type { Trigger } from './asking.ts';
import { LicenseDesk } from './desk.ts';
import type { LicenseSettings } from './license.settings.ts';
import { LICENSE_CHANNEL } from './store/states.ts';

/** Pause after a look that failed, mostly since Postgres is away; doubled up to a minute. */
const AGAIN_MS = { first: 1_000, most: 60_000 };
/** A portal that is there answers sooner. Decided at once, a renewal that is under way would be told as an end before it. */
const PORTAL_SLOW_MS = 3_000;
/** Clocks are moved in swarms too; so much time passes at least between two looks. */
const CLOSEST_MS = 500;

/**
 * Looks at the licence for as long as the process lives: at its start, every 60 minutes more or less, at the next moment at
 * which the mode or the days left change, and when the house's clock is moved. Every replica does; the row decides.
 */
@Injectable()
export class LicenseWatch implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #stop = new AbortController();
  #knock = new AbortController();
  #listener: Listener | undefined;
  #loop: Promise<void> | undefined;
  #failures = 0;

  constructor(
    private readonly desk: LicenseDesk,
    private readonly database: Database,
    private readonly telemetry: Telemetry,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(AGENT_SETTINGS) private readonly settings: LicenseSettings,
  ) {}

  /** Begins to look, in the background: whatever the licence is, the process starts. Nothing while agents are off. */
  onApplicationBootstrap(): void {
    for (const { position, start, why } of this.desk.cycle.refusedKeys) {
      this.telemetry.emit('license-key-refused', { position, why: `${start}… ${why.en}` });
    }
    const { unread } = this.desk.cycle;
    if (unread.length > 0) this.telemetry.emit('license-facts-unread', { facts: unread });
    if (this.settings.AGENTS_ENABLED) this.#loop = this.#watch();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    await this.#listener?.close();
  }

  async #watch(): Promise<void> {
    // First of all: what changes between the first look and the ear would be missed for an hour.
    await Promise.race([this.#listen(), aborted(this.#stop.signal)]);
    for (let trigger: Trigger = 'start'; !this.#stop.signal.aborted;) {
      this.#knock = new AbortController();
      const begin = this.clock.monotonic();
      const nextMs = await this.#look(trigger);
      if (this.#failures === 0) trigger = 'hour';
      await this.clock.sleep(nextMs, AbortSignal.any([this.#stop.signal, this.#knock.signal]));
      if (this.#knock.signal.aborted && trigger === 'hour') trigger = 'clock';
      const tooSoonMs = begin + CLOSEST_MS - this.clock.monotonic();
      if (tooSoonMs > 0) await this.clock.sleep(tooSoonMs, this.#stop.signal);
    }
  }

  /** @returns Pause until the next look, ms. */
  async #look(trigger: Trigger): Promise<number> {
    const done = new AbortController();
    const meanwhile = this.#decideMeanwhile(AbortSignal.any([done.signal, this.#stop.signal]));
    try {
      const { nextCheckMs } = await this.desk.cycle.run(trigger, this.#stop.signal);
      this.#failures = 0;
      return nextCheckMs;
    } catch (error) {
      if (this.#stop.signal.aborted) return 0;
      this.#failures += 1;
      this.telemetry.emit('license-check-failed', { error });
      return Math.min(AGAIN_MS.first * 2 ** (this.#failures - 1), AGAIN_MS.most);
    } finally {
      done.abort();
      await meanwhile;
    }
  }

  /** A portal that answers late, or not at all, keeps nobody waiting for what can be decided without it. */
  async #decideMeanwhile(done: AbortSignal): Promise<void> {
    try {
      await pause(PORTAL_SLOW_MS, undefined, { signal: done });
      await this.desk.cycle.run('meanwhile', this.#stop.signal);
    } catch (error) {
      if (!done.aborted) this.telemetry.emit('license-check-failed', { error });
    }
  }

  async #listen(): Promise<void> {
    try {
      this.#listener = await this.database.listen(['agents_control', LICENSE_CHANNEL], {
        onNotify: (channel, payload) => this.#heard(channel, payload),
        onReconnect: () => this.#knock.abort(),
      });
    } catch (error) {
      if (!this.#stop.signal.aborted) this.telemetry.emit('license-check-failed', { error });
    }
  }

  #heard(channel: string, payload: string): void {
    if (channel === LICENSE_CHANNEL || payload === 'clock') this.#knock.abort();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
