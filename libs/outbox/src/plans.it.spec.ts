import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { anyKind, Shop } from './shop.conformance.ts';

const quick = anyKind('quick');
const chat = anyKind('chat', { ordered: true });
const stamp = anyKind('stamp', { needsInternet: 'stamping', needsLicense: true });

let shop: Shop;
let session: Client;
let worker: string;
beforeAll(async () => {
  shop = await Shop.open([quick, chat, stamp]);
  worker = await shop.worker();
  session = new Client({ connectionString: shop.database.urlFor('cfdi') });
  await session.connect();
});
afterAll(async () => {
  await session.end();
  await shop.close();
});

/** Index entries and whole tables that the session reads of jobs while it does the work. */
async function readsOf(work: () => Promise<unknown>): Promise<{ entries: number; scans: number }> {
  const counters = async () => {
    const { rows } = await session.query<{ entries: number; scans: number }>(
      `SELECT sum(pg_stat_get_xact_tuples_returned(i.indexrelid))::int AS entries,
              pg_stat_get_xact_numscans('agents.job'::regclass)::int AS scans
         FROM pg_index i WHERE i.indrelid = 'agents.job'::regclass`,
    );
    return rows[0]!;
  };
  await session.query('BEGIN');
  const before = await counters();
  await work();
  const after = await counters();
  await session.query('COMMIT');
  return { entries: after.entries - before.entries, scans: after.scans - before.scans };
}

async function claim(kind: string, max: number, byRunAt = false) {
  const text = 'SELECT id, dispatch FROM agents.claim($1, $2, $3, by_run_at => $4)';
  return (await session.query<{ id: string; dispatch: number }>(text, [worker, kind, max, byRunAt])).rows;
}

