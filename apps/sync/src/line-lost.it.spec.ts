import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '@nexora/testing';
import { DrainHouse } from './drain/drain-house.conformance.ts';

let house: DrainHouse;
beforeEach(async () => {
  house = await DrainHouse.open();
});
afterEach(() => house.close());

describe('a line that is lost without a word', () => {
  it('is silent and half-open: also then it is offline, and what was on its way is asked after, not done twice', async () => {
    await house.startSync({ pace: 4 });
    await house.becomes('online');
    house.outside.latencyMs = 300;
    await house.startDrain({ pace: 4, env: { DRAIN_TIMEOUT_MS: '500' } });
    house.hurry(4);
    await house.handOver('copy', 8);
    await until(() => house.outside.effects.length > 0, { what: 'the first effect' });
    house.line.halfOpen();
    await house.becomes('offline');
    await house.restore();
    await house.drained();
    expect([house.outside.count('drain.copy'), house.outside.doubles]).toEqual([8, []]);
  });
});

describe('without the sync agent', () => {
  it('nobody waits for ever: killed while the line is away, claims fall back to trying after five minutes', async () => {
    const sync = await house.startSync({ pace: 20 });
    await house.cut();
    await house.becomes('offline');
    await sync.kill9();
    await house.restore();
    await house.startDrain({ pace: 20 });
    await house.handOver('stamp', 5);
    await house.sql(`SELECT agents.set_clock('4 min 50 s')`);
    await until(() => heard('4 min 49 s'), { what: 'a heartbeat under the new time' });
    expect(house.outside.effects).toEqual([]);
    await house.sql(`SELECT agents.set_clock('5 min 10 s')`);
    await house.drained();
    expect(await house.state()).toBe('offline');
    await house.startSync({ pace: 20, instance: 'sync-2' });
    await house.becomes('online');
  });

  /** Whether the drain agent has beaten since the clock showed that. */
  async function heard(ahead: string): Promise<boolean> {
    const text = `SELECT FROM agents.alive WHERE agent = 'drain' AND last_beat_at > now() + $1::interval`;
    return (await house.sql(text, [ahead])).length > 0;
  }
});
