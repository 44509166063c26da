import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '@nexora/testing';
import { sampleKind, Workshop } from './workshop.conformance.ts';

const quick = sampleKind('quick');

describe('a worker', () => {
  let shop: Workshop;
  beforeEach(async () => {
    shop = await Workshop.open();
    await shop.declare([quick]);
  });
  afterEach(() => shop.end());

  it('does what was handed over, and keeps the result', async () => {
    const id = await shop.enqueue(quick, { n: 20 });
    await shop.work([{ kind: quick, handle: async ({ payload }) => ({ doubled: Number(payload['n']) * 2 }) }]);
    await shop.becomes(id, 'done');
    expect(await shop.row(id)).toMatchObject({ state: 'done', result: { doubled: 40 }, attempts: 1 });
    await until(() => shop.told('done').length === 1, { what: 'the event' });
  });
});
