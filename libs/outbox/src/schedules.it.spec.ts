import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  fireDueSlots,
  pauseSchedule,
  resumeSchedule,
  runSchedule,
  type FiredSlot,
  type ScheduleSpec,
} from './index.ts';
import { anyKind, Shop } from './shop.conformance.ts';

const report = anyKind('report');
const hourly: ScheduleSpec = {
  name: 'hourly',
  kind: 'cfdi.report',
  payload: { of: 'hour' },
  everyMs: 3_600_000,
  zone: 'UTC',
};
const nightly: ScheduleSpec = {
  name: 'nightly',
  kind: 'cfdi.report',
  payload: {},
  cron: '5 3 * * *',
  zone: 'America/Mexico_City',
  description: 'Respalda cada noche a las 3:05.',
};

let shop: Shop;
beforeAll(async () => {
  shop = await Shop.open([report]);
});
afterEach(async () => {
  await shop.sql('DELETE FROM agents.schedule');
  await shop.empty();
});
afterAll(() => shop.close());

const declare = (...schedules: ScheduleSpec[]) => shop.declare([report], schedules);
const fire = () => fireDueSlots(shop.db, 'cfdi');
const slotsOf = (fired: readonly FiredSlot[]) => fired.map(({ slot }) => slot.toISOString());
const nextOf = async (name: string) => {
  const [row] = await shop.sql<{ next_run_at: Date | null }>(
    'SELECT next_run_at FROM agents.schedules WHERE name = $1',
    [name],
  );
  return row!.next_run_at;
};

/** Sets the house's clock to this moment; from there it goes on. */
async function at(time: string): Promise<void> {
  const [row] = await shop.sql<{ away: string }>('SELECT ($1::timestamptz - clock_timestamp())::text AS away', [time]);
  await shop.moveClock(row!.away);
  await shop.sql('UPDATE agents.clock_mark SET mark = agents.now()');
}

async function runAts(): Promise<number[]> {
  const rows = await shop.sql<{ seconds: number }>(
    `SELECT round(date_part('epoch', run_at - agents.now()))::int AS seconds FROM agents.job ORDER BY run_at`,
  );
  return rows.map(({ seconds }) => seconds);
}

describe('a slot', () => {
  it('fires once when its time comes, with its job in the same transaction, and tells the job which slot it is', async () => {
    await at('2026-11-21T09:59:50Z');
    await declare(hourly);
    expect((await fire()).fired).toEqual([]); // a new schedule starts with its next slot
    expect(await nextOf('hourly')).toEqual(new Date('2026-11-21T10:00:00Z'));
    await at('2026-11-21T10:00:01Z');
    const { fired } = await fire();
    expect(fired).toMatchObject([{ schedule: 'hourly', kind: 'cfdi.report', slot: new Date('2026-11-21T10:00:00Z') }]);
    expect((await fire()).fired).toEqual([]);
    const job = await shop.claimOne(await shop.worker(), report);
    expect(job).toMatchObject({ id: fired[0]!.job, payload: { of: 'hour' }, slot: new Date('2026-11-21T10:00:00Z') });
  });

  it('runs once over many replicas that look at the same moment', async () => {
    await at('2026-11-21T09:59:50Z');
    await declare(hourly, { ...hourly, name: 'hourly too' });
    await fire();
    for (const hour of ['10', '11', '12']) {
      await at(`2026-11-21T${hour}:00:01Z`);
      const looks = await Promise.all(Array.from({ length: 8 }, fire));
      expect(looks.flatMap(({ fired }) => fired)).toHaveLength(2);
      await shop.sql('UPDATE agents.job SET dispatch = 1'); // they were started
    }
    const slots = await shop.sql('SELECT schedule, slot, job FROM agents.schedule_slots');
    expect(slots).toHaveLength(6);
    expect(new Set(slots.map(({ job }) => job)).size).toBe(6);
  });

  it('never runs twice, also after the clock was put back', async () => {
    await at('2026-11-21T09:59:50Z');
    await declare(hourly);
    await fire();
    await at('2026-11-21T10:00:01Z');
    expect((await fire()).fired).toHaveLength(1);
    await at('2026-11-21T09:30:00Z');
    expect((await fire()).fired).toEqual([]);
    expect(await nextOf('hourly')).toEqual(new Date('2026-11-21T10:00:00Z')); // computed anew by the right clock
    await at('2026-11-21T10:00:02Z');
    expect((await fire()).fired).toEqual([]);
    await at('2026-11-21T11:00:02Z');
    expect(slotsOf((await fire()).fired)).toEqual(['2026-11-21T11:00:00.000Z']);
  });

  it('comes again soon after a clock that was a year ahead was put right', async () => {
    await at('2027-11-21T09:30:00Z');
    await declare(hourly);
    await fire();
    await at('2026-11-21T09:30:00Z');
    await fire();
    expect(await nextOf('hourly')).toEqual(new Date('2026-11-21T10:00:00Z'));
  });

  it('does not fire while the clock is wrong or the agent is paused, and is not lost', async () => {
    await at('2026-11-21T09:59:50Z');
    await declare(hourly);
    await fire();
    await at('2026-11-21T10:00:01Z');
    await shop.sql(`UPDATE agents.clock_mark SET mark = agents.now() + interval '3 min'`);
    expect((await fire()).fired).toEqual([]);
    await shop.sql('UPDATE agents.clock_mark SET mark = agents.now()');
    await shop.ledger.pause('cfdi');
    expect((await fire()).fired).toEqual([]);
    await shop.ledger.resume('cfdi');
    expect((await fire()).fired).toHaveLength(1);
  });

  it('is computed from the slot before, in the zone of the business', async () => {
    await at('2026-11-21T08:00:00Z');
    await declare(nightly);
    await fire();
    expect(await nextOf('nightly')).toEqual(new Date('2026-11-21T09:05:00Z'));
    await at('2026-11-21T09:05:30Z');
    expect((await fire()).fired).toHaveLength(1);
    expect(await nextOf('nightly')).toEqual(new Date('2026-11-22T09:05:00Z'));
  });

  it('that waits to start stands for the next one as well: schedules do not pile up behind a closed gate', async () => {
    await at('2026-11-21T09:59:50Z');
    await declare(hourly);
    await fire();
    await at('2026-11-21T10:00:01Z');
    const [first] = (await fire()).fired;
    await at('2026-11-21T11:00:01Z');
    const [second] = (await fire()).fired;
    expect(second!.job).toBe(first!.job);
    expect(await shop.sql('SELECT id FROM agents.job')).toHaveLength(1);
    await shop.claimOne(await shop.worker(), report);
    await at('2026-11-21T12:00:01Z');
    expect((await fire()).fired[0]!.job).not.toBe(first!.job);
  });
});

