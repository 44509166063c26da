import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { LICENSE_MODES, type LicenseMode } from '@nexora/contracts';
import type { Database } from '@nexora/database';
import { Heads, Ledger, type DeclaredKind } from './index.ts';
import { anyKind, Shop } from './shop.conformance.ts';

const local = anyKind('local');
const stamp = anyKind('stamp', { needsLicense: true, needsInternet: 'stamping' });
const notify = anyKind('notify', { needsInternet: 'notification' });
const chat = anyKind('chat', { needsLicense: true, ordered: true });
const few = anyKind('few', { needsLicense: true, total: 1, rate: { count: 2, perMs: 60_000 } });

let shop: Shop;
let license: Database; // the login of the license agent
let worker: string;
beforeAll(async () => {
  shop = await Shop.open([local, stamp, notify, chat, few]);
  license = await shop.as('license');
});
beforeEach(async () => {
  worker = await shop.worker();
});
afterEach(() => shop.empty());
afterAll(() => shop.close());

const report = (mode: LicenseMode, reason: string | null = null, signedTime?: Date) =>
  new Ledger(license).reportLicense({ mode, reason, ...(signedTime === undefined ? {} : { signedTime }) });
const claims = async (kind: DeclaredKind, max = 10) => (await shop.claim(worker, kind, max)).map(({ id }) => id);
const line = (state: string) => shop.sql('SELECT agents.report_connectivity($1)', [state]);

/** Rows that have been sent to the outside and wait to ask what became of it; answers their ids. */
async function underWay(kind: DeclaredKind, count: number, options = {}): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < count; i++) ids.push(await shop.enqueue(kind, {}, { ...options, ...orderOf(kind, i) }));
  for (let i = 0; i < count; i++) {
    const job = await shop.claimOne(worker, kind);
    await shop.ledger.intend(worker, job, { key: `k${i}` });
    await shop.ledger.retry(worker, job, { delayMs: 0, error: { code: 'test.failed' }, maxAttempts: null });
  }
  return ids;
}
const orderOf = (kind: DeclaredKind, i: number) => (kind.kind.ordered ? { orderKey: `key ${i}` } : {});

describe('the licence before anybody has reported on it', () => {
  it('is unknown and keeps nothing waiting', async () => {
    const id = await shop.enqueue(stamp);
    expect(await shop.sql('SELECT mode, limited, reason, since, reported_at FROM agents.license_mode')).toEqual([
      { mode: 'unknown', limited: false, reason: null, since: null, reported_at: null },
    ]);
    expect(await claims(stamp)).toEqual([id]);
  });
});

