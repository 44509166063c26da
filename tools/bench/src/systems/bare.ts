import type { Pool } from 'pg';
import { handler, touching } from '../effect.ts';
import type { System } from './system.ts';

const IN_FLIGHT = 100;

/**
 * No queue at all: the UPDATEs alone, by ten connections. The limit that this Postgres sets to any
 * consumer that commits each effect by itself. It only drains: there is nothing to hand over.
 */
export function bareUpdates(): System {
  let last = 0;
  return {
    name: 'bare updates',
    configuration: `${IN_FLIGHT} in flight over 10 connections, one prepared UPDATE each, no queue`,
    prepare: async () => undefined,
    fill: async (_services, admin: Pool, _from, to) => {
      await admin.query('CREATE TABLE IF NOT EXISTS bench.bare (upto bigint)');
      await admin.query('TRUNCATE bench.bare');
      await admin.query('INSERT INTO bench.bare VALUES ($1)', [to]);
    },
    empty: async () => undefined,
    left: async () => 0,
    produce: async () => ({ enqueue: async () => undefined, close: async () => undefined }),
    consume: async ({ databaseUrl }, heard) => {
      const { Pool: PgPool } = await import('pg');
      const reader = new PgPool({ connectionString: databaseUrl, max: 1 });
      const { rows } = await reader.query<{ upto: string }>('SELECT upto FROM bench.bare');
      await reader.end();
      last = Number(rows[0]?.upto);
      const { touch, close } = touching(databaseUrl);
      const run = handler(touch, heard);
      let next = 1;
      const lane = async (): Promise<void> => {
        while (next <= last) await run(next++);
      };
      const lanes = Promise.all(Array.from({ length: IN_FLIGHT }, lane));
      return {
        stop: async () => {
          await lanes;
          await close();
        },
      };
    },
  };
}
