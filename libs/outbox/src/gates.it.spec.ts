import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { anyKind, Shop } from './shop.conformance.ts';

const local = anyKind('local');
const licence = anyKind('licence', { needsInternet: 'licence' });
const stamp = anyKind('stamp', { needsInternet: 'stamping' });
const notify = anyKind('notify', { needsInternet: 'notification' });
const copy = anyKind('copy', { needsInternet: 'copy' });
const punctual = anyKind('punctual', { dependsOnTime: true });
const issuer = 'EKU9003173C9';
const house = '0192f0c1-7b1a-7e1a-8f1a-0192f0c17b1a';
const error = { code: 'test.failed' };

let shop: Shop;
let worker: string;
beforeAll(async () => {
  shop = await Shop.open([local, licence, stamp, notify, copy, punctual]);
});
beforeEach(async () => {
  worker = await shop.worker();
});
afterEach(() => shop.empty());
afterAll(() => shop.close());

const report = (state: string, outside: Date | null = null) =>
  shop.sql('SELECT agents.report_connectivity($1, 20, NULL, $2)', [state, outside]);
const open = () => shop.ledger.openClasses();
const claims = async (kind: typeof local) => (await shop.claim(worker, kind)).length;

describe('while the Internet is away', () => {
  it('kinds that need it are not claimed and burn nothing, the others go on', async () => {
    const id = await shop.enqueue(stamp);
    await shop.enqueue(local);
    await report('offline');
    expect(await claims(stamp)).toBe(0);
    expect(await claims(local)).toBe(1);
    expect(await shop.row(id)).toMatchObject({ state: 'pending', attempts: 0, dispatch: 0 });
    expect((await shop.ledger.beat(worker)).openClasses).toEqual([]);
  });

  it('nobody waits for a sync agent that is silent for more than five minutes', async () => {
    await shop.enqueue(stamp);
    await report('offline');
    await shop.moveClock('6 min');
    expect(await open()).toEqual(['licence', 'stamping', 'notification', 'copy']);
    expect(await claims(stamp)).toBe(1);
  });

  it('everything is open before the sync agent has said its first word', async () => {
    await shop.enqueue(copy);
    expect(await open()).toHaveLength(4);
    expect(await claims(copy)).toBe(1);
  });

  it('what failed for want of it is tried at once when it returns; a wait that was asked for stays', async () => {
    const [failed, asked] = [await shop.enqueue(stamp), await shop.enqueue(stamp)];
    await shop.sql(
      `UPDATE agents.job SET wait = '6 h', run_at = agents.now() + '6 h', attempts = 9,
              last_error = jsonb_build_object('code', CASE id WHEN $1 THEN 'agents.later' ELSE 'cfdi.transient' END)`,
      [asked],
    );
    await report('offline');
    await report('online');
    const due = await shop.sql<{ id: string }>('SELECT id FROM agents.job WHERE run_at <= agents.now()');
    expect(due).toEqual([{ id: failed }]);
    expect(await shop.row(failed)).toMatchObject({ attempts: 9 });
  });

  it('a degraded line counts as one', async () => {
    await report('degraded');
    expect(await open()).toHaveLength(4);
  });
});

describe('after the Internet has come back', () => {
  it('the classes open in their order, each when the one before has no due row left', async () => {
    for (const kind of [licence, stamp, notify, copy]) await shop.enqueue(kind);
    await report('offline');
    await report('online');
    expect(await open()).toEqual(['licence']);
    expect(await claims(stamp)).toBe(0);
    expect(await claims(licence)).toBe(1);
    expect((await shop.ledger.beat(worker)).openClasses).toEqual(['licence', 'stamping']);
    expect(await claims(copy)).toBe(0);
    expect(await claims(stamp)).toBe(1);
    expect(await open()).toEqual(['licence', 'stamping', 'notification']);
    expect(await claims(notify)).toBe(1);
    expect(await open()).toHaveLength(4);
    expect(await claims(copy)).toBe(1);
  });

  it('the next class opens after ten minutes at the latest', async () => {
    await shop.enqueueMany(licence, 3);
    await shop.enqueue(stamp);
    await report('offline');
    await report('online');
    await shop.moveClock('9 min');
    await report('online');
    expect(await open()).toEqual(['licence']);
    await shop.moveClock('10 min');
    await report('online');
    expect(await open()).toEqual(['licence', 'stamping']);
  });

  it('rows that cannot be claimed keep no class waiting: not due, held, paused', async () => {
    await shop.enqueue(licence, {}, { runAt: new Date(Date.now() + 3_600_000) });
    await shop.enqueue(stamp, {}, { scope: issuer });
    await shop.sql(`SELECT agents.hold('paused issuer', scope => $1)`, [issuer]);
    await report('offline');
    await report('online');
    expect(await open()).toHaveLength(4);
  });

  it('a class that has opened stays open when new rows come into an earlier one', async () => {
    await report('offline');
    await report('online');
    expect(await open()).toHaveLength(4);
    await shop.enqueue(licence);
    await shop.enqueue(copy);
    expect(await open()).toHaveLength(4);
    expect(await claims(copy)).toBe(1);
  });

  it('every change is announced', async () => {
    const { heard, listener, settled } = await shop.ear('agents_control');
    await report('offline');
    await report('offline');
    await report('online');
    await settled();
    expect(heard.filter((each) => each === 'agents_control connectivity').length).toBeGreaterThanOrEqual(2);
    await listener.close();
  });
});

