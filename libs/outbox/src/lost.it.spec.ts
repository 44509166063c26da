import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@nexora/testing';
import { Sweeper, type ClaimedJob } from './index.ts';
import { anyKind, Shop } from './shop.conformance.ts';

const quick = anyKind('quick');
const net = anyKind('net', { needsInternet: 'copy' });
const error = { code: 'test.failed' };

let shop: Shop;
beforeAll(async () => {
  shop = await Shop.open([quick, net]);
});
afterEach(() => shop.empty());
afterAll(() => shop.close());

const watched = async () => (await shop.ledger.watch('cfdi')).map(({ incarnation }) => incarnation);

describe('a worker', () => {
  it('is declared lost only if its counter still is the one that was watched', async () => {
    const worker = await shop.worker();
    const [seen] = await shop.ledger.watch('cfdi');
    expect((await shop.ledger.beat(worker)).known).toBe(true);
    expect(await shop.ledger.declareLost(worker, seen!.counter)).toBeNull();
    expect(await shop.lose(worker)).toBe(0);
    expect((await shop.ledger.beat(worker)).known).toBe(false);
    expect(await watched()).toEqual([]);
  });

  it('is declared lost once, however many sweepers saw it stand still', async () => {
    const worker = await shop.worker();
    await shop.enqueueMany(quick, 5);
    await shop.claim(worker, quick);
    const [seen] = await shop.ledger.watch('cfdi');
    const verdicts = await Promise.all(Array.from({ length: 5 }, () => shop.ledger.declareLost(worker, seen!.counter)));
    expect(verdicts.filter((verdict) => verdict !== null)).toEqual([5]);
  });

  it('is not declared lost while it claims, and a claim after the verdict is refused', async () => {
    const worker = await shop.worker();
    await shop.enqueueMany(quick, 2);
    const slow = await shop.session();
    await slow.query('BEGIN');
    await slow.query(`SELECT agents.claim($1, 'cfdi.quick', 1)`, [worker]);
    expect(await shop.lose(worker)).toBeNull();
    await slow.query('COMMIT');
    await slow.end();
    expect(await shop.lose(worker)).toBe(1); // with the row of that claim
    await expect(shop.claim(worker, quick)).rejects.toMatchObject({ name: 'WorkerLost' });
  });

  it('is lost at once when another process starts under its instance name', async () => {
    const former = await shop.worker('till 1');
    const neighbour = await shop.worker('till 2');
    const id = await shop.enqueue(quick);
    await shop.claimOne(former, quick);
    const incarnation = randomUUID();
    const started = await shop.ledger.startWorker({ agent: 'cfdi', instance: 'till 1', incarnation });
    expect(started.lostRows).toBe(1);
    expect(await shop.row(id)).toMatchObject({ state: 'pending', alone: true });
    expect((await shop.ledger.beat(former)).known).toBe(false);
    expect((await watched()).sort()).toEqual([incarnation, neighbour].sort());
  });

  it('that starts twice at the same moment under one name leaves one living', async () => {
    const started = await Promise.all(Array.from({ length: 4 }, () => shop.worker('till 1')));
    const alive = await watched();
    expect(alive).toHaveLength(1);
    expect(started).toContain(alive[0]);
  });

  it('that asks again because the answer to its start was lost goes on as it is', async () => {
    const card = { agent: 'cfdi', instance: 'till 1', incarnation: randomUUID() };
    const first = await shop.ledger.startWorker(card);
    await shop.enqueue(quick);
    const job = await shop.claimOne(card.incarnation, quick);
    expect(await shop.ledger.startWorker(card)).toEqual({ ...first, lostRows: 0 });
    await shop.ledger.finish(card.incarnation, job);
    expect(await watched()).toEqual([card.incarnation]);
  });

  it('never lives a second time: not after its end, nor under another Postgres', async () => {
    const card = { agent: 'cfdi', instance: 'till 1', incarnation: randomUUID() };
    await shop.ledger.startWorker(card);
    await shop.sql(`UPDATE agents.worker SET postmaster_start = postmaster_start - interval '1 day'`);
    await expect(shop.ledger.startWorker(card)).rejects.toMatchObject({ name: 'WorkerLost' });
    const next = { ...card, incarnation: randomUUID() };
    await shop.ledger.startWorker(next);
    await expect(shop.ledger.startWorker(card)).rejects.toMatchObject({ name: 'WorkerLost' });
    await shop.ledger.stopWorker(next.incarnation);
    await expect(shop.ledger.startWorker(next)).rejects.toMatchObject({ name: 'WorkerLost' });
  });

  it('that says goodbye gives back what it held, uncounted and in company', async () => {
    const worker = await shop.worker();
    const [id] = await shop.enqueueMany(quick, 3);
    await shop.claim(worker, quick);
    await shop.ledger.stopWorker(worker);
    await shop.ledger.stopWorker(worker); // twice is as good as once
    expect(await shop.row(id!)).toMatchObject({ state: 'pending', alone: false, attempts: 0, losses: 0 });
    expect(await shop.claim(await shop.worker(), quick)).toHaveLength(3);
  });

  it('that started under another Postgres may not claim: its claims may be forgotten', async () => {
    const worker = await shop.worker();
    await shop.enqueue(quick);
    await shop.sql(`UPDATE agents.worker SET postmaster_start = postmaster_start - interval '1 day'`);
    await expect(shop.claim(worker, quick)).rejects.toMatchObject({ name: 'WorkerLost' });
  });
});

