import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Database } from '@nexora/database';
import { until } from '@nexora/testing';
import { DeafLine } from './deaf-line.conformance.ts';
import { pulse } from './liveness.ts';
import { sampleKind, Workshop } from './workshop.conformance.ts';

const work = sampleKind('work', { delivery: 'at-least-once' });

let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
  await shop.declare([work]);
});
afterEach(() => shop.end());

const outcomes = async (id: string) => {
  const text = 'SELECT outcome FROM agents.attempts WHERE job = $1 ORDER BY number';
  return (await shop.database.query<{ outcome: string }>({ text, values: [id] })).map(({ outcome }) => outcome);
};
/** The ledger refuses every write to a job with this SQLSTATE, until it is told to go on. */
async function refusing(state: string, fault: () => Promise<void>): Promise<void> {
  const body = `BEGIN RAISE EXCEPTION 'not now' USING ERRCODE = '${state}'; END`;
  await shop.database.query({
    text: `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ ${body} $$;
           CREATE TRIGGER refuse BEFORE UPDATE OR DELETE ON agents.job FOR EACH ROW EXECUTE FUNCTION refuse()`,
  });
  await fault();
  await shop.database.query({ text: 'DROP TRIGGER refuse ON agents.job' });
}

describe('a row whose claim was committed and never answered', () => {
  it.each(['at once', 'by the poll'])('runs all the same, claimed %s', async (way) => {
    const line = await DeafLine.to(shop.url);
    const databaseSettings = { url: line.url, onConnectionError: () => undefined };
    const database = await Database.open(databaseSettings);
    const ran: number[] = [];
    const handle = async ({ dispatch }: { dispatch: number }) => (ran.push(dispatch), {});
    await shop.work([{ kind: work, handle }], { database, databaseSettings });
    // A process that was paused polls when it goes on.
    if (way === 'by the poll') await shop.ledger.pause('sample').then(() => shop.tells('paused'));
    line.swallowAnswerWith('marked');
    const id = await shop.enqueue(work, { note: 'marked' });
    if (way === 'by the poll') await shop.ledger.resume('sample');
    await shop.becomes(id, 'done', 20_000);
    expect(line.swallowed).toBe(1);
    expect(ran).toEqual([2]);
    expect(await outcomes(id)).toEqual(['handed_back', 'done']);
    expect(shop.told('unknown-rows')).toMatchObject([{ rows: 1 }]);
    line.end();
  });
});

describe('rows that nobody has any doubt about', () => {
  it('go back too, at the next comparison with the ledger, and those that run here do not', async () => {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const handle = () => released.then(() => ({}));
    const worker = await shop.work([{ kind: work, handle, concurrency: 2 }], { pulse: pulse(20) });
    const known = await shop.enqueue(work);
    await shop.becomes(known, 'running');
    // A claim of this process that it never heard of.
    const forgotten = await shop.enqueue(work, {}, { runAt: new Date(Date.now() + 3_600_000) });
    await shop.database.query({
      text: `UPDATE agents.job SET state = 'running', worker = $2, dispatch = 1, claimed_at = agents.now(), run_at = agents.now() WHERE id = $1`,
      values: [forgotten, worker.incarnation],
    });
    await shop.tells('unknown-rows');
    release();
    await shop.becomes(known, 'done');
    await shop.becomes(forgotten, 'done');
    expect(await outcomes(known)).toEqual(['done']);
    expect(await outcomes(forgotten)).toEqual(['handed_back', 'done']);
  });

  it('are not mistaken for those that are just being claimed', async () => {
    await shop.enqueueMany(work, 600);
    await shop.work([{ kind: work, handle: async () => ({}), concurrency: 8 }], {
      pulse: { ...pulse(), beatMs: 5, compareMs: 0 },
    });
    await until(async () => (await shop.count(`state = 'done'`)) === 600, { within: 20_000, what: 'all to be done' });
    expect(shop.told('unknown-rows')).toEqual([]);
    expect(await shop.count(`dispatch > 1`)).toBe(0);
  });
});

describe('an outcome that the ledger refuses for a moment', () => {
  it.each(['53100', '25006', '40001', '40P01'])('is told again and is no failure of the job: %s', async (state) => {
    const ends: (() => void)[] = [];
    const handle = () => new Promise((resolve) => ends.push(() => resolve({ n: 1 })));
    await shop.work([{ kind: work, handle, concurrency: 2 }]);
    const ids = [await shop.enqueue(work), await shop.enqueue(work)];
    await until(() => ends.length === 2, { what: 'both to run' });
    await refusing(state, async () => {
      for (const end of ends) end();
      await new Promise((resolve) => setTimeout(resolve, 1_500)); // the fault lasts
    });
    for (const id of ids) {
      await shop.becomes(id, 'done');
      expect(await shop.row(id)).toMatchObject({ dispatch: 1, attempts: 1, result: { n: 1 } });
    }
    expect(shop.told('outcome-refused')).toEqual([]);
  });
});

describe('an outcome that the ledger refuses for another reason', () => {
  it('leaves no row running for ever, even when the row cannot go back at once', async () => {
    const ends: (() => void)[] = [];
    const handle = ({ dispatch }: { dispatch: number }) =>
      dispatch > 1 ? Promise.resolve({}) : new Promise((resolve) => ends.push(() => resolve({})));
    const worker = await shop.work([{ kind: work, handle }], { pulse: pulse(10) });
    const id = await shop.enqueue(work);
    await until(() => ends.length === 1, { what: 'the job to run' });
    await refusing('P0001', async () => {
      ends[0]?.();
      await until(() => worker.running === 0, { what: 'the run to end' });
      expect(await shop.state(id)).toBe('running');
    });
    await shop.becomes(id, 'done');
    expect(await outcomes(id)).toEqual(['handed_back', 'done']);
  });
});

describe('a statement of the handler itself that loses against another transaction', () => {
  it('goes by the retry policy of its kind', async () => {
    const body = `BEGIN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END`;
    await shop.database.query({ text: `CREATE FUNCTION lose() RETURNS int LANGUAGE plpgsql AS $$ ${body} $$` });
    const handle = (job: {
      attempts: number;
      finish: (effect: { text: string }, result: object) => Promise<object>;
    }) => (job.attempts > 0 ? Promise.resolve({}) : job.finish({ text: 'SELECT lose()' }, {}));
    await shop.work([{ kind: work, handle: handle as never }]);
    const id = await shop.enqueue(work);
    await shop.becomes(id, 'done');
    expect(await outcomes(id)).toEqual(['retry', 'done']);
  });
});
