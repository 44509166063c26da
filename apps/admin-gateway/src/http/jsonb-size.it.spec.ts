import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createDatabase, type FreshDatabase } from '@nexora/testing';
import fc from 'fast-check';
import pg from 'pg';
import { jsonbTextBytes } from './jsonb-size.ts';

let database: FreshDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await createDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

/** JSON without what the edge refuses, and with whole numbers only. */
const { value } = fc.letrec((tie) => ({
  text: fc.string({ unit: 'binary', maxLength: 20 }).filter((text) => text.isWellFormed() && !text.includes('\u0000')),
  value: fc.oneof(
    { maxDepth: 4 },
    tie('text'),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    tie('list'),
    tie('object'),
  ),
  list: fc.array(tie('value'), { maxLength: 5 }),
  object: fc.dictionary(tie('text') as fc.Arbitrary<string>, tie('value'), { maxKeys: 5 }),
}));

it('measures a payload as Postgres does', async () => {
  await fc.assert(
    fc.asyncProperty(value, async (json) => {
      const { rows } = await client.query<{ n: number }>('SELECT octet_length($1::jsonb::text) AS n', [
        JSON.stringify(json),
      ]);
      expect(jsonbTextBytes(json)).toBe(rows[0]?.n);
    }),
    { numRuns: 300 },
  );
});