describe('slots that were missed while the house was off', () => {
  async function offFrom9To14(spec: Partial<ScheduleSpec>) {
    await at('2026-11-21T08:59:50Z');
    await declare({ ...hourly, ...spec });
    await fire();
    await at('2026-11-21T14:10:00Z');
    const { fired, missed } = await fire();
    return { slots: slotsOf(fired).map((slot) => slot.slice(11, 13)), missed: missed[0]?.slots ?? 0 };
  }

  it('end in one run by default, and the others are counted', async () => {
    expect(await offFrom9To14({})).toEqual({ slots: ['14'], missed: 5 });
    const [row] = await shop.sql('SELECT missed FROM agents.schedules');
    expect(row).toEqual({ missed: '5' });
  });

  it('end in all of them, up to the number asked for, oldest first and each with a job of its own', async () => {
    expect(await offFrom9To14({ catchUp: { all: 3 } })).toEqual({ slots: ['12', '13', '14'], missed: 3 });
    expect(await shop.sql('SELECT id FROM agents.job')).toHaveLength(3);
  });

  it('end in none where they are to be skipped', async () => {
    expect(await offFrom9To14({ catchUp: 'skip' })).toEqual({ slots: [], missed: 6 });
    expect(await nextOf('hourly')).toEqual(new Date('2026-11-21T15:00:00Z'));
  });

  it('are given up when they are later than the schedule allows', async () => {
    expect(await offFrom9To14({ maxLateMs: 300_000 })).toEqual({ slots: [], missed: 6 });
    expect(await offFrom9To14({ catchUp: { all: 9 }, maxLateMs: 90 * 60_000 })).toEqual({
      slots: ['13', '14'],
      missed: 4,
    });
  });

  it('keep a distance over the whole house, so that power-on does not start everything at once', async () => {
    await at('2026-11-21T08:59:50Z');
    await declare({ ...hourly, name: 'a' }, { ...hourly, name: 'b', spacingMs: 60_000 }, { ...hourly, name: 'c' });
    await fire();
    await at('2026-11-21T14:10:00Z');
    await fire();
    expect(await runAts()).toEqual([0, 60, 90].map((seconds) => expect.closeTo(seconds, -1)));
  });

  it('of a day that was switched off at night run after the next start', async () => {
    await at('2026-11-20T23:00:00Z');
    await declare(nightly);
    await fire();
    await at('2026-11-21T15:00:00Z'); // 09:00 in the shop, the 03:05 was missed
    expect(slotsOf((await fire()).fired)).toEqual(['2026-11-21T09:05:00.000Z']);
  });
});

