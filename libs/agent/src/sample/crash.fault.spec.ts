import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '@nexora/testing';
import { SampleHouse } from './sample-house.conformance.ts';

let house: SampleHouse;
let folder: string;
beforeEach(async () => {
  house = await SampleHouse.open();
  folder = mkdtempSync(join(tmpdir(), 'nexora-sample-'));
});
afterEach(async () => {
  await house.end();
  rmSync(folder, { recursive: true, force: true });
});

const running = (count: number) =>
  until(async () => (await house.count(`state = 'running'`)) >= count, { within: 30_000, what: `${count} to run` });
const slow = (holdMs: number) => `jsonb_build_object('tag', n::text, 'holdMs', ${holdMs})`;

describe('a process that is killed', () => {
  it('is followed at once by its successor in the same place; every effect stands once', async () => {
    await house.handOver(20, slow(300));
    const first = await house.start();
    await running(4);
    await first.kill9();
    const killed = performance.now();
    await house.start();
    await house.reaches(20, 'done');
    expect(performance.now() - killed).toBeLessThan(20_000);
    expect(await house.account()).toEqual({ doubled: [], withoutEffect: [] });
    expect(await house.count('attempts > 1')).toBe(0);
  }, 90_000);

  it('is missed by another process after 30 s of watched silence, which then does its work', async () => {
    const watcher = await house.start({ instance: 'watcher', env: { SAMPLE_SLOTS: '1' } });
    const doomed = await house.start({ instance: 'doomed' });
    await house.handOver(5, slow(2_000));
    await running(4);
    await doomed.kill9();
    const killed = performance.now();
    await house.reaches(5, 'done', 90_000);
    const tookMs = performance.now() - killed;
    expect(tookMs).toBeGreaterThan(20_000);
    expect(tookMs).toBeLessThan(60_000);
    expect(watcher.output).toContain('"event":"lost"');
    expect(await house.account()).toEqual({ doubled: [], withoutEffect: [] });
  }, 180_000);

  it('around an effect outside, again and again, never makes it happen twice', async () => {
    const file = join(folder, 'outside.log');
    await house.handOver(12, `jsonb_build_object('tag', n::text, 'holdMs', 20, 'outside', '${file}')`);
    for (let kills = 0; kills < 4; kills++) {
      const agent = await house.start();
      const over = async () => (await house.count(`state = 'done'`)) === 12;
      await until(async () => (await house.count(`state = 'running' AND intent IS NOT NULL`)) > 0 || over(), {
        within: 30_000,
        what: 'an open intent',
      });
      await agent.kill9();
    }
    await house.start();
    await house.reaches(12, 'done', 60_000);
    const outside = readFileSync(file, 'utf8').trim().split('\n');
    expect(outside).toHaveLength(12);
    expect(new Set(outside).size).toBe(12);
    expect(await house.account()).toEqual({ doubled: [], withoutEffect: [] });
  }, 180_000);
});

describe('a payload that kills its process', () => {
  it.each(['SIGKILL', 'exit', 'throws-late'])(
    'by %s dies alone after five losses, and its neighbours are done once',
    async (way) => {
      await house.handOver(20, `jsonb_build_object('tag', n::text, 'holdMs', 20)`);
      await house.handOver(1, `jsonb_build_object('tag', 'poison', 'dies', '${way}')`);
      await house.handOver(20, `jsonb_build_object('tag', n::text, 'holdMs', 20)`);
      const over = async () =>
        (await house.count(`state = 'done'`)) === 40 && (await house.count(`state = 'dead'`)) === 1;
      const starts = await house.supervise({}, over, 120_000);
      // Once in company, five times alone, and the start that found it dead.
      expect(starts).toBeLessThanOrEqual(7);
      expect(await house.account()).toEqual({ doubled: [], withoutEffect: [] });
      const [dead] = await house.database.query<Record<string, unknown>>({
        text: `SELECT * FROM agents.job_listing WHERE state = 'dead'`,
      });
      expect(dead).toMatchObject({ losses: 5, last_error: { code: 'agents.worker-lost' } });
    },
    180_000,
  );
});

describe('a process that is frozen until it is taken for lost, and then goes on', () => {
  it('has its late result refused: the effect stands once, by the other process', async () => {
    const [id] = await house.handOver(1, slow(3_000));
    const frozen = await house.start({ instance: 'frozen', pace: 10 });
    await running(1);
    frozen.pause();
    const other = await house.start({ instance: 'other', pace: 10 });
    await other.line(/"event":"lost"/, 30_000);
    await house.reaches(1, 'done', 30_000);
    frozen.continue();
    await frozen.line(/"event":"worker-renewed"/, 20_000);
    const effects = await house.database.query<{ job: string; pid: number }>({ text: 'SELECT job, pid FROM effect' });
    expect(effects).toEqual([{ job: id, pid: other.pid }]);
    // It works again, under a new incarnation.
    await other.stop();
    await house.handOver(3);
    await house.reaches(4, 'done');
  }, 120_000);
});
