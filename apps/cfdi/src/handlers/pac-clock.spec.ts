import { describe, expect, it } from '@jest/globals';
import { collected, Telemetry } from '@nexora/runtime';
import { TestClock } from '@nexora/testing';
import { PacClock } from './pac-clock.ts';

const MINUTE_MS = 60_000;
const AWAY_MS = 73 * 60 * MINUTE_MS;

function measured(skewMs: number): { clock: TestClock; pacClock: PacClock } {
  const clock = new TestClock();
  const telemetry = Telemetry.open({ agent: 'cfdi', level: 'debug', sink: collected([]) });
  const pacClock = new PacClock(clock, telemetry);
  pacClock.note(skewMs);
  return { clock, pacClock };
}

describe('what is known of the PAC’s clock', () => {
  it('stops sealing for five minutes when ours was off by more than five', async () => {
    const { clock, pacClock } = measured(AWAY_MS);
    expect(pacClock.stopsSealing).toBe(true);
    await clock.advance(4 * MINUTE_MS);
    expect(pacClock.stopsSealing).toBe(true);
    await clock.advance(MINUTE_MS);
    expect(pacClock.stopsSealing).toBe(false);
    expect(measured(4 * MINUTE_MS).pacClock.stopsSealing).toBe(false);
  });

  it('is forgotten when our clock is set, and measured anew', () => {
    const { clock, pacClock } = measured(AWAY_MS);
    clock.step(new Date(clock.now().getTime() + AWAY_MS));
    expect(pacClock.stopsSealing).toBe(false);
    pacClock.note(AWAY_MS);
    expect(pacClock.stopsSealing).toBe(true);
  });
});