describe('around a change of the local time', () => {
  const tijuana = (cron: string): ScheduleSpec => ({ ...nightly, cron, zone: 'America/Tijuana', description: '' });

  it('a skipped local hour fires once, right after the gap', async () => {
    await at('2026-03-08T09:00:00Z'); // 01:00; 02:00 becomes 03:00 at 10:00Z
    await declare(tijuana('30 2 * * *'));
    await fire();
    await at('2026-03-08T10:00:01Z');
    expect(slotsOf((await fire()).fired)).toEqual(['2026-03-08T10:00:00.000Z']);
    expect(await nextOf('nightly')).toEqual(new Date('2026-03-09T09:30:00Z'));
  });

  it('a repeated local hour fires once', async () => {
    await at('2026-11-01T08:00:00Z'); // 01:00 PDT; 02:00 becomes 01:00 at 09:00Z
    await declare(tijuana('30 1 * * *'));
    await fire();
    await at('2026-11-01T08:30:01Z');
    expect((await fire()).fired).toHaveLength(1);
    await at('2026-11-01T09:30:01Z');
    expect((await fire()).fired).toEqual([]);
    expect(await nextOf('nightly')).toEqual(new Date('2026-11-02T09:30:00Z'));
  });
});

describe('a person', () => {
  it('pauses a schedule; what passes meanwhile is not caught up, and it goes on with the next slot', async () => {
    await at('2026-11-21T09:59:50Z');
    await declare(hourly);
    await fire();
    expect(await pauseSchedule(shop.db, 'hourly')).toBe('paused');
    await at('2026-11-21T12:30:00Z');
    expect((await fire()).fired).toEqual([]);
    expect(await resumeSchedule(shop.db, 'hourly')).toBe('resumed');
    expect((await fire()).fired).toEqual([]);
    await at('2026-11-21T13:00:01Z');
    expect(slotsOf((await fire()).fired)).toEqual(['2026-11-21T13:00:00.000Z']);
    expect([await pauseSchedule(shop.db, 'none'), await resumeSchedule(shop.db, 'none')]).toEqual([
      'unknown',
      'unknown',
    ]);
  });

  it('who resumed it while the clock was ahead waits for no time that is to come', async () => {
    await at('2026-11-24T09:30:00Z');
    await declare(hourly);
    await fire();
    await pauseSchedule(shop.db, 'hourly');
    await resumeSchedule(shop.db, 'hourly');
    await at('2026-11-21T09:30:00Z');
    await fire();
    expect(await nextOf('hourly')).toEqual(new Date('2026-11-21T10:00:00Z'));
    await shop.sql('SELECT agents.pull_in(NULL)'); // as the next heartbeat does
    await at('2026-11-21T10:00:01Z');
    expect(slotsOf((await fire()).fired)).toEqual(['2026-11-21T10:00:00.000Z']);
  });

  it('runs a schedule now, beside its slots, also while it is paused', async () => {
    await at('2026-11-21T09:30:00Z');
    await declare(hourly);
    await fire();
    await pauseSchedule(shop.db, 'hourly');
    const [first, second] = [await runSchedule(shop.db, 'hourly'), await runSchedule(shop.db, 'hourly')];
    expect(first).not.toBe(second);
    expect(await shop.row(first!)).toMatchObject({ state: 'pending', payload: {} });
    expect(await nextOf('hourly')).toEqual(new Date('2026-11-21T10:00:00Z'));
    expect(await runSchedule(shop.db, 'none')).toBeNull();
  });

  it('reads of each schedule what it does, when it ran, how that ended and when it runs next', async () => {
    await at('2026-11-21T09:00:00Z');
    await declare(nightly);
    await fire();
    await at('2026-11-21T09:05:01Z');
    await fire();
    const worker = await shop.worker();
    await shop.ledger.bury(worker, await shop.claimOne(worker, report), { code: 'backup.disk-full' });
    const [row] = await shop.sql('SELECT * FROM agents.schedules');
    expect(row).toMatchObject({
      description: 'Respalda cada noche a las 3:05.',
      rule: '5 3 * * *',
      zone: 'America/Mexico_City',
      paused: false,
      last_state: 'dead',
      last_slot: new Date('2026-11-21T09:05:00Z'),
      next_run_at: new Date('2026-11-22T09:05:00Z'),
    });
  });

  it('remembers when a schedule last went well, though a later run has failed', async () => {
    const successes = () => shop.db.query({ text: 'SELECT name, agent, finished_at FROM agents.schedule_successes' });
    await at('2026-11-21T09:00:00Z');
    await declare(hourly);
    await fire();
    expect(await successes()).toEqual([{ name: 'hourly', agent: 'cfdi', finished_at: null }]);
    await at('2026-11-21T10:00:01Z');
    await fire();
    const worker = await shop.worker();
    await shop.ledger.finish(worker, await shop.claimOne(worker, report));
    const went = await successes();
    expect(went).toEqual([{ name: 'hourly', agent: 'cfdi', finished_at: expect.any(Date) }]);
    await at('2026-11-21T11:00:01Z');
    await fire();
    await shop.ledger.bury(worker, await shop.claimOne(worker, report), { code: 'backup.disk-full' });
    expect(await successes()).toEqual(went);
  });
});

