import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { finishAll, ledgerError, StaleFence, type ClaimedJob } from './index.ts';
import { anyKind, Shop } from './shop.conformance.ts';

const quick = anyKind('quick');
const error = { code: 'test.failed', detail: 'It failed.' };

let shop: Shop;
let worker: string;
beforeAll(async () => {
  shop = await Shop.open([quick]);
  await shop.sql('CREATE TABLE public.sale (id int PRIMARY KEY, stamped int NOT NULL DEFAULT 0)');
  await shop.sql('INSERT INTO public.sale VALUES (1)');
  await shop.sql('GRANT ALL ON public.sale TO PUBLIC');
  await shop.sql(`CREATE FUNCTION public.stamp(which int) RETURNS int LANGUAGE sql AS
                  $$ UPDATE public.sale SET stamped = stamped + 1 WHERE id = which RETURNING stamped $$`);
});
beforeEach(async () => {
  worker = await shop.worker();
  await shop.enqueue(quick);
});
afterEach(async () => {
  await shop.empty();
  await shop.sql('UPDATE public.sale SET stamped = 0');
});
afterAll(() => shop.close());

const stamped = async () => (await shop.sql<{ n: number }>('SELECT sum(stamped)::int AS n FROM public.sale'))[0]!.n;
const effect = { name: 'sale', text: 'UPDATE public.sale SET stamped = stamped + 1 WHERE id = $1', values: [1] };

/** The row as the worker first had it, and as somebody has it now. */
interface TakenAnew {
  readonly before: ClaimedJob;
  readonly now: ClaimedJob;
  readonly holder: string;
}

async function byAnotherWorker(): Promise<TakenAnew> {
  const before = await shop.claimOne(worker, quick);
  await shop.lose(worker);
  const holder = await shop.worker();
  return { before, now: (await shop.claimAlone(holder, quick))!, holder };
}

/** A time-out: the attempt was given up, and the row runs here again while its deaf handler goes on. */
async function byTheSameWorker(): Promise<TakenAnew> {
  const before = await shop.claimOne(worker, quick);
  await shop.ledger.retry(worker, before, { delayMs: 0, error, maxAttempts: null });
  return { before, now: await shop.claimOne(worker, quick), holder: worker };
}

/** Everything that a worker can say about a row, each of which a stale one must not. */
const words: readonly [string, (incarnation: string, job: ClaimedJob) => Promise<unknown>][] = [
  ['fence', (incarnation, job) => shop.ledger.fence(incarnation, job)],
  ['intend', (incarnation, job) => shop.ledger.intend(incarnation, job, { key: 'k' })],
  [
    'intend, with what is written first',
    (incarnation, job) => shop.ledger.intendWith(incarnation, job, { key: 'k' }, { text: 'SELECT public.stamp(1)' }),
  ],
  ['settle', (incarnation, job) => shop.ledger.settle(incarnation, job, 'done')],
  ['finish', (incarnation, job) => shop.ledger.finish(incarnation, job, null, effect)],
  ['finish, without an effect', (incarnation, job) => shop.ledger.finish(incarnation, job)],
  [
    'finish, in a transaction',
    (incarnation, job) =>
      shop.db.transaction(async (tx) => {
        await tx.query(effect);
        await tx.query(finishAll(incarnation, [job]));
      }),
  ],
  ['retry', (incarnation, job) => shop.ledger.retry(incarnation, job, { delayMs: 60_000, error, maxAttempts: null })],
  ['later', (incarnation, job) => shop.ledger.later(incarnation, job, { delayMs: 60_000, reason: error })],
  ['bury', (incarnation, job) => shop.ledger.bury(incarnation, job, error)],
  ['doubt', (incarnation, job) => shop.ledger.doubt(incarnation, job, error)],
  ['cancelled', (incarnation, job) => shop.ledger.cancelled(incarnation, job)],
  ['progress', (incarnation, job) => shop.ledger.progress(incarnation, job, 0.5, 'half')],
  ['log', (incarnation, job) => shop.ledger.log(incarnation, job, { level: 'info', line: 'late' })],
];

describe.each([
  ['another worker holds the row', byAnotherWorker],
  ['the same worker holds the row under a later dispatch', byTheSameWorker],
] as const)('the fence, once %s,', (_who, takenAnew) => {
  it.each(words)('refuses: %s', async (_word, say) => {
    const { before, now, holder } = await takenAnew();
    expect(now).toMatchObject({ id: before.id, dispatch: 2 });
    const asItIs = await shop.sql('SELECT * FROM agents.job');
    await expect(say(worker, before).catch(known)).rejects.toBeInstanceOf(StaleFence);
    expect(await shop.sql('SELECT * FROM agents.job')).toEqual(asItIs);
    expect(await shop.sql('SELECT * FROM agents.job_log')).toEqual([]);
    expect(await stamped()).toBe(0);
    await shop.ledger.finish(holder, now, null, effect);
    expect(await stamped()).toBe(1);
  });

  it('takes no gathered end and no hand-back', async () => {
    const { before } = await takenAnew();
    expect(await shop.ledger.finishMany(worker, [before])).toEqual([]);
    expect(await shop.ledger.handBack(worker, [before])).toBe(0);
    expect(await shop.row(before.id)).toMatchObject({ state: 'running', dispatch: 2 });
  });

  it('undoes what a late transaction has written before it asked', async () => {
    const { before } = await takenAnew();
    const late = shop.db.transaction(async (tx) => {
      await tx.query(effect);
      await tx.query({ text: 'SELECT agents.fence($1, $2, $3)', values: [before.id, before.dispatch, worker] });
    });
    await expect(late).rejects.toMatchObject({ code: 'NX020' });
    expect(await stamped()).toBe(0);
  });
});

describe('the fence', () => {
  it('asks for dispatch and worker together', async () => {
    const { before, now, holder } = await byAnotherWorker();
    await expect(shop.ledger.finish(worker, now, null, effect)).rejects.toBeInstanceOf(StaleFence);
    await expect(shop.ledger.finish(holder, before, null, effect)).rejects.toBeInstanceOf(StaleFence);
    expect(await stamped()).toBe(0);
  });

  it('keeps the row from being taken away until the transaction of the handler has ended', async () => {
    const job = await shop.claimOne(worker, quick);
    await shop.db.transaction(async (tx) => {
      await tx.query({ text: 'SELECT agents.fence($1, $2, $3)', values: [job.id, job.dispatch, worker] });
      expect(await shop.lose(worker)).toBe(0); // declared lost, but not this row
      await tx.query(effect);
      await tx.query({ text: 'SELECT agents.finish($1, $2, $3)', values: [job.id, job.dispatch, worker] });
    });
    expect([await shop.stateOf(job.id), await stamped()]).toEqual(['done', 1]);
  });
});

/** What a transaction of the caller's own throws carries the SQLSTATE only. */
function known(thrown: unknown): never {
  throw ledgerError(thrown);
}
