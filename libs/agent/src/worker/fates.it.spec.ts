import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { defineKind } from '@nexora/contracts';
import { until } from '@nexora/testing';
import { InDoubt, Later, Permanent } from '../fates.ts';
import { sampleKind, Workshop, type Note } from './workshop.conformance.ts';

const work = sampleKind('work', { delivery: 'at-least-once' });

let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
  await shop.declare([work]);
});
afterEach(() => shop.end());

describe('a job', () => {
  it('that its handler returns from is done and keeps the result', async () => {
    const id = await shop.enqueue(work, { n: 20 });
    await shop.work([{ kind: work, handle: async ({ payload }) => ({ doubled: Number(payload['n']) * 2 }) }]);
    await shop.becomes(id, 'done');
    expect(await shop.row(id)).toMatchObject({ result: { doubled: 40 }, attempts: 1, last_error: null });
    expect(shop.told('done')).toMatchObject([{ job: id, kind: 'sample.work', attempt: 1 }]);
  });

  it('that throws Permanent is dead at once, with code and findings', async () => {
    const id = await shop.enqueue(work);
    const findings = [{ field: 'receptor.rfc', message: 'unknown' }];
    await shop.work([{ kind: work, handle: () => Promise.reject(new Permanent('cfdi.invalid', findings)) }]);
    await shop.becomes(id, 'dead');
    expect(await shop.row(id)).toMatchObject({ attempts: 1, last_error: { code: 'cfdi.invalid', findings } });
  });

  it('that throws Later comes back at its time and burns no attempt', async () => {
    const id = await shop.enqueue(work);
    const seen: number[] = [];
    await shop.work([
      {
        kind: work,
        handle: async ({ attempts }) => {
          seen.push(attempts);
          if (seen.length < 3) throw new Later('50ms', 'issuer paused');
          return {};
        },
      },
    ]);
    await shop.becomes(id, 'done');
    expect(seen).toEqual([0, 0, 0]);
    expect(await shop.row(id)).toMatchObject({ attempts: 1 });
    expect(shop.told('snoozed')).toMatchObject([{ reason: 'issuer paused' }, { reason: 'issuer paused' }]);
  });

  it('that throws InDoubt stays visible in doubt and is not tried again by itself', async () => {
    const id = await shop.enqueue(work);
    let runs = 0;
    await shop.work([
      {
        kind: work,
        handle: async () => {
          runs++;
          throw new InDoubt('cfdi.unknown-outcome', 'the PAC cut the line');
        },
      },
    ]);
    await shop.becomes(id, 'in_doubt');
    expect(await shop.row(id)).toMatchObject({
      last_error: { code: 'cfdi.unknown-outcome', detail: 'the PAC cut the line' },
    });
    expect(runs).toBe(1);
  });

  it('that throws anything else is tried again by its policy, and dead when the attempts are used up', async () => {
    const id = await shop.enqueue(work);
    const attempts: number[] = [];
    await shop.work([
      {
        kind: work,
        retry: { firstMs: 20, factor: 2, ceilingMs: 100, jitter: 0, attempts: 3 },
        handle: async (job) => {
          attempts.push(job.attempts);
          throw new Error('the printer is on fire; call gerente@tienda.mx');
        },
      },
    ]);
    await shop.becomes(id, 'dead');
    expect(attempts).toEqual([0, 1, 2]);
    const { last_error: error } = await shop.row(id);
    expect(error).toMatchObject({ code: 'agents.failed', exhausted: true });
    expect(JSON.stringify(error)).toContain('printer');
    expect(JSON.stringify(error)).not.toContain('gerente@tienda.mx');
    expect(shop.told('retried').map(({ delay_ms: delay }) => delay)).toEqual([20, 40]);
  });

  it('whose payload does not fit its kind is dead, naming the field, and no handler sees it', async () => {
    const strict = defineKind({ name: 'sample.strict', payload: z.object({ rfc: z.string() }), result: z.object({}) });
    await shop.declare([work, strict]);
    const [row] = await shop.database.query<{ id: string }>({
      text: `SELECT agents.enqueue('sample.strict', '{"rfc": 7}') AS id`,
    });
    let called = false;
    await shop.work([{ kind: strict as never, handle: async () => (called = true) }]);
    await shop.becomes(row?.id ?? '', 'dead');
    const { last_error: error } = await shop.row(row?.id ?? '');
    expect(error).toMatchObject({ code: 'agents.payload-invalid', detail: 'rfc: debe ser texto' });
    expect(called).toBe(false);
  });

  it('whose result does not fit its kind is dead, and its effect is undone', async () => {
    const counting = defineKind({
      name: 'sample.counting',
      payload: z.object({}),
      result: z.object({ n: z.number() }),
    });
    await shop.declare([work, counting]);
    await shop.database.query({ text: 'CREATE TABLE effect (job uuid)' });
    const [row] = await shop.database.query<{ id: string }>({
      text: `SELECT agents.enqueue('sample.counting', '{}') AS id`,
    });
    const id = row?.id ?? '';
    await shop.work([
      {
        kind: counting as never,
        handle: (job) =>
          job.finish(async (tx) => {
            await tx.query({ text: 'INSERT INTO effect VALUES ($1)', values: [job.id] });
            return { n: 'many' };
          }),
      },
    ]);
    await shop.becomes(id, 'dead');
    expect(await shop.row(id)).toMatchObject({ last_error: { code: 'agents.result-invalid' } });
    expect(await shop.database.query({ text: 'SELECT * FROM effect' })).toEqual([]);
  });

  it('whose result cannot be stored dies alone among jobs that end in the same moment', async () => {
    await shop.enqueueMany(work, 30);
    await shop.work([
      {
        kind: work,
        concurrency: 30,
        retry: { firstMs: 1, factor: 1, ceilingMs: 1, jitter: 0, attempts: 2 },
        handle: async ({ payload }): Promise<Note> => (payload['n'] === 7 ? { text: '\u0000' } : {}),
      },
    ]);
    await until(async () => (await shop.count(`state = 'dead'`)) === 1, { what: 'the bad one to die' });
    await until(async () => (await shop.count(`state = 'done'`)) === 29, { what: 'the others to be done' });
  });
});

