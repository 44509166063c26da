import type { ClientBase, Pool } from 'pg';
import { PgBoss } from 'pg-boss';
import { handler, touching } from '../effect.ts';
import type { System } from './system.ts';

const QUEUE = 'touch';
const BULK = 5000;

interface Payload {
  id: number;
}

interface Tuning {
  readonly name: string;
  readonly configuration: string;
  readonly schema: string;
  readonly listen: boolean;
  readonly work: { batchSize?: number; burstWhenBatchFull?: boolean };
}

/** As it comes: one job a fetch, a fetch every two seconds. */
export const pgBossDefault = (): System =>
  pgBoss({
    name: 'pg-boss',
    configuration: 'defaults: batchSize 1, polling every 2 s',
    schema: 'pgboss_default',
    listen: false,
    work: {},
  });

/** Notify, batch and burst, as its documentation says for throughput and latency. */
export const pgBossTuned = (): System =>
  pgBoss({
    name: 'pg-boss tuned',
    configuration: 'queue notify, useListenNotify, batchSize 500, burstWhenBatchFull',
    schema: 'pgboss_tuned',
    listen: true,
    work: { batchSize: 500, burstWhenBatchFull: true },
  });

function pgBoss(tuning: Tuning): System {
  const open = async (databaseUrl: string): Promise<PgBoss> => {
    const boss = new PgBoss({ connectionString: databaseUrl, schema: tuning.schema, useListenNotify: tuning.listen });
    boss.on('error', (error: Error) => process.stderr.write(`pg-boss: ${error.message}\n`));
    await boss.start();
    return boss;
  };
  return {
    name: tuning.name,
    configuration: tuning.configuration,
    prepare: async ({ databaseUrl }) => {
      const boss = await open(databaseUrl);
      await boss.createQueue(QUEUE, { notify: tuning.listen });
      await boss.stop();
    },
    fill: async ({ databaseUrl }, admin: Pool, from, to) => {
      const boss = await open(databaseUrl);
      for (let first = from; first <= to; first += BULK) {
        const jobs = Array.from({ length: Math.min(BULK, to - first + 1) }, (_, index) => ({
          data: { id: first + index },
        }));
        await boss.insert(QUEUE, jobs);
      }
      await boss.stop();
      await admin.query('VACUUM ANALYZE');
    },
    empty: async ({ databaseUrl }) => {
      const boss = await open(databaseUrl);
      await boss.deleteAllJobs(QUEUE);
      await boss.stop();
    },
    left: async (_services, admin: Pool) => {
      const { rows } = await admin.query<{ left: string }>(
        `SELECT count(*) AS left FROM ${tuning.schema}.job WHERE name = $1 AND state IN ('created', 'retry', 'active')`,
        [QUEUE],
      );
      return Number(rows[0]?.left);
    },
    produce: async ({ databaseUrl }) => {
      const boss = new PgBoss({
        connectionString: databaseUrl,
        schema: tuning.schema,
        supervise: false,
        schedule: false,
        useListenNotify: false,
      });
      await boss.start();
      return {
        enqueue: async (connection, id) => {
          await boss.send(QUEUE, { id }, { db: joined(connection) });
        },
        close: () => boss.stop(),
      };
    },
    consume: async ({ databaseUrl }, heard) => {
      const { touch, close } = touching(databaseUrl);
      const handle = handler(touch, heard);
      const boss = await open(databaseUrl);
      await boss.work<Payload>(QUEUE, tuning.work, async (jobs) => {
        await Promise.all(jobs.map((job) => handle(job.data.id)));
      });
      return {
        stop: async () => {
          await boss.stop({ graceful: false });
          await close();
        },
      };
    },
  };
}

/** Lets pg-boss write on the connection whose transaction is open. */
function joined(connection: ClientBase): {
  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
} {
  return { executeSql: (text, values) => connection.query(text, values) };
}
