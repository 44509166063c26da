import type { Pool } from 'pg';
import { run, runMigrations, Logger } from 'graphile-worker';
import { handler, touching } from '../effect.ts';
import type { System } from './system.ts';

const TASK = 'touch';
const quiet = new Logger(() => () => undefined);

interface Tuning {
  readonly name: string;
  readonly configuration: string;
  readonly worker: {
    concurrentJobs?: number;
    maxPoolSize?: number;
    localQueue?: { size: number; refetchDelay?: { durationMs: number } };
    completeJobBatchDelay?: number;
    failJobBatchDelay?: number;
  };
}

/** As it comes: one job at a time, completed one by one. */
export const graphileDefault = (): System =>
  graphile({
    name: 'graphile-worker',
    configuration: 'defaults: concurrentJobs 1, no local queue, no batching',
    worker: {},
  });

/** As its page on performance configures it for its own figures. */
export const graphileTuned = (): System =>
  graphile({
    name: 'graphile-worker tuned',
    configuration:
      'concurrentJobs 24, maxPoolSize 25, localQueue {size 500, refetchDelay 10 ms}, completeJobBatchDelay 0, failJobBatchDelay 0',
    worker: {
      concurrentJobs: 24,
      maxPoolSize: 25,
      localQueue: { size: 500, refetchDelay: { durationMs: 10 } },
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
    },
  });

function graphile(tuning: Tuning): System {
  return {
    name: tuning.name,
    configuration: tuning.configuration,
    prepare: async ({ databaseUrl }) => runMigrations({ connectionString: databaseUrl, logger: quiet }),
    fill: async (_services, admin: Pool, from, to) => {
      await admin.query(
        `SELECT count(*) FROM graphile_worker.add_jobs(ARRAY(
           SELECT json_populate_record(null::graphile_worker.job_spec, json_build_object('identifier', $1::text, 'payload', json_build_object('id', id)))
             FROM generate_series($2::bigint, $3::bigint) AS id))`,
        [TASK, from, to],
      );
      await admin.query('VACUUM ANALYZE graphile_worker._private_jobs');
    },
    empty: async (_services, admin: Pool) => {
      await admin.query('TRUNCATE graphile_worker._private_jobs');
    },
    left: async (_services, admin: Pool) => {
      const { rows } = await admin.query<{ left: string }>(
        'SELECT count(*) AS left FROM graphile_worker._private_jobs',
      );
      return Number(rows[0]?.left);
    },
    produce: async () => ({
      enqueue: async (connection, id) => {
        await connection.query({
          name: 'add_job',
          text: 'SELECT id FROM graphile_worker.add_job($1, $2::json)',
          values: [TASK, JSON.stringify({ id })],
        });
      },
      close: async () => undefined,
    }),
    consume: async ({ databaseUrl }, heard) => {
      const { touch, close } = touching(databaseUrl);
      const handle = handler(touch, heard);
      const runner = await run({
        preset: { worker: { connectionString: databaseUrl, ...tuning.worker } },
        logger: quiet,
        noHandleSignals: true,
        taskList: { [TASK]: async (payload: unknown) => handle(idOf(payload)) },
      });
      return {
        stop: async () => {
          await runner.stop();
          await close();
        },
      };
    },
  };
}

function idOf(payload: unknown): number {
  const id = typeof payload === 'object' && payload !== null && 'id' in payload ? payload.id : undefined;
  if (typeof id !== 'number') throw new TypeError('payload without id');
  return id;
}
