import { describe, expect, it } from '@jest/globals';
import { freePort } from '@nexora/embedded';
import { freshDatabase, freshRedis } from '@nexora/testing';
import { assertPostgres, assertRedis, plainPostgresUrl } from './given.ts';

describe('servers that the settings name', () => {
  it('are taken when they answer', async () => {
    const [database, redis] = await Promise.all([freshDatabase({ migrated: false }), freshRedis()]);
    await assertPostgres(plainPostgresUrl(database.url.replace(/^postgres(ql)?:/, 'postgresql+psycopg2:')));
    await assertRedis(redis.url);
    await Promise.all([database.drop(), redis.release()]);
  });

  it('that are away are told in one sentence, with the setting, without the password', async () => {
    const port = await freePort();
    const postgres = await assertPostgres(`postgresql://shop:hunter2@127.0.0.1:${port}/business`).catch(String);
    expect(postgres).toMatch(
      new RegExp(
        `^Error: The Postgres that DATABASE_URL names \\(127.0.0.1:${port}/business\\).* ECONNREFUSED\\. Start`,
      ),
    );
    const redis = await assertRedis(`redis://default:hunter2@127.0.0.1:${port}/0`).catch(String);
    expect(redis).toMatch(/^Error: The Redis that REDIS_URL names .* ECONNREFUSED\. Start it or correct REDIS_URL/);
    expect(`${postgres}${redis}`).not.toContain('hunter2');
  });

  it('that refuse the login or the database are told in the server’s own words', async () => {
    const database = await freshDatabase({ migrated: false });
    const url = new URL(database.url);
    url.pathname = '/no_such_business';
    await expect(assertPostgres(url.href)).rejects.toThrow(/database "no_such_business" does not exist\. Start/);
    await database.drop();
  });

  it.each(['shop', 'mysql://shop:hunter2@127.0.0.1/business', 'postgresql://sh op'])(
    'are refused when %s is named, without a try and without the password',
    async (url) => {
      const postgres = await assertPostgres(url).catch(String);
      const redis = await assertRedis(url).catch(String);
      expect(postgres).toMatch(/^Error: DATABASE_URL is no address like postgresql:/);
      expect(redis).toMatch(/^Error: REDIS_URL is no address like redis:/);
      expect(`${String(postgres)}${String(redis)}`).not.toContain('hunter2');
    },
  );
});
