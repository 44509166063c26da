import { Inject, Injectable } from '@nestjs/common';
import { AGENT_SETTINGS, CLOCK } from '@nexora/agent';
import { Telemetry, type Clock } from '@nexora/runtime';
import type { CfdiSettings } from '../cfdi.settings.ts';
import { skewOf } from '../pac/answer.ts';
import { Pac } from '../pac/pac.ts';
import { SKEW_STOPS_MS } from './fate-of-refused.ts';

const WARN_MS = 2 * 60_000;
/** While nothing is sealed the PAC is asked for its time this often. */
const FRESH_MS = 60_000;
/** More than a clock drifts, or is slewed, while a measurement is fresh. */
const STEP_MS = 2_000;
const PATIENCE_MS = 5_000;

/** right: within 2 minutes of the PAC's. off: people are warned. stops: over 5 minutes, nothing is sealed. */
type Level = 'right' | 'off' | 'stops';

/** How far our clock is from the PAC's, by the `Date` header of its answers to this process. */
@Injectable()
export class PacClock {
  #level: Level = 'right';
  #measuredAt = -Infinity;
  #baseMs = 0;
  #measuring: Promise<void> | undefined;

  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(Telemetry) private readonly telemetry: Telemetry,
    @Inject(Pac) private readonly pac: Pick<Pac, 'host'>,
    @Inject(AGENT_SETTINGS) private readonly settings: Pick<CfdiSettings, 'PAC_URL'>,
  ) {}

  /** Notes a measurement, in milliseconds that the PAC is ahead; tells when it comes to be off, and when it is right again. */
  note(skewMs: number | undefined): void {
    if (skewMs === undefined) return;
    const before = this.#level;
    this.#level = levelOf(skewMs);
    this.#measuredAt = this.clock.monotonic();
    this.#baseMs = this.#nowBaseMs();
    if (this.#level === before) return;
    if (this.#level === 'right') this.telemetry.emit('pac-clock-right', { skewMs });
    else this.telemetry.emit('pac-clock-off', { skewMs, stops: this.#level === 'stops' });
  }

  /**
   * Whether it is off by more than five minutes, so that a Fecha of ours would be refused or wrong. A clock that was
   * set since (that of the machine, or that of the house) is another clock: nothing is known of it. A measurement of
   * more than a minute ago is made anew, by a question that seals nothing.
   */
  async stopsSealing(): Promise<boolean> {
    if (this.#level !== 'stops' || this.#wasSet()) return false;
    if (this.clock.monotonic() - this.#measuredAt < FRESH_MS) return true;
    this.#measuring ??= this.#measure().finally(() => {
      this.#measuring = undefined;
    });
    await this.#measuring;
    return this.#level === 'stops';
  }

  async #measure(): Promise<void> {
    const { PAC_URL: url } = this.settings;
    const { origin } = new URL(url === '' ? `https://${this.pac.host}` : url);
    const asked = fetch(origin, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(PATIENCE_MS) });
    const answer = await asked.catch(() => null);
    if (answer === null) return; // no line: nothing could be sent either
    // A PAC that tells no time cannot be waited for.
    this.note(skewOf(answer.headers, this.clock.now()) ?? 0);
  }

  #wasSet(): boolean {
    return Math.abs(this.#nowBaseMs() - this.#baseMs) > STEP_MS;
  }

  /** Changes only when the clock on the wall is set. */
  #nowBaseMs(): number {
    return this.clock.now().getTime() - this.clock.monotonic();
  }
}

function levelOf(skewMs: number): Level {
  if (Math.abs(skewMs) > SKEW_STOPS_MS) return 'stops';
  return Math.abs(skewMs) > WARN_MS ? 'off' : 'right';
}
