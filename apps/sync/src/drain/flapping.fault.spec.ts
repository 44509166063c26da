import { setTimeout as takes } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '@nexora/testing';
import { DrainHouse } from './drain-house.conformance.ts';

/** In npm test the house lives four times faster; the whole minute lasts one on demand. */
const pace = process.env['NEXORA_FAULTS'] === 'all' ? 1 : 5;
const HALF_PERIOD_MS = 2_000 / pace;
const FLIPS = 30;

let house: DrainHouse;
beforeEach(async () => {
  house = await DrainHouse.open({ latencyMs: 5 });
});
afterEach(() => house.close());

/** What the sync agent said of the line meanwhile. */
function changesIn(output: string): string[] {
  const lines = output.split('\n').filter((line) => line.includes('"event":"connectivity-changed"'));
  return lines.map((line) => (JSON.parse(line) as { to: string }).to);
}

/** Up and down; work comes in all the time, of which some is on its way whenever the line goes. */
async function flap(): Promise<void> {
  for (let flip = 0; flip < FLIPS; flip++) {
    if (flip % 2 === 0) await house.line.cut();
    else await house.line.restore();
    await house.handOver('stamp', 4);
    await takes(HALF_PERIOD_MS / 2);
    await house.handOver('copy', 2);
    await takes(HALF_PERIOD_MS / 2);
  }
}

describe('a line that goes up and down every two seconds for a minute', () => {
  it('is not called online and offline each time, burns no attempt, and no effect happens twice', async () => {
    const sync = await house.startSync({ pace });
    await house.becomes('online');
    await house.startDrain({ pace, env: { DRAIN_SLOTS: '4' } });
    house.hurry(pace);
    await flap();
    const changes = changesIn(sync.output).filter((to) => to !== 'degraded');
    await until(async () => (await house.state()) !== 'offline', { within: 30_000, what: 'the line to be back' });
    await house.drained();
    expect(changes.filter((to) => to === 'offline').length).toBeLessThanOrEqual(2);
    const burnt = await house.sql('SELECT FROM agents.attempts WHERE counted AND outcome <> $1', ['done']);
    expect(burnt).toEqual([]);
    expect(await house.count('attempts > 1')).toBe(0);
    expect(house.outside.doubles).toEqual([]);
    expect([house.outside.count('drain.stamp'), house.outside.count('drain.copy')]).toEqual([4 * FLIPS, 2 * FLIPS]);
    const away = await house.sql(`SELECT FROM agents.attempts WHERE error->>'code' = 'agents.offline'`);
    expect(away.length).toBeGreaterThan(0); // some did find the line away
  }, 180_000);
});
