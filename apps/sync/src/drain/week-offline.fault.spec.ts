import { setTimeout as takes } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until, type NodeProcess } from '@nexora/testing';
import { CfdiSide } from './cfdi-side.conformance.ts';
import { DRAIN_ORDER, DrainHouse, type DrainProgress } from './drain-house.conformance.ts';
import { LicenseSide } from './license-side.conformance.ts';

/** All ten thousand rows on demand; a part of each sort in npm test. */
const isComplete = process.env['NEXORA_FAULTS'] === 'all';
const STAMPINGS = isComplete ? 1_500 : 150;
const ROWS = isComplete
  ? { renew: 5, stamp: 495, notify: 4_000, copy: 4_000 }
  : { renew: 5, stamp: 50, notify: 400, copy: 400 };
const SLOTS = 8;
const PACE = 10;
const WEEK_SECONDS = 7 * 24 * 3_600;
const LONG = isComplete ? 600_000 : 120_000;

let house: DrainHouse;
let cfdi: CfdiSide;
let license: LicenseSide;
let sync: NodeProcess;
const readings: DrainProgress[][] = [];
beforeAll(async () => {
  house = await DrainHouse.open({ latencyMs: 10 });
  cfdi = await CfdiSide.open(house);
  license = await LicenseSide.open(house);
  sync = await house.startSync({ pace: PACE });
  await house.becomes('online');
}, LONG);
afterAll(() => house.close(), 60_000);

/** Moves every clock on, those of PAC and portal too. */
let ahead = 0;
async function pass(seconds: number): Promise<void> {
  ahead += seconds;
  await cfdi.sandbox.client.clock(ahead);
  await license.portal.client.clock(ahead);
  await house.pass(seconds);
}

/** Waits until so many jobs of the kind are done, and reads the progress meanwhile. */
async function reaches(kind: string, jobs: number): Promise<void> {
  const enough = async (): Promise<boolean> => {
    readings.push(await house.progress());
    return (await house.count(`kind = '${kind}' AND state = 'done'`)) >= jobs;
  };
  await until(enough, { within: LONG, what: `${jobs} of ${kind} to be done` });
}

/** Cuts in the middle of the drain, and waits until the sync agent has seen it. */
async function cutAmid(kind: string, jobs: number): Promise<void> {
  await reaches(kind, jobs);
  await house.cut();
  await house.becomes('offline');
}

const started = async (kinds: string): Promise<{ first: Date; last: Date }> => {
  const text = `SELECT min(started_at) AS first, max(started_at) AS last FROM agents.job_listing WHERE kind IN (${kinds})`;
  return (await house.sql<{ first: Date; last: Date }>(text))[0]!;
};

describe('a week without a line', () => {
  let ids: string[];

  it(
    'ends with everything done, in order, though the line is cut twice more and the sync agent killed',
    async () => {
      await house.cut();
      await house.becomes('offline');
      for (const key of [...DRAIN_ORDER].reverse()) await house.handOver(key, ROWS[key]);
      ids = await cfdi.submit(STAMPINGS);
      await pass(WEEK_SECONDS);
      const reported = `SELECT FROM agents.connectivity_state WHERE checked_at > agents.now() - interval '1 min'`;
      await until(async () => (await house.sql(reported)).length === 1, { what: 'the verdict under the new time' });
      await license.install();
      await license.start();
      await until(async () => (await house.count(`kind = 'license.renew'`)) === 1, { what: 'the renewal to wait' });
      await house.startDrain({ pace: PACE, env: { DRAIN_SLOTS: String(SLOTS) } });
      await cfdi.start(SLOTS);
      expect(house.outside.effects).toEqual([]);

      await house.restore();
      await cutAmid('cfdi.stamp', STAMPINGS / 4);
      await house.restore();
      await cutAmid('drain.copy', ROWS.copy / 4);
      await sync.kill9();
      await house.restore();
      await until(async () => (await house.count(`state = 'running'`)) === 0, { within: LONG, what: 'all to rest' });
      const before = house.outside.effects.length;
      await takes(1_500); // longer than a poll: nobody tells that the line is back, so nothing may happen
      expect(house.outside.effects).toHaveLength(before);
      await pass(6 * 60); // then claims fall back to trying
      await house.drained(LONG);
      await until(async () => (await cfdi.unfinished()).length === 0, { within: LONG, what: 'the comprobantes' });
    },
    LONG * 3,
  );

  it('loses nothing, and does nothing twice', async () => {
    for (const key of DRAIN_ORDER) expect(house.outside.count(`drain.${key}`)).toBe(ROWS[key]);
    expect(house.outside.doubles).toEqual([]);
    const stamps = await cfdi.stamps();
    expect([...stamps.keys()].sort()).toEqual([...ids].sort());
    expect([...stamps.values()].filter((uuids) => uuids.length !== 1)).toEqual([]);
    expect(await license.renewals()).toBe(1);
    expect(await house.count(`kind = 'license.renew' AND state = 'done'`)).toBe(1);
    expect(await house.count(`state IN ('dead', 'in_doubt', 'cancelled')`)).toBe(0);
  });

  it('burns no attempt of what never left', async () => {
    expect(await house.count(`kind LIKE 'drain.%' AND attempts > 1`)).toBe(0);
    const text = `SELECT DISTINCT error->>'code' AS code FROM agents.attempts WHERE counted AND outcome <> 'done'`;
    const codes = (await house.sql<{ code: string }>(text)).map(({ code }) => code);
    expect(codes).not.toContain('agents.offline');
    expect(codes).not.toContain('agents.host-resting');
  });

  it('lets out licences first, then stamping, notifications, copies, at the pace of the slots', async () => {
    const turns = [
      await started(`'drain.renew', 'license.renew'`),
      await started(`'drain.stamp', 'cfdi.stamp'`),
      await started(`'drain.notify'`),
      await started(`'drain.copy'`),
    ];
    for (const [place, turn] of turns.slice(1).entries()) {
      expect(turn.first.getTime()).toBeGreaterThanOrEqual(turns[place]!.last.getTime());
    }
    expect(house.outside.mostAtOnce).toBeLessThanOrEqual(SLOTS + 1);
  });

  it('can be followed: how many are left, how fast, and until when', () => {
    const classes = readings.map((reading) => reading.find((one) => one.class === 'copy')!);
    const left = classes.map(({ waiting }) => Number(waiting));
    expect(Math.max(...left)).toBe(ROWS.copy);
    expect([...left].sort((a, b) => b - a)).toEqual(left);
    const moving = readings.flat().filter(({ open, rate_per_minute: rate }) => open && rate > 0);
    expect(moving.length).toBeGreaterThan(0);
    for (const { due, estimated_seconds: seconds } of moving) {
      expect(seconds).not.toBeNull();
      if (due === '0') expect(seconds).toBe(0);
    }
  });

  it('is over when the sync agent is back: the line is online', async () => {
    await house.startSync({ pace: PACE, instance: 'sync-1' });
    await house.becomes('online');
  });
});
