import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { defineKind, type Kind } from '@nexora/contracts';
import { enqueue } from '@nexora/outbox';
import { until } from '@nexora/testing';
import type { Job } from '../job.ts';
import { Workshop, type Worked } from './workshop.conformance.ts';

const result = z.unknown();
const thrower = defineKind({
  name: 'sample.thrower',
  payload: z.object({ url: z.string().transform((text) => new URL(text).href) }),
  result,
});
const waiting = defineKind({
  name: 'sample.waiting',
  payload: z.object({ n: z.number().refine(async (n) => Promise.resolve(n > 0)) }),
  result,
});
const rejecting = defineKind({
  name: 'sample.rejecting',
  payload: z.object({ n: z.number().refine(async () => Promise.reject(new Error('secret 4711'))) }),
  result,
});
const endless = defineKind({
  name: 'sample.endless',
  payload: z.object({ n: z.number().refine(async (n) => n > 0 || new Promise<boolean>(() => undefined)) }),
  result,
});
const turning = defineKind({
  name: 'sample.turning',
  payload: z.object({ n: z.string().transform(Number), unit: z.string().default('kg') }),
  result,
});
const badEnd = defineKind({
  name: 'sample.bad-end',
  payload: z.object({}),
  result: z.string().transform((text) => new URL(text).href),
});
const kinds: readonly Kind[] = [thrower, waiting, rejecting, endless, turning, badEnd];

let shop: Workshop;
let seen: unknown[];
const unhandled: unknown[] = [];
const onUnhandled = (error: unknown) => unhandled.push(error);
beforeEach(async () => {
  shop = await Workshop.open();
  seen = [];
  unhandled.length = 0;
  process.on('unhandledRejection', onUnhandled);
  await shop.declare(kinds);
});
afterEach(async () => {
  process.off('unhandledRejection', onUnhandled);
  await shop.end();
  expect(unhandled).toEqual([]);
});

/** Works all of them, one job at a time each. */
function work(timeoutMs = 30_000) {
  const handle = async (job: Job<Kind>) => (seen.push(job.payload), 'no URL');
  return shop.work(
    kinds.map((kind) => ({ kind, handle, timeoutMs }) as unknown as Worked), // the workshop's kinds are all alike
  );
}
async function fromSql(kind: Kind, payload: object): Promise<string> {
  const text = 'SELECT agents.enqueue($1, $2) AS id';
  const rows = await shop.database.query<{ id: string }>({ text, values: [kind.name, JSON.stringify(payload)] });
  return rows[0]?.id ?? '';
}

describe('a payload schema that fails by itself', () => {
  it.each([
    ['throws', thrower, { url: 'no url' }, { url: 'http://x.mx/' }],
    ['rejects', rejecting, { n: 4711 }, undefined],
  ] as const)('makes a dead letter when it %s, and costs neither process nor slot', async (_how, kind, bad, good) => {
    const worker = await work();
    const id = await fromSql(kind, bad);
    const behind = good === undefined ? undefined : await fromSql(kind, good);
    await shop.becomes(id, 'dead');
    const { last_error: error } = await shop.row(id);
    expect(error).toMatchObject({
      code: 'agents.payload-invalid',
      detail: expect.stringContaining('esquema') as unknown,
    });
    expect(JSON.stringify(error)).not.toContain('4711');
    if (behind !== undefined) await shop.becomes(behind, 'done');
    await until(() => worker.running === 0, { what: 'the slot to be free' });
  });
});

describe('a payload schema that waits for something', () => {
  it('is waited for', async () => {
    await work();
    const good = await enqueue(shop.database, waiting, { n: 1 });
    const bad = await fromSql(waiting, { n: -1 });
    await shop.becomes(good, 'done');
    await shop.becomes(bad, 'dead');
    expect(seen).toEqual([{ n: 1 }]);
  });

  it('gets no more time than its job', async () => {
    await work(200);
    const stuck = await fromSql(endless, { n: 0 });
    const behind = await fromSql(endless, { n: 1 });
    await shop.tells('timed-out');
    await shop.becomes(behind, 'done');
    expect((await shop.row(stuck))['last_error']).toMatchObject({ code: 'agents.timeout' });
  });
});

describe('a payload schema that makes something else of what it reads', () => {
  it('is read once, whether the job came from SQL or from TypeScript', async () => {
    await work();
    const ids = [await fromSql(turning, { n: '5' }), await enqueue(shop.database, turning, { n: '5' })];
    for (const id of ids) await shop.becomes(id, 'done');
    expect(seen).toEqual([
      { n: 5, unit: 'kg' },
      { n: 5, unit: 'kg' },
    ]);
  });
});

describe('a result schema that fails by itself', () => {
  it('makes a dead letter', async () => {
    await work();
    const id = await fromSql(badEnd, {});
    await shop.becomes(id, 'dead');
    expect((await shop.row(id))['last_error']).toMatchObject({ code: 'agents.result-invalid' });
  });
});
