import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Ledger } from './index.ts';
import { anyKind, Shop } from './shop.conformance.ts';

const quick = anyKind('quick');
const once = anyKind('once', { delivery: 'at-most-once' });

let shop: Shop;
let worker: string;
beforeAll(async () => {
  shop = await Shop.open([quick, once]);
});
beforeEach(async () => {
  worker = await shop.worker();
});
afterEach(() => shop.empty());
afterAll(() => shop.close());

describe('a row that runs under an incarnation which does not know of it', () => {
  it('goes back uncounted and in company, and those that are known go on', async () => {
    await shop.enqueueMany(quick, 4);
    const [known, ...forgotten] = await shop.claim(worker, quick, 4);
    const other = await shop.worker();
    const elsewhere = (await shop.enqueue(quick), await shop.claimOne(other, quick));
    expect(await shop.ledger.handBackUnknown(worker, [known!.id])).toBe(3);
    expect(await shop.row(forgotten[0]!.id)).toMatchObject({ state: 'pending', attempts: 0, losses: 0, alone: false });
    expect(await shop.attemptsOf(forgotten[0]!.id)).toMatchObject([{ outcome: 'handed_back', counted: false }]);
    await shop.ledger.finish(worker, known!);
    await shop.ledger.finish(other, elsewhere);
    expect(await shop.claim(worker, quick)).toHaveLength(3);
    expect(await shop.ledger.handBackUnknown(worker, [])).toBe(3);
    expect(await shop.ledger.handBackUnknown(worker, [])).toBe(0);
  });

  it('is in doubt when its effect may have happened and must not be tried again', async () => {
    await shop.enqueue(once);
    const job = await shop.claimOne(worker, once);
    await shop.ledger.intend(worker, job, { key: 'pay 1' });
    expect(await shop.ledger.handBackUnknown(worker, [])).toBe(1);
    expect(await shop.row(job.id)).toMatchObject({ state: 'in_doubt', intent: { key: 'pay 1' } });
  });

  it('ends when it was cancelled meanwhile', async () => {
    await shop.enqueue(quick);
    const job = await shop.claimOne(worker, quick);
    await shop.ledger.cancel(job.id);
    expect(await shop.ledger.handBackUnknown(worker, [])).toBe(1);
    expect(await shop.stateOf(job.id)).toBe('cancelled');
  });

  it('is left for the next time while a transaction holds it', async () => {
    await shop.enqueue(quick);
    const job = await shop.claimOne(worker, quick);
    const busy = await shop.session();
    await busy.query('BEGIN');
    await busy.query('SELECT agents.fence($1, $2, $3)', [job.id, job.dispatch, worker]);
    expect(await shop.ledger.handBackUnknown(worker, [])).toBe(0);
    await busy.query('ROLLBACK');
    await busy.end();
    expect(await shop.ledger.handBackUnknown(worker, [])).toBe(1);
  });

  it('is given back by nobody else, even knowing the incarnation', async () => {
    await shop.enqueue(quick);
    const job = await shop.claimOne(worker, quick);
    expect(await new Ledger(await shop.as('sync')).handBackUnknown(worker, [])).toBe(0);
    expect(await shop.stateOf(job.id)).toBe('running');
  });
});