describe('a time limit', () => {
  it('ends a run that never returns: the attempt counts, the slot is free, and the late result is refused', async () => {
    const stuck = await shop.enqueue(work, { stuck: true });
    let release: () => void = () => undefined;
    let aborted: unknown;
    await shop.work([
      {
        kind: work,
        timeoutMs: 200,
        handle: async (job) => {
          if (job.attempts > 0 || job.payload['stuck'] !== true) return { run: 'second' };
          job.signal.addEventListener('abort', () => {
            aborted = job.signal.reason;
          });
          await new Promise<void>((resolve) => (release = resolve));
          return job.finish(async () => ({ run: 'first' }));
        },
      },
    ]);
    await until(() => shop.told('timed-out').length === 1, { what: 'the time limit' });
    const next = await shop.enqueue(work);
    await shop.becomes(next, 'done');
    await shop.becomes(stuck, 'done');
    release();
    expect(aborted).toMatchObject({ name: 'AbortError' });
    expect(await shop.row(stuck)).toMatchObject({ result: { run: 'second' }, attempts: 2 });
    const tries = await shop.database.query({
      text: 'SELECT outcome, error FROM agents.attempts WHERE job = $1 ORDER BY number',
      values: [stuck],
    });
    expect(tries).toMatchObject([{ outcome: 'retry', error: { code: 'agents.timeout' } }, { outcome: 'done' }]);
  });
});

describe('what a handler writes', () => {
  beforeEach(() => shop.database.query({ text: 'CREATE TABLE effect (job uuid PRIMARY KEY, note text)' }));
  const insert = 'INSERT INTO effect VALUES ($1, $2)';
  const effects = () => shop.database.query<{ note: string }>({ text: 'SELECT note FROM effect ORDER BY note' });

  it('commits together with done, as a transaction and as one statement', async () => {
    const first = await shop.enqueue(work, { way: 'transaction' });
    const second = await shop.enqueue(work, { way: 'statement' });
    await shop.work([
      {
        kind: work,
        handle: (job) => {
          const values = [job.id, String(job.payload['way'])];
          return job.payload['way'] === 'statement'
            ? job.finish({ text: insert, values }, { by: 'statement' })
            : job.finish((tx) => tx.query({ text: insert, values }).then(() => ({ by: 'transaction' })));
        },
      },
    ]);
    await shop.becomes(first, 'done');
    await shop.becomes(second, 'done');
    expect(await effects()).toEqual([{ note: 'statement' }, { note: 'transaction' }]);
    expect(await shop.row(first)).toMatchObject({ result: { by: 'transaction' } });
    expect(await shop.row(second)).toMatchObject({ result: { by: 'statement' } });
  });

  it('is undone when it fails, and the job is tried again', async () => {
    const id = await shop.enqueue(work);
    await shop.work([
      {
        kind: work,
        handle: (job) =>
          job.finish(async (tx) => {
            await tx.query({ text: insert, values: [job.id, `attempt ${job.attempts}`] });
            if (job.attempts === 0) throw new Error('not yet');
            return {};
          }),
      },
    ]);
    await shop.becomes(id, 'done');
    expect(await effects()).toEqual([{ note: 'attempt 1' }]);
  });

  it('stays although the handler throws afterwards: what is done is done', async () => {
    const id = await shop.enqueue(work);
    await shop.work([
      {
        kind: work,
        handle: async (job) => {
          await job.finish({ text: insert, values: [job.id, 'once'] }, {});
          throw new Error('too late');
        },
      },
    ]);
    await shop.becomes(id, 'done');
    await until(() => shop.told('threw-after-finish').length === 1, { what: 'the event' });
    expect(await effects()).toEqual([{ note: 'once' }]);
  });

  it('as statements of many jobs in the same moment fails for one of them alone', async () => {
    await shop.enqueueMany(work, 40);
    await shop.database.query({ text: `ALTER TABLE effect ADD CHECK (note <> '13')` });
    await shop.work([
      {
        kind: work,
        concurrency: 40,
        retry: { firstMs: 1, factor: 1, ceilingMs: 1, jitter: 0, attempts: 1 },
        handle: (job) => job.finish({ text: insert, values: [job.id, String(job.payload['n'])] }, {}),
      },
    ]);
    await until(async () => (await shop.count(`state = 'dead'`)) === 1, { what: 'the bad one to die' });
    await until(async () => (await shop.count(`state = 'done'`)) === 39, { what: 'the others to be done' });
    expect(await effects()).toHaveLength(39);
  });
});

