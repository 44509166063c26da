import { Inject, Injectable } from '@nestjs/common';
import { CLOCK } from '@nexora/agent';
import { Telemetry, type Clock } from '@nexora/runtime';
import { SKEW_STOPS_MS } from './fate-of.ts';

const WARN_MS = 2 * 60_000;
/** A measurement older than this no longer stops anything: the next try measures anew. */
const FRESH_MS = 5 * 60_000;
/** More than a clock drifts, or is slewed, while a measurement is fresh. */
const STEP_MS = 2_000;

/** How far our clock is from the PAC's, by the answers of this process. */
@Injectable()
export class PacClock {
  #skewMs = 0;
  #measuredAt = -Infinity;
  #baseMs = 0;

  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(Telemetry) private readonly telemetry: Telemetry,
  ) {}

  /** Notes a measurement; tells when it is off by more than two minutes. */
  note(skewMs: number | undefined): void {
    if (skewMs === undefined) return;
    this.#skewMs = skewMs;
    this.#measuredAt = this.clock.monotonic();
    this.#baseMs = this.#nowBaseMs();
    if (Math.abs(skewMs) > WARN_MS) this.telemetry.emit('pac-clock-off', { skewMs });
  }

  /**
   * Whether it was off by more than five minutes just now, so that a Fecha of ours would be refused. A clock that was
   * set since (that of the machine, or that of the house) is another clock: nothing is known of it.
   */
  get stopsSealing(): boolean {
    const isFresh = this.clock.monotonic() - this.#measuredAt < FRESH_MS;
    const wasSet = Math.abs(this.#nowBaseMs() - this.#baseMs) > STEP_MS;
    return isFresh && !wasSet && Math.abs(this.#skewMs) > SKEW_STOPS_MS;
  }

  /** Changes only when the clock on the wall is set. */
  #nowBaseMs(): number {
    return this.clock.now().getTime() - this.clock.monotonic();
  }
}