describe('a row whose worker was lost', () => {
  it('is claimed alone from then on, with nothing beside it in that process', async () => {
    const worker = await shop.worker();
    await shop.enqueueMany(quick, 3);
    await shop.claim(worker, quick);
    await shop.lose(worker);
    const next = await shop.worker();
    const other = await shop.enqueue(quick);
    expect(await shop.ledger.poll(next, [{ kind: 'cfdi.quick', max: 5 }])).toMatchObject({
      jobs: [{ id: other }],
      aloneWaits: true,
    });
    expect(await shop.claimAlone(next, quick)).toBeUndefined(); // it still holds the other one
    await shop.ledger.handBack(next, [{ id: other, dispatch: 1 }]);
    expect(await shop.claimAlone(next, quick)).toMatchObject({ alone: true, dispatch: 2, losses: 0 });
    expect(await shop.claimAlone(next, quick)).toBeUndefined();
  });

  it('runs in company again once it has ended, however it ended', async () => {
    const worker = await shop.worker();
    const id = await shop.enqueue(quick);
    await shop.claimOne(worker, quick);
    await shop.lose(worker);
    const next = await shop.worker();
    const alone = await shop.claimAlone(next, quick);
    await shop.ledger.retry(next, alone!, { delayMs: 0, error, maxAttempts: null });
    expect(await shop.row(id)).toMatchObject({ alone: false, losses: 0, attempts: 1 });
    expect(await shop.claim(next, quick)).toHaveLength(1);
  });

  it.each([
    ['fails', (by: string, job: ClaimedJob) => shop.ledger.retry(by, job, { delayMs: 0, error, maxAttempts: null })],
    ['is put off', (by: string, job: ClaimedJob) => shop.ledger.later(by, job, { delayMs: 0, reason: error })],
    ['dies', (by: string, job: ClaimedJob) => shop.ledger.bury(by, job, error)],
    ['is in doubt', (by: string, job: ClaimedJob) => shop.ledger.doubt(by, job, error)],
  ])('has its losses forgotten once it %s: only those in a row count', async (_what, end) => {
    const worker = await shop.worker();
    const id = await shop.enqueue(quick);
    await shop.claimOne(worker, quick);
    await shop.lose(worker);
    for (let loss = 1; loss <= 3; loss += 1) {
      const next = await shop.worker();
      await shop.claimAlone(next, quick);
      await shop.lose(next);
    }
    expect(await shop.row(id)).toMatchObject({ alone: true, losses: 3 });
    const last = await shop.worker();
    await end(last, (await shop.claimAlone(last, quick))!);
    expect(await shop.row(id)).toMatchObject({ alone: false, losses: 0 });
  });

  it('stays alone when it is handed back before it ended', async () => {
    const worker = await shop.worker();
    const id = await shop.enqueue(quick);
    await shop.claimOne(worker, quick);
    await shop.lose(worker);
    const next = await shop.worker();
    await shop.ledger.handBack(next, [(await shop.claimAlone(next, quick))!]);
    expect(await shop.row(id)).toMatchObject({ state: 'pending', alone: true, losses: 0 });
  });

  it('is dead after five losses alone, and those in company count for nothing', async () => {
    const neighbour = await shop.enqueue(quick);
    const poison = await shop.enqueue(quick);
    const worker = await shop.worker();
    await shop.claim(worker, quick);
    await shop.lose(worker); // in company: both are only suspected
    for (let loss = 1; loss <= 5; loss += 1) {
      const next = await shop.worker();
      let job = await shop.claimAlone(next, quick);
      if (job?.id === neighbour) {
        await shop.ledger.finish(next, job);
        job = await shop.claimAlone(next, quick);
      }
      expect(job).toMatchObject({ id: poison, alone: true, losses: loss - 1 });
      await shop.lose(next);
    }
    expect(await shop.row(poison)).toMatchObject({
      state: 'dead',
      losses: 5,
      attempts: 0,
      last_error: { code: 'agents.worker-lost' },
    });
    expect(await shop.stateOf(neighbour)).toBe('done');
    expect((await shop.attemptsOf(poison)).map(({ outcome, counted }) => [outcome, counted])).toEqual(
      Array(6).fill(['lost', false]),
    );
  });

  it('that died so runs alone again when a person brings it back, with five more tries', async () => {
    const poison = await shop.enqueue(quick);
    let worker = await shop.worker();
    await shop.claimOne(worker, quick);
    for (let loss = 0; loss < 6; loss += 1) {
      await shop.lose(worker);
      worker = await shop.worker();
      await shop.claimAlone(worker, quick);
    }
    expect(await shop.stateOf(poison)).toBe('dead');
    expect(await shop.ledger.retryJob(poison)).toBe('pending');
    expect(await shop.claim(worker, quick)).toEqual([]);
    expect(await shop.claimAlone(worker, quick)).toMatchObject({ id: poison, losses: 0 });
  });

  it('calls nobody to drain while its gate is closed or a hold keeps it back', async () => {
    const worker = await shop.worker();
    await shop.enqueue(net);
    await shop.claimOne(worker, net);
    await shop.lose(worker);
    const next = await shop.worker();
    const waits = async () => (await shop.ledger.poll(next, [{ kind: 'cfdi.net', max: 1 }])).aloneWaits;
    expect(await waits()).toBe(true);
    await shop.sql(`SELECT agents.report_connectivity('offline')`);
    expect([await waits(), await shop.claimAlone(next, net)]).toEqual([false, undefined]);
    await shop.sql(`SELECT agents.report_connectivity('online')`);
    await shop.ledger.hold({ kind: 'cfdi.net' }, 'test');
    expect([await waits(), await shop.claimAlone(next, net)]).toEqual([false, undefined]);
    await shop.ledger.unhold({ kind: 'cfdi.net' });
    expect(await waits()).toBe(true);
  });
});

