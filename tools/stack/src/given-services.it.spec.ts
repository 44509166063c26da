import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EmbeddedPostgres, EmbeddedRedis } from '@nexora/embedded';
import { privatePostgres, privateRedis, type Private } from '@nexora/testing';
import pg from 'pg';
import { TestHouse } from './fixtures/commands.ts';
import { readState } from './state.ts';
import { Home } from './home.ts';

const START_MS = 180_000;
let postgres: Private<EmbeddedPostgres>;
let redis: Private<EmbeddedRedis>;
let house: TestHouse;
let given: string;

beforeAll(async () => {
  [postgres, redis] = await Promise.all([privatePostgres('fast'), privateRedis()]);
  const admin = new pg.Client({ connectionString: postgres.server.adminUrl });
  await admin.connect();
  // As a hoster gives it: the owner of one database, who may not create roles.
  await admin.query("CREATE ROLE shop LOGIN PASSWORD 'shop'");
  await admin.query('CREATE DATABASE business OWNER shop');
  await admin.end();
  const url = new URL(postgres.server.urlOf('business'));
  url.username = url.password = 'shop';
  given = url.href;
  house = new TestHouse({
    DATABASE_URL: given.replace('postgresql:', 'postgresql+psycopg2:'),
    REDIS_URL: redis.server.url,
  });
}, START_MS);

afterAll(async () => {
  await house.end();
  await Promise.all([postgres.end(), redis.end()]);
}, 60_000);

describe('a house on servers of the business', () => {
  it(
    'uses the login that it is given for every app, and starts no server of its own',
    async () => {
      const up = await house.run('up', '--detach');
      expect({ code: up.code, output: up.output }).toEqual({ code: 0, output: expect.any(String) });
      const { code, report } = await house.status();
      expect({ code, postgres: report.postgres, redis: report.redis }).toEqual({
        code: 0,
        postgres: { url: given },
        redis: { url: redis.server.url },
      });
      const state = readState(new Home(house.path));
      expect([state?.postgres?.ref, state?.redis?.ref, state?.postgres?.logins]).toEqual([null, null, {}]);
      expect(JSON.parse((await house.run('license', 'show', '--json')).stdout)).toMatchObject({ mode: 'valid' });
    },
    START_MS,
  );

  it('leaves those servers running when it goes down', async () => {
    await house.run('down');
    expect([postgres.server.running, redis.server.running]).toEqual([true, true]);
  }, 60_000);
});
