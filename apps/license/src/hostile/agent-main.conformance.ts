import type { Provider } from '@nestjs/common';
import { runAgent, type Agent, type Handler, type Job } from '@nexora/agent';
import { defineKind } from '@nexora/contracts';
import { z } from 'zod';
import { BOOT_TIME } from '../adapters.ts';
import { licenseAgent } from '../license.agent.ts';
import { BootFile } from './boot-file.conformance.ts';

// The license agent as it ships, on a machine whose boot time a test moves, with two kinds more: work that needs a
// licence, and whoever tells the owner.

const [bootFile = '', outside = ''] = process.argv.slice(2);

/** What happens outside, where doubles are counted. */
async function happens(kind: string, id: string, signal: AbortSignal): Promise<object> {
  await fetch(`${outside}/effects/${kind}/${id}`, { method: 'POST', signal });
  return {};
}

class SendHandler implements Handler<typeof sending> {
  readonly handle = ({ id, signal }: Job<typeof sending>): Promise<unknown> => happens('sending', id, signal);
}

/** Tells the owner; the job's id goes before, which says in what order it was handed over. */
class NewsHandler implements Handler<typeof news> {
  readonly handle = ({ id, payload, signal }: Job<typeof news>): Promise<unknown> => {
    const { to, days } = payload;
    return happens('news', `${id},${to === undefined ? `expiring:${days ?? ''}` : `mode:${to}`}`, signal);
  };
}

const sending = defineKind({
  name: 'license.sending',
  payload: z.unknown(),
  result: z.unknown(),
  needsLicense: true,
  delivery: 'at-least-once',
});
const news = defineKind({
  name: 'license.news',
  payload: z.object({ to: z.string().optional(), days: z.number().optional() }),
  result: z.unknown(),
  delivery: 'at-least-once',
});

const adapters = (licenseAgent.adapters ?? []).map((one): Provider =>
  'provide' in one && one.provide === BOOT_TIME ? { provide: BOOT_TIME, useValue: new BootFile(bootFile) } : one,
);

const agent: Agent = {
  ...licenseAgent,
  kinds: { ...licenseAgent.kinds, sending, news },
  handlers: {
    ...licenseAgent.handlers,
    sending: { use: SendHandler, timeout: '10s' },
    news: { use: NewsHandler, timeout: '10s' },
  },
  subscriptions: { 'license.mode-changed': 'news', 'license.expiring': 'news' },
  adapters,
};

await runAgent(agent);
