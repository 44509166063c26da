import { setTimeout as sleep } from 'node:timers/promises';
import { defineAgent, runAgent, type Handler, type Job } from '@nexora/agent';
import { freePort } from '@nexora/embedded';
import { defineSettings } from '@nexora/runtime';
import { TOUCH } from '../effect.ts';
import { touch } from './nexora.kind.ts';
import type { Done, Services, Started } from './system.ts';

const kinds = { touch };

let heard: { started: Started; done: Done } | undefined;

/** The same UPDATE as everybody's, committed together with `done` in one statement. */
class TouchHandler implements Handler<typeof touch> {
  readonly handle = async (job: Job<typeof touch>): Promise<Record<string, never>> => {
    heard?.started(job.payload.id);
    const result = await job.finish({ text: TOUCH, values: [job.payload.id] }, {});
    heard?.done();
    return result;
  };
}

const benchAgent = defineAgent({
  name: 'bench',
  settings: defineSettings({}),
  kinds,
  handlers: { touch: { use: TouchHandler, concurrency: 100, timeout: '30s' } },
});

/** Starts the agent in this process and resolves once it takes work. */
export async function startConsumer(
  services: Services,
  listener: { started: Started; done: Done },
): Promise<{ stop(): Promise<never> }> {
  heard = listener;
  await startAgent(services);
  return { stop: endOfProcess };
}

async function startAgent({ databaseUrl, redisUrl }: Services): Promise<void> {
  const port = await freePort();
  Object.assign(process.env, {
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    INSTANCE_NAME: 'bench',
    INTERNAL_PORT: String(port),
  });
  void runAgent(benchAgent);
  while (!(await isReady(port))) await sleep(20);
}

async function isReady(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`);
    await answer.arrayBuffer();
    return answer.ok;
  } catch (error) {
    if (error instanceof TypeError) return false; // refused: not listening yet
    throw error;
  }
}

/** The agent ends its own process, in order, when it is told to. */
function endOfProcess(): Promise<never> {
  process.kill(process.pid, 'SIGTERM');
  return new Promise(() => undefined);
}
