import { appendFileSync, readFileSync } from 'node:fs';
import { setTimeout as takes } from 'node:timers/promises';
import { Injectable, type BeforeApplicationShutdown, type OnModuleDestroy } from '@nestjs/common';
import { z } from 'zod';
import { defineKind } from '@nexora/contracts';
import { defineSettings, wholeNumber } from '@nexora/runtime';
import { defineAgent, setting } from '../define-agent.ts';
import type { Handler, Job } from '../job.ts';

/** What a job of the sample agent is to do. */
const order = z.object({
  /** Told in the effect. */
  tag: z.string().default(''),
  /** Works for so long before it writes its effect. */
  holdMs: z.number().default(0),
  /** Ends its process instead. */
  dies: z.enum(['SIGKILL', 'exit', 'throws-late']).optional(),
  /** Also an effect outside: a line in this file, which cannot be undone. */
  outside: z.string().optional(),
});

/** Kinds of an agent that exists in tests only. */
const sampleKinds = {
  work: defineKind({ name: 'sample.work', payload: order, result: z.object({ tag: z.string() }) }),
  ordered: defineKind({ name: 'sample.ordered', payload: order, result: z.object({ tag: z.string() }), ordered: true }),
  ticked: defineKind({ name: 'sample.ticked', payload: z.object({}), result: z.object({ slot: z.string() }) }),
};
type SampleKinds = typeof sampleKinds;

/** The effect of every job: one row, in the same transaction as its completion. No key: a doubled effect shows. */
export const EFFECTS = 'CREATE TABLE effect (job uuid, tag text, pid int, dispatch int, at timestamptz DEFAULT now())';

const effectOf = (job: { id: string; dispatch: number }, tag: string) => ({
  text: 'INSERT INTO effect (job, tag, pid, dispatch) VALUES ($1, $2, $3, $4)',
  values: [job.id, tag, process.pid, job.dispatch],
});

/** Something that Nest closes at the end; a job that still runs then must not find it closed. */
@Injectable()
class Tool implements OnModuleDestroy, BeforeApplicationShutdown {
  #closed = false;

  onModuleDestroy() {
    this.#closed = true;
  }
  beforeApplicationShutdown() {
    this.#closed = true;
  }
  use() {
    if (this.#closed) throw new Error('the tool was closed under a running job');
  }
}

@Injectable()
class WorkHandler implements Handler<SampleKinds['work']> {
  constructor(private readonly tool: Tool) {}

  async handle(job: Job<SampleKinds['work']>) {
    const { tag, holdMs, dies, outside } = job.payload;
    await takes(holdMs);
    this.tool.use();
    if (dies !== undefined) await die(dies);
    if (outside !== undefined) await this.#outside(job, outside);
    return job.finish(effectOf(job, tag), { tag });
  }

  /** Asks the outside first when an earlier run may have done it. */
  async #outside(job: Job<SampleKinds['work']>, file: string): Promise<void> {
    if (job.openIntent !== null && readFileSync(file, { encoding: 'utf8', flag: 'a+' }).includes(job.id)) return;
    await job.intend(() => Promise.resolve());
    await takes(20); // a kill lands here sometimes
    appendFileSync(file, `${job.id}\n`);
    await takes(20);
  }
}

class TickedHandler implements Handler<SampleKinds['ticked']> {
  async handle(job: Job<SampleKinds['ticked']>) {
    const slot = job.slot?.toISOString() ?? 'by hand';
    return job.finish(effectOf(job, slot), { slot });
  }
}

/** Ends the process in one of the ways in which handlers do; never resolves. */
function die(way: NonNullable<z.output<typeof order>['dies']>): Promise<never> {
  if (way === 'SIGKILL') process.kill(process.pid, 'SIGKILL');
  if (way === 'exit') process.exit(3);
  setImmediate(() => {
    throw new Error('nobody catches this');
  });
  return new Promise(() => undefined);
}

export const sampleAgent = defineAgent({
  name: 'sample',
  settings: defineSettings({
    SAMPLE_SLOTS: { schema: wholeNumber(1, 100), default: 4, doc: 'Jobs at once.', example: '4' },
    SAMPLE_EVERY_SECONDS: {
      schema: wholeNumber(1, 86_400),
      default: 3_600,
      unit: 'seconds',
      doc: 'Period of its schedule.',
      example: '3600',
    },
  }),
  kinds: sampleKinds,
  handlers: {
    work: {
      use: WorkHandler,
      concurrency: setting('SAMPLE_SLOTS'),
      timeout: '1m',
      retry: { first: '100ms', ceiling: '1s' },
    },
    ordered: { use: WorkHandler, concurrency: setting('SAMPLE_SLOTS'), timeout: '1m' },
    ticked: { use: TickedHandler, timeout: '10s' },
  },
  schedules: [{ name: 'tick', every: setting('SAMPLE_EVERY_SECONDS'), run: 'ticked', payload: {}, missed: { all: 5 } }],
  adapters: [Tool],
});