describe('plans that were made while the queue was empty', () => {
  it('stay right when thousands of rows wait, run and rest', async () => {
    // A day begins: nothing there, everything vacuumed; the session makes and keeps its plans.
    for (let round = 0; round < 8; round += 1) {
      await shop.sql('VACUUM ANALYZE agents.job');
      await session.query(`SELECT agents.enqueue('cfdi.quick', '{}') FROM generate_series(1, 4)`);
      await session.query(`SELECT agents.enqueue('cfdi.chat', '{}', order_key => 'a')`);
      for (const { id, dispatch } of [...(await claim('cfdi.quick', 1)), ...(await claim('cfdi.chat', 1))]) {
        await session.query('SELECT agents.finish($1, $2, $3)', [id, dispatch, worker]);
      }
      for (const { id, dispatch } of await claim('cfdi.quick', 1, true)) {
        await session.query('SELECT agents.intend($1, $2, $3, $$k$$)', [id, dispatch, worker]);
        await session.query(`SELECT agents.later($1, $2, $3, '0', '{}')`, [id, dispatch, worker]);
      }
      const rest = await claim('cfdi.quick', 5);
      const ids = rest.map(({ id }) => id);
      const dispatches = rest.map(({ dispatch }) => dispatch);
      await session.query('SELECT agents.hand_back($1, $2, $3)', [worker, ids.slice(0, 1), dispatches.slice(0, 1)]);
      await session.query(`SELECT agents.finish_many($1, $2, $3, '{}')`, [worker, ids, dispatches]);
      for (const { id, dispatch } of await claim('cfdi.quick', 5)) {
        await session.query('SELECT agents.finish($1, $2, $3)', [id, dispatch, worker]);
      }
    }
    expect(await shop.sql('SELECT id FROM agents.job')).toEqual([]);
    // Then the rush comes, and nobody has analysed the table yet.
    const other = await shop.worker();
    await shop.enqueueMany(quick, 4_000);
    await shop.claim(other, quick, 1_500);
    const mine = await claim('cfdi.quick', 6);
    const [a, b, c, d, e, f] = mine;
    const uuids = (jobs: readonly { id: string }[]) => jobs.map(({ id }) => id);
    const numbers = (jobs: readonly { dispatch: number }[]) => jobs.map(({ dispatch }) => dispatch);
    const works: [string, () => Promise<unknown>][] = [
      ['finish', () => session.query('SELECT agents.finish($1, $2, $3)', [a!.id, a!.dispatch, worker])],
      ['intend', () => session.query('SELECT agents.intend($1, $2, $3, $$k$$)', [b!.id, b!.dispatch, worker])],
      ['later', () => session.query(`SELECT agents.later($1, $2, $3, '1 h', '{}')`, [b!.id, b!.dispatch, worker])],
      ['hand_back', () => session.query('SELECT agents.hand_back($1, $2, $3)', [worker, uuids([c!]), numbers([c!])])],
      [
        'finish_many',
        () =>
          session.query(`SELECT agents.finish_many($1, $2, $3, '{}')`, [worker, uuids([d!, e!]), numbers([d!, e!])]),
      ],
      ['retry', () => session.query(`SELECT agents.retry($1, $2, $3, '1 h', '{}')`, [f!.id, f!.dispatch, worker])],
      ['claim', () => claim('cfdi.quick', 2)],
      ['claim by run_at', () => claim('cfdi.quick', 2, true)],
      ['ordered claim', () => claim('cfdi.chat', 2)],
      ['poll', () => session.query(`SELECT agents.poll($1, '{cfdi.quick,cfdi.chat}', '{1,1}')`, [worker])],
    ];
    await session.query(`SELECT agents.enqueue('cfdi.chat', '{}', order_key => 'a')`);
    for (const [what, work] of works) {
      const { entries, scans } = await readsOf(work);
      const most = what.endsWith('claim') || what.startsWith('claim') || what === 'poll' ? 150 : 20;
      expect({ what, scans, entries: Math.max(entries, most) }).toEqual({ what, scans: 0, entries: most });
    }
  });

  it('find what is under way, and whether a class is busy, while thousands wait for the licence', async () => {
    const limit = (mode: string) => shop.sql('SELECT agents.report_license($1)', [mode]);
    const returned = () =>
      shop.sql(
        `UPDATE agents.connectivity
            SET state = 'online', checked_at = agents.now(), stage = 2, stage_since = agents.now()`,
      );
    const later = async (id: string, dispatch: number) => {
      await session.query('SELECT agents.intend($1, $2, $3, $$k$$)', [id, dispatch, worker]);
      await session.query(`SELECT agents.retry($1, $2, $3, '0', '{}')`, [id, dispatch, worker]);
    };
    await shop.sql('TRUNCATE agents.job');
    for (let round = 0; round < 8; round += 1) {
      await shop.sql('VACUUM ANALYZE agents.job');
      await limit('valid');
      await session.query(`SELECT agents.enqueue('cfdi.stamp', '{}')`);
      const [one] = await claim('cfdi.stamp', 1);
      await later(one!.id, one!.dispatch);
      await limit('limited');
      const [again] = await claim('cfdi.stamp', 1);
      await returned();
      await session.query('SELECT agents.open_classes()');
      await session.query('SELECT agents.finish($1, $2, $3)', [again!.id, again!.dispatch, worker]);
    }
    await limit('valid');
    await shop.enqueueMany(stamp, 4_000);
    for (const { id, dispatch } of await claim('cfdi.stamp', 10)) await later(id, dispatch);
    await returned();
    const free = await readsOf(() => claim('cfdi.stamp', 2));
    await limit('limited');
    const works: [string, () => Promise<unknown>][] = [
      ['claim', () => claim('cfdi.stamp', 2)],
      ['claim by run_at', () => claim('cfdi.stamp', 2, true)],
      ['poll', () => session.query(`SELECT agents.poll($1, '{cfdi.stamp}', '{2}')`, [worker])],
      [
        'a poll that finds nothing more',
        () => session.query(`SELECT agents.poll($1, '{cfdi.stamp}', '{9}')`, [worker]),
      ],
      ['open_classes', () => session.query('SELECT agents.open_classes()')],
    ];
    for (const [what, work] of [['claim of a free licence', null] as const, ...works]) {
      const { entries, scans } = work === null ? free : await readsOf(work);
      expect({ what, scans, entries: Math.max(entries, 150) }).toEqual({ what, scans: 0, entries: 150 });
    }
    expect(await claim('cfdi.stamp', 10)).toEqual([]);
  });
});