describe('a report on the licence', () => {
  it.each(LICENSE_MODES)('of %s lets new rows through or not, as the contract says', async (mode) => {
    await shop.enqueue(stamp);
    await report(mode, 'test');
    const limited = mode !== 'valid' && mode !== 'grace';
    expect(await shop.sql('SELECT mode, limited, reason FROM agents.license_mode')).toEqual([
      { mode, limited, reason: 'test' },
    ]);
    expect(await claims(stamp)).toHaveLength(limited ? 0 : 1);
  });

  it('answers whether the mode changed, keeps since when it is so, and announces a change of mode or reason', async () => {
    const { heard, listener, settled } = await shop.ear('agents_control');
    expect(await report('limited', 'file expired')).toBe(true);
    const [first] = await shop.sql<{ since: Date; reported_at: Date }>('SELECT * FROM agents.license_mode');
    expect(await report('limited', 'file expired')).toBe(false);
    expect(await report('limited', 'contract ended')).toBe(false);
    const [third] = await shop.sql<{ since: Date; reported_at: Date }>('SELECT * FROM agents.license_mode');
    expect(third!.since).toEqual(first!.since);
    expect(third!.reported_at.getTime()).toBeGreaterThan(first!.reported_at.getTime());
    expect(await report('valid')).toBe(true);
    await settled();
    expect(heard).toEqual(Array(3).fill('agents_control license'));
    await listener.close();
  });

  it('is taken from the license agent only', async () => {
    await expect(shop.ledger.reportLicense({ mode: 'valid' })).rejects.toMatchObject({ code: 'agents.not-allowed' });
    const gateway = await shop.as('gateway');
    await expect(new Ledger(gateway).reportLicense({ mode: 'valid' })).rejects.toMatchObject({
      code: 'agents.not-allowed',
    });
  });

  it.each([
    ['a mode that there is not', `'fine'`],
    ['no mode', 'NULL'],
    ['unknown, which nobody can decide', `'unknown'`],
    ['details that are no object', `'valid', NULL, '[]'`],
    ['details that are none', `'valid', NULL, NULL`],
    ['too many details', `'valid', NULL, jsonb_build_object('a', repeat('x', 20000))`],
    ['a reason as long as a letter', `'limited', repeat('x', 501)`],
    ['a signed time that is none', `'valid', NULL, '{"signedTime": "yesterday-ish"}'`],
  ])('with %s is refused and changes nothing', async (_what, written) => {
    await report('grace', 'file expired');
    const before = await shop.sql('SELECT * FROM agents.license_gate');
    await expect(license.query({ text: `SELECT agents.report_license(${written})` })).rejects.toMatchObject({
      code: 'NX004',
    });
    expect(await shop.sql('SELECT * FROM agents.license_gate')).toEqual(before);
  });

  it('with a time that the portal has just signed frees a clock whose mark a wrong year had raised', async () => {
    await shop.moveClock('1 year');
    await shop.ledger.beat(worker);
    await shop.moveClock('0');
    await shop.enqueue(stamp);
    expect(await claims(stamp)).toEqual([]);
    await report('valid', null, new Date(Date.now() - 3_600_000)); // the portal disagrees with this clock as well
    expect((await shop.ledger.beat(worker)).clockOk).toBe(false);
    const { heard, listener, settled } = await shop.ear('agents_control');
    await report('valid', null, new Date());
    expect((await shop.ledger.beat(worker)).clockOk).toBe(true);
    expect(await claims(stamp)).toHaveLength(1);
    await settled();
    expect(heard).toEqual(['agents_control clock']);
    await listener.close();
  });
});

describe('an emptied gate', () => {
  it('lets all through and says that it knows nothing; the next word of the license agent sets it up again', async () => {
    await report('limited');
    await shop.sql('DELETE FROM agents.license_gate');
    expect(await shop.sql('SELECT mode, limited FROM agents.license_mode')).toEqual([
      { mode: 'unknown', limited: false },
    ]);
    await shop.enqueue(stamp);
    await report('limited');
    expect(await claims(stamp)).toEqual([]);
  });
});

