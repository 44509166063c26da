// An agent of the benchmark's own, started as every agent is: it sends each job to the outside, once.
import { defineAgent, Later, runAgent, type Handler, type Job } from '@nexora/agent';
import { leftNothing } from '@nexora/connectivity';
import { defineSettings } from '@nexora/runtime';
import { laterKinds } from './later.kinds.ts';

type Laters = (typeof laterKinds)[keyof typeof laterKinds];

const [, , url = '', concurrency = ''] = process.argv;

class SendHandler implements Handler<Laters> {
  readonly handle = async (job: Job<Laters>): Promise<null> => {
    // What an earlier try came to need not be asked: the outside knows the key, and answers what it answered then.
    if (job.openIntent === null) await job.intend({ text: 'SELECT 1', values: [] });
    try {
      await send(job);
    } catch (error) {
      if (leftNothing(error)) throw new Later('internet', 'offline', new URL(url).host);
      throw error;
    }
    return null;
  };
}

async function send(job: Job<Laters>): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'idempotency-key': job.id, 'content-type': 'application/json' },
    body: JSON.stringify({ kind: job.kind, id: job.payload.id }),
    signal: job.signal,
  });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`the outside answered ${answer.status}`);
}

const retry = { first: '1s', factor: 2, ceiling: '1m', attempts: 'unlimited' } as const;
const declared = { use: SendHandler, retry, concurrency: Number(concurrency), timeout: '1m' } as const;

await runAgent(
  defineAgent({
    name: 'later',
    settings: defineSettings({}),
    kinds: laterKinds,
    handlers: { notify: declared, copy: declared },
  }),
);