describe('a process that died in the middle of a transaction', () => {
  it('keeps nobody else waiting, and its locked row goes on once Postgres has let go of it', async () => {
    const worker = await shop.worker();
    const [first, second] = await shop.enqueueMany(quick, 2);
    const [job] = await shop.claim(worker, quick);
    const stuck = await shop.session();
    await stuck.query('BEGIN');
    await stuck.query('SELECT agents.fence($1, $2, $3)', [job!.id, job!.dispatch, worker]);
    expect(await shop.lose(worker)).toBe(1);
    expect(await shop.stateOf(second!)).toBe('pending');
    const sweeper = new Sweeper(shop.db, 'cfdi', () => 0);
    expect(await sweeper.look()).toEqual([]);
    await stuck.end();
    await until(async () => (await sweeper.look()).length > 0, { what: 'the row to be let go of' });
    expect(await shop.row(first!)).toMatchObject({ state: 'pending', alone: true });
  });
});

describe('a sweeper', () => {
  /** A sweeper with a clock of its own; `after` lets its time pass and looks. */
  function sweeper() {
    let now = 0;
    const made = new Sweeper(shop.db, 'cfdi', () => now);
    const after = (ms: number) => {
      now += ms;
      return made.look();
    };
    return { made, after };
  }

  it('takes a worker for lost after thirty seconds of unbroken watching, and not before', async () => {
    const worker = await shop.worker();
    await shop.enqueueMany(quick, 2);
    await shop.claim(worker, quick);
    const { after } = sweeper();
    for (let i = 0; i < 6; i += 1) expect(await after(5_000)).toEqual([]);
    expect(await after(5_000)).toEqual([{ incarnation: worker, rows: 2 }]);
    expect(await after(5_000)).toEqual([]);
  });

  it('starts its watch anew when the worker has moved', async () => {
    const worker = await shop.worker();
    const { after } = sweeper();
    for (let i = 0; i < 6; i += 1) await after(5_000);
    await shop.ledger.beat(worker);
    for (let i = 0; i < 6; i += 1) expect(await after(5_000)).toEqual([]);
    expect(await after(5_000)).toHaveLength(1);
  });

  it('starts its watch anew after a gap: who slept himself knows nothing of the others', async () => {
    await shop.worker();
    const { after } = sweeper();
    await after(5_000);
    expect(await after(3_600_000)).toEqual([]);
    for (let i = 0; i < 5; i += 1) expect(await after(5_000)).toEqual([]);
    expect(await after(5_000)).toHaveLength(1);
  });

  it('starts its watch anew after an error: an outage of Postgres loses nobody', async () => {
    await shop.worker();
    let now = 0;
    let away = false;
    const flaky = {
      query: <R>(statement: { text: string }): Promise<R[]> =>
        away ? Promise.reject(new Error('away')) : shop.db.query<R>(statement),
    };
    const made = new Sweeper(flaky, 'cfdi', () => now);
    for (now = 0; now < 30_000; now += 5_000) await made.look();
    away = true;
    await expect(made.look()).rejects.toThrow('away');
    away = false;
    const start = now;
    for (; now < start + 30_000; now += 5_000) expect(await made.look()).toEqual([]);
    expect(await made.look()).toHaveLength(1);
  });

  it('is not moved by the clock of the house', async () => {
    await shop.worker();
    const { after } = sweeper();
    await after(5_000);
    await shop.moveClock('10 days');
    expect(await after(5_000)).toEqual([]);
    await shop.moveClock('-10 days');
    expect(await after(5_000)).toEqual([]);
  });
});