describe('while the licence is limited', () => {
  it('new rows of kinds that need it wait and burn nothing; handing over and all other work go on', async () => {
    await report('limited', 'file expired');
    const waits = await shop.enqueue(stamp);
    await shop.enqueue(local);
    expect(await claims(stamp)).toEqual([]);
    expect(await claims(local)).toHaveLength(1);
    expect(await shop.row(waits)).toMatchObject({ state: 'pending', attempts: 0, dispatch: 0 });
  });

  it.each([
    ['unordered', stamp],
    ['ordered', chat],
  ])('%s rows with an open intent go on, ahead of everything that waits', async (_what, kind) => {
    const sent = await underWay(kind, 3);
    await shop.enqueue(kind, {}, { priority: 'critical', ...orderOf(kind, 9) });
    await report('limited');
    expect(await claims(kind, 2)).toHaveLength(2);
    expect(await claims(kind)).toHaveLength(1);
    expect(await claims(kind)).toEqual([]);
    const running = await shop.sql<{ id: string }>(`SELECT id FROM agents.job WHERE state = 'running' ORDER BY id`);
    expect(running.map(({ id }) => id)).toEqual([...sent].sort());
  });

  it('a row that runs goes on to its end, with or without an intent', async () => {
    const [plain, sending] = [await shop.enqueue(stamp), await shop.enqueue(stamp)];
    const [first, second] = await shop.claim(worker, stamp);
    await report('revoked', 'revoked');
    await shop.ledger.intend(worker, second!, { key: 'k' });
    await shop.ledger.finish(worker, first!);
    await shop.ledger.finish(worker, second!);
    expect([await shop.stateOf(plain), await shop.stateOf(sending)]).toEqual(['done', 'done']);
  });

  it('the oldest first holds for what is under way too', async () => {
    const id = await shop.enqueue(stamp);
    const [sent] = await underWay(stamp, 1);
    await shop.sql(`UPDATE agents.job SET intent = '{"key": "k"}', run_at = run_at - interval '1 h' WHERE id = $1`, [
      id,
    ]);
    await shop.sql(`UPDATE agents.job SET intent = '{"key": "k"}', run_at = run_at + interval '1 ms' WHERE id = $1`, [
      sent,
    ]);
    await report('limited');
    expect(await claims(stamp, 1)).toEqual([id]);
    expect(await claims(stamp, 1)).toEqual([sent]);
  });

  it('an order key still has one row at a time, the oldest', async () => {
    const [first] = await underWay(chat, 1);
    await shop.enqueue(chat, {}, { orderKey: 'key 0' });
    await report('limited');
    await shop.sql(`UPDATE agents.job SET intent = '{"key": "k"}'`);
    expect(await claims(chat)).toEqual([first]);
    expect(await claims(chat)).toEqual([]);
  });

  it('holds, pauses, the line and limits are obeyed by what is under way', async () => {
    const [sent] = await underWay(stamp, 1, { scope: 'EKU9003173C9' });
    await underWay(few, 2);
    await shop.sql(`UPDATE agents.kind_limit SET spent_at = '{}', spent = '{}'`);
    await report('limited');
    await shop.ledger.hold({ kind: 'cfdi.stamp', scope: 'EKU9003173C9' }, 'paused issuer');
    expect(await claims(stamp)).toEqual([]);
    await shop.ledger.unhold({ kind: 'cfdi.stamp', scope: 'EKU9003173C9' });
    await line('offline');
    expect(await claims(stamp)).toEqual([]);
    await line('online');
    await shop.ledger.openClasses();
    await shop.ledger.pause('cfdi');
    expect(await claims(stamp)).toEqual([]);
    await shop.ledger.resume('cfdi');
    expect(await claims(stamp)).toEqual([sent]);
    expect(await claims(few)).toHaveLength(1);
    expect(await claims(few)).toEqual([]);
  });

  it('the poll and the claim by time obey as the claim does', async () => {
    const [sent] = await underWay(stamp, 1);
    await shop.enqueue(stamp);
    await shop.enqueue(local);
    await report('invalid', 'no license');
    const name = stamp.kind.name;
    expect(await shop.ledger.claim({ incarnation: worker, kind: name, max: 1, byRunAt: true })).toMatchObject([
      { id: sent },
    ]);
    const { jobs } = await shop.ledger.poll(worker, [
      { kind: name, max: 5 },
      { kind: 'cfdi.local', max: 5 },
    ]);
    expect(jobs.map(({ kind }) => kind)).toEqual(['cfdi.local']);
  });

  it('a row that must run alone waits without draining anybody, unless it is under way', async () => {
    const lost = await shop.worker();
    const ids = [await shop.enqueue(stamp), await shop.enqueue(stamp)];
    const [, second] = await shop.claim(lost, stamp);
    await shop.ledger.intend(lost, second!, { key: 'k' });
    await shop.lose(lost);
    await report('limited');
    const appetite = [{ kind: stamp.kind.name, max: 1 }];
    expect((await shop.ledger.poll(worker, appetite)).aloneWaits).toBe(true);
    const alone = await shop.claimAlone(worker, stamp);
    expect(alone).toMatchObject({ id: second!.id, intent: { key: 'k' } });
    await shop.ledger.finish(worker, alone!);
    expect((await shop.ledger.poll(worker, appetite)).aloneWaits).toBe(false);
    expect(await shop.claimAlone(worker, stamp)).toBeUndefined();
    await report('valid');
    expect((await shop.ledger.poll(worker, appetite)).aloneWaits).toBe(true);
    expect(ids).toContain((await shop.claimAlone(worker, stamp))?.id);
  });

  it('a class of work whose rows only wait for the licence keeps no later class waiting', async () => {
    await shop.enqueue(stamp);
    await shop.enqueue(notify);
    await report('limited');
    await line('offline');
    await line('online');
    expect(await shop.ledger.openClasses()).toEqual(['licence', 'stamping', 'notification']);
    expect(await claims(notify)).toHaveLength(1);
  });

  it('a class is busy as long as something of it is under way', async () => {
    const [sent] = await underWay(stamp, 1);
    await shop.enqueue(stamp);
    await report('limited');
    await line('offline');
    await line('online');
    expect(await shop.ledger.openClasses()).toEqual(['licence', 'stamping']);
    expect(await claims(stamp)).toEqual([sent]);
    expect(await shop.ledger.openClasses()).toHaveLength(4);
  });

  it('tells how many due rows of which kinds wait; without a limit none does', async () => {
    await underWay(stamp, 1);
    await shop.enqueueMany(stamp, 3);
    await shop.enqueue(stamp, {}, { runAt: new Date(Date.now() + 3_600_000) });
    const waits = () => license.query({ text: 'SELECT kind, waiting FROM agents.waits_for_license ORDER BY kind' });
    const none = ['cfdi.chat', 'cfdi.few', 'cfdi.stamp'].map((kind) => ({ kind, waiting: '0' }));
    expect(await waits()).toEqual(none);
    await report('limited');
    expect(await waits()).toEqual([...none.slice(0, 2), { kind: 'cfdi.stamp', waiting: '3' }]);
  });
});

