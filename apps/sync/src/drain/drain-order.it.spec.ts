import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '@nexora/testing';
import { DRAIN_ORDER, DrainHouse, type DrainKey } from './drain-house.conformance.ts';

const SLOTS = 4;
const EACH = 25;

let house: DrainHouse;
beforeEach(async () => {
  house = await DrainHouse.open({ latencyMs: 20 });
});
afterEach(() => house.close());

/** Handed over in the wrong order, while the line is away. */
async function backlog(each = EACH): Promise<void> {
  await house.line.cut();
  await house.startSync({ pace: 20 });
  await house.becomes('offline');
  for (const key of [...DRAIN_ORDER].reverse()) await house.handOver(key, each);
}

/** First and last start of each kind, in the order of the specification. */
async function spans(): Promise<{ first: Date; last: Date }[]> {
  const rows = await house.sql<{ kind: string; first: Date; last: Date }>(
    `SELECT kind, min(started_at) AS first, max(started_at) AS last FROM agents.job_listing GROUP BY kind`,
  );
  return DRAIN_ORDER.map((key: DrainKey) => rows.find(({ kind }) => kind === `drain.${key}`)!);
}

describe('on reconnection', () => {
  it('drains licences first, then stamping, notifications, copies, at the pace that the concurrency sets', async () => {
    await backlog();
    await house.startDrain({ pace: 20, env: { DRAIN_SLOTS: String(SLOTS) } });
    expect(house.outside.effects).toEqual([]);
    await house.line.restore();
    await house.drained();
    const turns = await spans();
    for (const [place, { first }] of turns.slice(1).entries()) {
      expect(first.getTime()).toBeGreaterThanOrEqual(turns[place]!.last.getTime());
    }
    for (const key of DRAIN_ORDER) expect(house.outside.count(`drain.${key}`)).toBe(EACH);
    expect(house.outside.doubles).toEqual([]);
    // At the seam of two classes the last of one and the first of the next are under way together.
    expect(house.outside.mostAtOnce).toBeLessThanOrEqual(SLOTS + 1);
    expect(house.outside.mostAtOnce).toBeGreaterThanOrEqual(SLOTS);
  });

  it('begins with one job at once', async () => {
    await backlog();
    house.outside.latencyMs = 200;
    await house.startDrain({ pace: 20, env: { DRAIN_SLOTS: String(SLOTS) } });
    await house.line.restore();
    await until(() => house.outside.effects.length >= 2, { what: 'two effects' });
    const [first, second] = house.outside.effects;
    expect(second!.at - first!.at).toBeGreaterThanOrEqual(199);
  });
});
