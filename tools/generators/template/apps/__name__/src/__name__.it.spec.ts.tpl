import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { __camel__Kinds } from '@nexora/contracts';
import { Database } from '@nexora/database';
import { enqueue } from '@nexora/outbox';
import { freshDatabase, freshRedis, spawnNode, until, type NodeProcess } from '@nexora/testing';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const endings: (() => Promise<unknown>)[] = [];
let owner: Database;
let agent: NodeProcess;

beforeAll(async () => {
  const fresh = await freshDatabase();
  endings.push(() => fresh.drop());
  const redis = await freshRedis();
  endings.push(() => redis.release());
  owner = await Database.open({ url: fresh.url });
  endings.push(() => owner.close(1_000));
  agent = await spawnNode({
    entry: main,
    env: { DATABASE_URL: fresh.urlFor('__name__'), REDIS_URL: redis.url, INSTANCE_NAME: '__name__-1' },
    ready: /"process-started"/,
  });
  endings.push(() => agent.stop());
}, 60_000);

afterAll(async () => {
  for (const end of endings.reverse()) await end();
});

/** Hands a note over and answers how its job ended. */
async function noted(noteId: string) {
  const job = await owner.transaction((tx) => enqueue(tx, __camel__Kinds.note, { noteId }));
  const row = async () => {
    const rows = await owner.query<{ state: string; result: unknown }>({
      text: `SELECT state, result FROM agents.job_listing WHERE id = $1 AND state IN ('done', 'dead')`,
      values: [job],
    });
    return rows[0] ?? false;
  };
  return until(row, { within: 10_000, what: 'the job to end' });
}

describe('the __name__ agent as a process of its own', () => {
  it('writes a note once, however often it is handed over', async () => {
    const noteId = randomUUID();
    expect(await noted(noteId)).toEqual({ state: 'done', result: { isNew: true } });
    expect(await noted(noteId)).toEqual({ state: 'done', result: { isNew: false } });
    expect(await owner.query({ text: 'SELECT id FROM __schema__.note' })).toEqual([{ id: noteId }]);
  });
});