describe('an intent', () => {
  it('is committed before the outside is called, and told to the next run until it is settled', async () => {
    const id = await shop.enqueue(work);
    const seen: unknown[] = [];
    await shop.database.query({ text: 'CREATE TABLE step (note text)' });
    const note = (tx: { query: (s: { text: string; values: string[] }) => Promise<unknown> }, text: string) =>
      tx.query({ text: 'INSERT INTO step VALUES ($1)', values: [text] });
    await shop.work([
      {
        kind: work,
        handle: async (job) => {
          seen.push(job.openIntent?.key ?? null);
          if (job.attempts === 0) {
            await job.intend((tx) => note(tx, 'asked'), { key: 'k-1', requestHash: 'h' });
            seen.push(job.openIntent?.requestHash);
            throw new Error('the line was cut');
          }
          await job.settle((tx) => note(tx, 'was not there'));
          seen.push(job.openIntent);
          return {};
        },
      },
    ]);
    await shop.becomes(id, 'done');
    expect(seen).toEqual([null, 'h', 'k-1', null]);
    const steps = await shop.database.query({ text: 'SELECT note FROM step' });
    expect(steps).toEqual([{ note: 'asked' }, { note: 'was not there' }]);
  });
});

describe('an intent with a statement', () => {
  it('commits both in one round trip and hands its rows to the handler', async () => {
    await shop.database.query({ text: 'CREATE TABLE step (note text)' });
    const write = `CREATE FUNCTION step(what text) RETURNS bigint LANGUAGE sql AS
                   $$ INSERT INTO step VALUES (what); SELECT count(*) FROM step $$`;
    await shop.database.query({ text: write });
    const seen: unknown[] = [];
    const id = await shop.enqueue(work);
    await shop.work([
      {
        kind: work,
        handle: async (job) => {
          seen.push(await job.intend({ text: 'SELECT step($1)::int AS n', values: ['asked'] }, { requestHash: 'h' }));
          seen.push(job.openIntent);
          return {};
        },
      },
    ]);
    await shop.becomes(id, 'done');
    expect(seen).toEqual([[{ n: 1 }], expect.objectContaining({ key: id, requestHash: 'h' })]);
  });
});

describe('what a handler tells of its job', () => {
  it('is written: at most two progresses a second, every line in order', async () => {
    const id = await shop.enqueue(work);
    let release: () => void = () => undefined;
    await shop.work([
      {
        kind: work,
        handle: async (job) => {
          for (let i = 0; i <= 50; i++) job.progress(i / 100, `step ${i}`);
          for (let i = 0; i < 5; i++) job.log(`line ${i}`, { i, mail: 'gerente@tienda.mx' });
          await new Promise<void>((resolve) => (release = resolve));
          return {};
        },
      },
    ]);
    await until(async () => (await shop.row(id))['progress_phrase'] === 'step 50', { what: 'the last progress' });
    const writes = await shop.database.query<{ n: string }>({
      text: `SELECT n_tup_upd AS n FROM pg_stat_user_tables WHERE relname = 'job'`,
    });
    expect(Number(writes[0]?.n ?? 0)).toBeLessThan(10);
    release();
    await shop.becomes(id, 'done');
    const lines = await shop.database.query<{ line: string; fields: unknown }>({
      text: 'SELECT line, fields FROM agents.job_logs WHERE job = $1 ORDER BY at, line',
      values: [id],
    });
    expect(lines.map(({ line }) => line)).toEqual(['line 0', 'line 1', 'line 2', 'line 3', 'line 4']);
    expect(JSON.stringify(lines)).not.toContain('tienda.mx');
  });
});
