import { Database, migrate } from '@nexora/database';
import { Ledger, ledgerMigrations } from '@nexora/outbox';
import type { Pool } from 'pg';
import { touch } from './nexora.kind.ts';
import type { Services, System } from './system.ts';

/** Ours, started as every agent is: settings from the environment, flags as shipped. */
export function nexora(): System {
  return {
    name: 'nexora',
    configuration: 'concurrency 100, everything else as shipped; effect and done in one statement; enqueued by SQL',
    prepare: async (services) => {
      await migrate(services.databaseUrl, [ledgerMigrations]);
      await declareOnce(services);
    },
    fill: async (_services, admin: Pool, from, to) => {
      await admin.query(
        `SELECT count(agents.enqueue($1, jsonb_build_object('id', id))) FROM generate_series($2::bigint, $3::bigint) AS id`,
        [touch.name, from, to],
      );
      await admin.query('VACUUM ANALYZE agents.job');
    },
    empty: async (_services, admin: Pool) => {
      await admin.query('TRUNCATE agents.job, agents.job_finished, agents.attempt');
    },
    left: async (_services, admin: Pool) => {
      const { rows } = await admin.query<{ left: string }>('SELECT count(*) AS left FROM agents.job');
      return Number(rows[0]?.left);
    },
    produce: async () => ({
      enqueue: async (connection, id) => {
        await connection.query({
          name: 'enqueue',
          text: 'SELECT agents.enqueue($1, $2)',
          values: [touch.name, JSON.stringify({ id })],
        });
      },
      close: async () => undefined,
    }),
    consume: async (services, listener) => {
      const { startConsumer } = await import('./nexora.agent.ts');
      return startConsumer(services, listener);
    },
  };
}

/** The first start writes the catalogue, without which nothing can be handed over. */
async function declareOnce({ databaseUrl }: Services): Promise<void> {
  const database = await Database.open({ url: databaseUrl });
  await new Ledger(database).declare({ agent: 'bench', version: '1', kinds: [{ kind: touch }] });
  await database.close(1_000);
}