describe('a hold', () => {
  it('leaves out a kind, an organization, a scope, or what all of its parts name', async () => {
    const all = async () => {
      await shop.sql(`TRUNCATE agents.job`);
      await shop.enqueue(local);
      await shop.enqueue(local, {}, { scope: issuer });
      await shop.enqueue(local, {}, { organization: house });
      await shop.enqueue(local, {}, { organization: house, scope: issuer });
      return claims(local);
    };
    const held = async (parts: string) => {
      await shop.sql(`SELECT agents.hold('test', ${parts})`);
      const taken = await all();
      expect((await shop.sql(`SELECT agents.unhold(${parts}) AS there`))[0]).toEqual({ there: true });
      return taken;
    };
    expect(await held(`kind => 'cfdi.local'`)).toBe(0);
    expect(await held(`kind => 'cfdi.stamp'`)).toBe(4);
    expect(await held(`scope => '${issuer}'`)).toBe(2);
    expect(await held(`organization => '${house}'`)).toBe(2);
    expect(await held(`kind => 'cfdi.local', organization => '${house}', scope => '${issuer}'`)).toBe(3);
    expect(await held(`kind => 'cfdi.stamp', scope => '${issuer}'`)).toBe(4);
    expect(await all()).toBe(4);
  });

  it('ends by itself at its time', async () => {
    await shop.enqueue(stamp);
    await shop.ledger.hold({ kind: 'cfdi.stamp' }, '429 Too Many Requests', new Date(Date.now() + 60_000));
    expect(await claims(stamp)).toBe(0);
    await shop.moveClock('61 s');
    expect(await claims(stamp)).toBe(1);
  });

  it('until a time that no other language can represent ends in ten years', async () => {
    await shop.sql(`SELECT agents.hold('test', 'cfdi.local', until => 'infinity')`);
    const [row] = await shop.sql<{ years: number }>(
      `SELECT round(date_part('epoch', until - agents.now()) / 31557600)::int AS years FROM agents.holds`,
    );
    expect(row).toEqual({ years: 10 });
  });

  it('of the same target replaces the one before', async () => {
    await shop.ledger.hold({ kind: 'cfdi.stamp' }, 'first', new Date(Date.now() + 60_000));
    await shop.ledger.hold({ kind: 'cfdi.stamp' }, 'second');
    expect(await shop.sql('SELECT reason, until FROM agents.holds')).toEqual([{ reason: 'second', until: null }]);
    expect(await shop.ledger.unhold({ kind: 'cfdi.stamp' })).toBe(true);
    expect(await shop.ledger.unhold({ kind: 'cfdi.stamp' })).toBe(false);
  });

  it('needs a target and a reason', async () => {
    await expect(shop.sql(`SELECT agents.hold('why')`)).rejects.toMatchObject({ code: 'NX004' });
    await expect(shop.ledger.hold({ kind: 'cfdi.stamp' }, '')).rejects.toMatchObject({ code: 'agents.bad-argument' });
  });
});

describe('a paused agent', () => {
  it('takes no work until it is resumed, tells its processes, and handing over goes on', async () => {
    const { heard, listener, settled } = await shop.ear('agents_control');
    expect(await shop.ledger.pause('cfdi')).toBe('paused');
    await shop.enqueue(local);
    expect(await claims(local)).toBe(0);
    expect((await shop.ledger.beat(worker)).paused).toBe(true);
    expect(await shop.ledger.resume('cfdi')).toBe('resumed');
    expect(await claims(local)).toBe(1);
    await settled();
    expect(heard).toEqual(['agents_control pause', 'agents_control pause']);
    await expect(shop.sql(`SELECT agents.pause('nobody') AS answer`)).resolves.toEqual([{ answer: 'unknown' }]);
    await listener.close();
  });
});