describe('a declared schedule', () => {
  it('keeps its next slot when it is declared again, and gets a new one when its rule changes', async () => {
    await at('2026-11-21T09:30:00Z');
    await declare(hourly);
    await fire();
    await at('2026-11-21T10:30:00Z');
    await declare({ ...hourly, payload: { of: 'another hour' } }); // the 10:00 slot is due and stays so
    expect(slotsOf((await fire()).fired)).toEqual(['2026-11-21T10:00:00.000Z']);
    await declare({ ...hourly, everyMs: 900_000 });
    expect((await fire()).fired).toEqual([]);
    expect(await nextOf('hourly')).toEqual(new Date('2026-11-21T10:45:00Z'));
  });

  it('that went and comes back still is paused and knows its past, but fires nothing of the time between', async () => {
    await at('2026-11-21T09:30:00Z');
    await declare(hourly, { ...hourly, name: 'other' });
    await fire();
    await at('2026-11-21T10:00:01Z');
    await fire();
    await pauseSchedule(shop.db, 'other');
    await declare();
    expect(await shop.sql('SELECT name FROM agents.schedules')).toEqual([]);
    expect(await runSchedule(shop.db, 'hourly')).toBeNull();
    await at('2026-11-21T12:30:00Z');
    expect(await fire()).toEqual({ fired: [], missed: [], failed: [] });
    await declare(hourly, { ...hourly, name: 'other' });
    expect((await fire()).fired).toEqual([]);
    const last_slot = new Date('2026-11-21T10:00:00Z');
    expect(await shop.sql('SELECT name, paused, last_slot FROM agents.schedules ORDER BY name')).toEqual([
      { name: 'hourly', paused: false, last_slot },
      { name: 'other', paused: true, last_slot },
    ]);
    await at('2026-11-21T13:00:01Z');
    expect((await fire()).fired).toMatchObject([{ schedule: 'hourly', slot: new Date('2026-11-21T13:00:00Z') }]);
  });

  it('that cannot be fired stops no other, and is told', async () => {
    await at('2026-11-21T09:59:50Z');
    await declare({ ...hourly, name: 'broken' }, hourly);
    await fire();
    await shop.sql(`UPDATE agents.schedule SET payload = to_jsonb(repeat('x', 262145)) WHERE name = 'broken'`);
    await at('2026-11-21T10:00:01Z');
    const { fired, failed } = await fire();
    expect(fired).toMatchObject([{ schedule: 'hourly' }]);
    expect(failed).toMatchObject([{ schedule: 'broken', error: { code: 'agents.payload-too-large' } }]);
    await shop.sql(`UPDATE agents.schedule SET payload = '{}' WHERE name = 'broken'`);
    expect((await fire()).fired).toMatchObject([{ schedule: 'broken' }]); // it stayed due
  });

  it('is refused when its payload is larger than a job may carry', async () => {
    await expect(declare({ ...hourly, payload: 'x'.repeat(262_143) })).rejects.toThrow(
      'The payload of the schedule hourly is over 262144 bytes.',
    );
    await declare({ ...hourly, payload: 'x'.repeat(262_142) });
  });

  it('is refused with a sentence when its rule, its zone or its kind is wrong', async () => {
    await expect(declare({ ...nightly, cron: 'nightly' })).rejects.toThrow(/The schedule nightly cannot be kept/);
    await expect(declare({ ...nightly, zone: 'America/Atlantis' })).rejects.toThrow(
      /The schedule nightly cannot be kept/,
    );
    await expect(declare({ ...hourly, everyMs: 10 })).rejects.toThrow(/least is 1s/);
    await expect(declare({ ...hourly, kind: 'sync.audit' })).rejects.toThrow(
      /names the kind sync.audit, which the agent cfdi does not have/,
    );
  });
});
