import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { AGENT_SETTINGS, CLOCK } from '@nexora/agent';
import { Database, type Listener } from '@nexora/database';
import { Telemetry, type Clock } from '@nexora/runtime';
import type { Beat, Heartbeat } from './heartbeat/heartbeat.ts';
import { CLOSEST_MS, nextCheckMs, OFFLINE_BACKOFF } from './line/pace.ts';
import { judged, lineAt, type Line } from './line/verdict.ts';
import { watchNetwork } from './network.ts';
import { LineReporter } from './store/line-reporter.ts';
import type { SyncSettings } from './sync.settings.ts';

/** Token of the heartbeat; undefined when nothing outside is configured. */
export const HEARTBEAT = Symbol('HEARTBEAT');

/**
 * Watches the line to the Internet for as long as the process lives: asks, judges, reports, waits. A hint from another
 * agent's failed call and a change of network end the wait at once.
 */
@Injectable()
export class LineWatch implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #stop = new AbortController();
  #knock = new AbortController();
  #line: Line = lineAt('unknown');
  #listener: Listener | undefined;
  #loops: readonly Promise<void>[] = [];

  constructor(
    private readonly database: Database,
    private readonly reporter: LineReporter,
    private readonly telemetry: Telemetry,
    @Inject(HEARTBEAT) private readonly heartbeat: Heartbeat | undefined,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(AGENT_SETTINGS) private readonly settings: SyncSettings,
  ) {}

  /** Begins to watch. Nothing is asked while agents are switched off, or where nothing outside is configured. */
  async onApplicationBootstrap(): Promise<void> {
    if (!this.settings.AGENTS_ENABLED) return;
    if (this.heartbeat === undefined) return this.telemetry.emit('line-unwatched', {});
    this.#line = lineAt(await this.#stored());
    this.#listener = await this.database.listen(['agents_hint'], { onNotify: () => this.check() });
    this.#loops = [this.#watch(this.heartbeat), watchNetwork(this.clock, this.#stop.signal, () => this.#moved())];
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#loops);
    await this.#listener?.close();
  }

  /** What is known of the line now. */
  get line(): Line {
    return this.#line;
  }

  /** Asks the outside now instead of after the pause. */
  check(): void {
    this.#knock.abort();
  }

  #moved(): void {
    this.telemetry.emit('network-changed', {});
    this.check();
  }

  async #stored(): Promise<Line['state']> {
    try {
      return await this.reporter.stored();
    } catch (error) {
      this.telemetry.emit('report-failed', { error });
      return 'unknown';
    }
  }

  async #watch(heartbeat: Heartbeat): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.#knock = new AbortController();
      const beat = await heartbeat.beat(this.#stop.signal);
      const ended = this.clock.monotonic();
      if (this.#stop.signal.aborted) return;
      const pauseMs = this.#judge(beat);
      await this.clock.sleep(pauseMs, AbortSignal.any([this.#stop.signal, this.#knock.signal]));
      await this.clock.sleep(ended + CLOSEST_MS - this.clock.monotonic(), this.#stop.signal);
    }
  }

  /** @returns Pause until the next heartbeat, ms. */
  #judge(beat: Beat): number {
    const before = this.#line;
    this.#line = judged(before, beat);
    const steadyMs = this.settings.AGENTS_HEARTBEAT_SECONDS * 1_000;
    const nextMs = Math.round(nextCheckMs(this.#line, { steadyMs, offline: OFFLINE_BACKOFF }, Math.random()));
    this.#tell(before, beat, nextMs);
    const { state } = this.#line;
    if (state !== 'unknown') {
      const found = beat.answered ? { latencyMs: Math.round(beat.latencyMs) } : { error: beat.error.message };
      const time = beat.answered && beat.outsideTime !== undefined ? { outsideTime: beat.outsideTime } : {};
      this.reporter.tell({ state, ...found, ...time });
    }
    return nextMs;
  }

  #tell(before: Line, beat: Beat, nextMs: number): void {
    const { state, failures } = this.#line;
    if (beat.answered) this.telemetry.emit('heartbeat-answered', { latencyMs: beat.latencyMs });
    else this.telemetry.emit('heartbeat-failed', { phase: beat.phase, failures, nextMs, error: beat.error });
    this.telemetry.emit('connectivity-measured', { up: state !== 'offline' });
    if (before.state === state) return;
    const reason = beat.answered ? undefined : beat.error.message;
    this.telemetry.emit('connectivity-changed', { from: before.state, to: state, reason });
  }
}