describe('a clock behind what it has shown before', () => {
  it('stops what depends on time until it is right again, and nothing else', async () => {
    await shop.moveClock('1 day');
    await shop.ledger.beat(worker);
    await shop.moveClock('-2 h');
    await shop.sql(`SELECT agents.enqueue(k, '{}') FROM unnest('{cfdi.punctual,cfdi.stamp,cfdi.local}'::text[]) k`);
    expect((await shop.ledger.beat(worker)).clockOk).toBe(false);
    expect([await claims(punctual), await claims(stamp), await claims(local)]).toEqual([0, 0, 1]);
    await shop.moveClock('1 day');
    expect((await shop.ledger.beat(worker)).clockOk).toBe(true);
    expect([await claims(punctual), await claims(stamp)]).toEqual([1, 1]);
  });

  it('by less than two minutes is an ordinary correction', async () => {
    await shop.moveClock('100 s');
    await shop.ledger.beat(worker);
    await shop.moveClock('0');
    expect((await shop.ledger.beat(worker)).clockOk).toBe(true);
  });

  it('is right again when the outside confirms the present time', async () => {
    await shop.moveClock('1 year'); // a wrong date once raised the mark
    await shop.ledger.beat(worker);
    await shop.moveClock('0');
    await shop.enqueue(punctual);
    await report('online', new Date(Date.now() - 3_600_000)); // the outside disagrees with this clock as well
    expect((await shop.ledger.beat(worker)).clockOk).toBe(false);
    await report('online', new Date());
    expect((await shop.ledger.beat(worker)).clockOk).toBe(true);
    expect(await claims(punctual)).toBe(1);
  });

  it('pulls in what a policy put off further than it can have meant', async () => {
    await shop.moveClock('1 year');
    const [retried, wanted] = [await shop.enqueue(local), await shop.enqueue(local, {}, { runAt: inAnHour() })];
    await shop.ledger.retry(worker, await shop.claimOne(worker, local), { delayMs: 60_000, error, maxAttempts: null });
    await shop.ledger.beat(worker);
    await shop.moveClock('0');
    await shop.ledger.beat(worker);
    const [row] = await shop.sql<{ seconds: number }>(
      'SELECT date_part($$epoch$$, run_at - agents.now()) AS seconds FROM agents.job WHERE id = $1',
      [retried],
    );
    expect(row!.seconds).toBeGreaterThan(50);
    expect(row!.seconds).toBeLessThanOrEqual(60);
    expect((await shop.row(wanted)).run_at.getTime()).toBeGreaterThan(Date.now() + 364 * 86_400_000);

    function inAnHour(): Date {
      return new Date(Date.now() + 365 * 86_400_000 + 3_600_000);
    }
  });

  it('makes due what was handed over while the clock was ahead', async () => {
    await shop.moveClock('73 h');
    await shop.enqueue(local);
    await shop.ledger.beat(worker);
    await shop.moveClock('0');
    expect(await claims(local)).toBe(0);
    await shop.ledger.beat(worker);
    expect(await claims(local)).toBe(1);
  });

  it.each([
    ['once somebody puts it right', () => shop.moveClock(null)],
    ['at the next heartbeat', () => shop.moveClock('0').then(() => shop.ledger.beat(worker))],
  ])('leaves no hold longer than it was meant: %s', async (_what, putRight) => {
    await shop.moveClock('73 h');
    await shop.ledger.beat(worker);
    await shop.sql(`SELECT agents.hold('429', kind => 'cfdi.local', until => agents.now() + interval '15 min')`);
    await shop.sql(`SELECT agents.hold('for good', kind => 'cfdi.copy')`);
    await putRight();
    await shop.enqueue(local);
    expect(await claims(local)).toBe(0);
    await shop.moveClock('14 min');
    expect(await claims(local)).toBe(0);
    await shop.moveClock('16 min');
    expect(await claims(local)).toBe(1);
    expect(await shop.sql(`SELECT until FROM agents.holds WHERE kind = 'cfdi.copy'`)).toEqual([{ until: null }]);
  });

  it('lets nobody wait for the line by the time of yesterday', async () => {
    await shop.moveClock('73 h');
    await shop.ledger.beat(worker);
    await report('offline');
    await shop.moveClock('0');
    await shop.ledger.beat(worker);
    expect(await open()).toEqual([]);
    await shop.moveClock('6 min'); // the sync agent is silent
    expect(await open()).toHaveLength(4);
  });

  it('is told to every process as an offset, so that the house has one time', async () => {
    await shop.moveClock('73 h');
    const { clockOffsetMs } = await shop.ledger.beat(worker);
    expect(clockOffsetMs).toBe(73 * 3_600_000);
    const [row] = await shop.sql<{ ahead: number }>(`SELECT date_part('epoch', agents.now() - now()) AS ahead`);
    expect(Math.round(row!.ahead / 3_600)).toBe(73);
  });
});
