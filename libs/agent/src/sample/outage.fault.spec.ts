import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { privateRedis, until } from '@nexora/testing';
import { SampleHouse } from './sample-house.conformance.ts';

const slow = (holdMs: number) => `jsonb_build_object('tag', n::text, 'holdMs', ${holdMs})`;
const ALL_ONCE = { doubled: [], withoutEffect: [] };

describe('Redis', () => {
  let house: SampleHouse;
  let redis: Awaited<ReturnType<typeof privateRedis>>;
  beforeEach(async () => {
    house = await SampleHouse.open();
    redis = await privateRedis();
    house.redisUrl = redis.server.url;
  });
  afterEach(async () => {
    await house.end();
    await redis.end();
  });

  it.each(['flushed', 'frozen', 'away'])(
    'may be %s while jobs wait and run: all is done, and the process ends with 0',
    async (fault) => {
      await house.handOver(40, slow(100));
      const agent = await house.start();
      await until(async () => (await house.count(`state = 'running'`)) === 4, { what: 'four to run' });
      if (fault === 'flushed') await redis.server.flush();
      if (fault === 'frozen') redis.server.pause();
      if (fault === 'away') await redis.server.kill();
      await house.handOver(20);
      await house.reaches(60, 'done');
      expect(await house.account()).toEqual(ALL_ONCE);
      const asked = performance.now();
      expect(await agent.stop()).toEqual({ code: 0, signal: null });
      expect(performance.now() - asked).toBeLessThan(10_000);
      if (fault === 'frozen') redis.server.resume();
    },
    90_000,
  );

  it('comes back after an outage, and rings reach a second replica again', async () => {
    const agents = [await house.start({ instance: 'a' }), await house.start({ instance: 'b' })];
    await redis.server.kill();
    await house.handOver(10);
    await house.reaches(10, 'done');
    await redis.server.restart();
    await house.handOver(40, slow(200));
    await house.reaches(50, 'done');
    expect(await house.account()).toEqual(ALL_ONCE);
    const pids = await house.database.query({ text: `SELECT DISTINCT pid FROM effect` });
    expect(pids).toHaveLength(2);
    for (const agent of agents) expect((await agent.stop()).code).toBe(0);
  }, 90_000);
});

describe('Postgres', () => {
  it.each(['fast', 'immediate'] as const)(
    'may be stopped (%s) and started under load: nothing is lost, nothing doubled, nobody helps',
    async (mode) => {
      const { house, postgres } = await SampleHouse.openWithOwnPostgres();
      try {
        const quiet = { LOG_LEVEL: 'warn' };
        const agents = [
          await house.start({ instance: 'a', env: quiet, ready: null }),
          await house.start({ instance: 'b', env: quiet, ready: null }),
        ];
        await house.handOver(400, slow(20));
        for (let round = 0; round < 3; round++) {
          await house.reaches(20 + round * 60, 'done');
          await postgres.stop(mode);
          await postgres.restart();
        }
        await house.reaches(400, 'done', 60_000);
        expect(await house.account()).toEqual(ALL_ONCE);
        for (const agent of agents) {
          expect(agent.output).toContain('"event":"worker-renewed"');
          expect((await agent.stop()).code).toBe(0);
        }
      } finally {
        await house.end();
      }
    },
    180_000,
  );

  it('may end the sessions of an agent again and again: work goes on', async () => {
    const house = await SampleHouse.open();
    try {
      const agent = await house.start();
      await house.handOver(200, slow(20));
      const end = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'nexora sample%'`;
      for (let round = 0; round < 5; round++) {
        await house.reaches(20 + round * 30, 'done');
        await house.database.query({ text: end });
      }
      await house.reaches(200, 'done', 60_000);
      expect(await house.account()).toEqual(ALL_ONCE);
      expect((await agent.stop()).code).toBe(0);
    } finally {
      await house.end();
    }
  }, 120_000);

  it('may be away when an agent is asked to end: it ends with 0 all the same', async () => {
    const { house, postgres } = await SampleHouse.openWithOwnPostgres();
    try {
      await house.handOver(4, slow(60_000));
      const agent = await house.start({ env: { SHUTDOWN_GRACE_SECONDS: '1' } });
      await until(async () => (await house.count(`state = 'running'`)) === 4, { what: 'four to run' });
      await postgres.stop('immediate');
      expect(await agent.stop(15_000)).toEqual({ code: 0, signal: null });
      await postgres.restart();
    } finally {
      await house.end();
    }
  }, 120_000);
});