describe('a listing of jobs', () => {
  it('says of pending rows that they wait for the licence, to the house and to the business application', async () => {
    const [sent] = await underWay(stamp, 1);
    const waits = await shop.enqueue(stamp);
    const runs = await shop.enqueue(few);
    await shop.claimOne(worker, few);
    await shop.enqueue(local);
    const listed = async () =>
      (
        await shop.sql<{ id: string }>(`SELECT id FROM agents.list_jobs(agent => 'cfdi') WHERE waits_for = 'license'`)
      ).map(({ id }) => id);
    expect(await listed()).toEqual([]);
    await report('limited');
    expect(await listed()).toEqual([waits]);
    const client = await shop.as('client');
    const text = 'SELECT id, waits_for FROM agents.job_status WHERE id = ANY ($1) ORDER BY id';
    expect(await client.query({ text, values: [[sent, waits, runs]] })).toEqual([
      { id: sent, waits_for: null },
      { id: waits, waits_for: 'license' },
      { id: runs, waits_for: null },
    ]);
  });
});

describe('when the licence carries the house again', () => {
  it('everything that waited is claimed at once, from the first row on, whatever heads a process remembers', async () => {
    const heads = new Heads(() => 0);
    await shop.enqueueEarlier(stamp, 5);
    await underWay(stamp, 1);
    await shop.enqueueEarlier(stamp, 5);
    const claim = () => shop.ledger.claim({ incarnation: worker, kind: stamp.kind.name, max: 1, heads });
    await report('limited');
    expect(await claim()).toMatchObject([{ intent: { key: 'k0' } }]); // full: a head would be remembered
    await report('valid');
    expect(await claim()).toHaveLength(1);
    expect(await claim()).toHaveLength(1);
  });
});
