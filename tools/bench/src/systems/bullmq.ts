import { Queue, Worker } from 'bullmq';
import { handler, touching } from '../effect.ts';
import type { Services, System } from './system.ts';

const QUEUE = 'touch';
const BULK = 1000;

interface Payload {
  id: number;
}

/**
 * BullMQ alone, without an outbox: a crash between the commit and the add loses the job, a rolled
 * back transaction may leave one. Beside the others it is a reference for speed, not a choice.
 */
export function bullmqUnsafe(): System {
  return {
    name: 'BullMQ without outbox (unsafe)',
    configuration: 'Worker concurrency 100, removeOnComplete, add after the commit',
    prepare: async () => undefined,
    fill: async (services, _admin, from, to) => {
      const queue = open(services);
      for (let first = from; first <= to; first += BULK) {
        const jobs = Array.from({ length: Math.min(BULK, to - first + 1) }, (_, index) => ({
          name: QUEUE,
          data: { id: first + index },
          opts: { removeOnComplete: true, removeOnFail: true },
        }));
        await queue.addBulk(jobs);
      }
      await queue.close();
    },
    empty: async (services) => {
      const queue = open(services);
      await queue.obliterate({ force: true });
      await queue.close();
    },
    left: async (services) => {
      const queue = open(services);
      const counts = await queue.getJobCounts('waiting', 'active', 'delayed', 'prioritized');
      await queue.close();
      return Object.values(counts).reduce((sum, count) => sum + count, 0);
    },
    produce: async (services) => {
      const queue = open(services);
      return {
        enqueue: async () => undefined,
        afterCommit: async (id) => {
          await queue.add(QUEUE, { id }, { removeOnComplete: true, removeOnFail: true });
        },
        close: () => queue.close(),
      };
    },
    consume: async (services, heard) => {
      const { touch, close } = touching(services.databaseUrl);
      const handle = handler(touch, heard);
      const worker = new Worker<Payload>(QUEUE, async (job) => handle(job.data.id), {
        connection: { url: services.redisUrl, maxRetriesPerRequest: null },
        concurrency: 100,
      });
      worker.on('error', (error) => process.stderr.write(`BullMQ: ${error.message}\n`));
      await worker.waitUntilReady();
      return {
        stop: async () => {
          await worker.close(true);
          await close();
        },
      };
    },
  };
}

function open(services: Services): Queue<Payload> {
  const queue = new Queue<Payload>(QUEUE, { connection: { url: services.redisUrl } });
  queue.on('error', (error) => process.stderr.write(`BullMQ: ${error.message}\n`));
  return queue;
}
