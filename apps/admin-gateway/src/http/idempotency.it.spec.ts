import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Database } from '@nexora/database';
import { randomUUID } from 'node:crypto';
import { gatewayUnderTest, type GatewayUnderTest } from '../testing/gateway.conformance.ts';
import { forgetKeys } from './idempotency.ts';

let gateway: GatewayUnderTest;
let database: Database;

beforeAll(async () => {
  gateway = await gatewayUnderTest();
  database = await Database.open({ url: gateway.database.urlFor('admin-gateway'), poolSize: 1 });
});
afterAll(async () => {
  await database.close();
  await gateway.stop();
});

it('forgets old idempotency keys and keeps young ones', async () => {
  await gateway.sql(
    `INSERT INTO gateway.idempotency (caller, key, fingerprint, status, answer, created_at)
     SELECT $1, n::text, decode(repeat('00', 32), 'hex'), 202, '{}', agents.now() - n * interval '1 minute'
     FROM generate_series(1, 2500) AS n`,
    [randomUUID()],
  );
  expect(await forgetKeys(database, 1)).toBe(2_441);
  expect(await gateway.sql('SELECT count(*)::int AS n FROM gateway.idempotency')).toEqual([{ n: 59 }]);
});

it('lets nobody change or remove an entry of the audit log, not even the gateway', async () => {
  await gateway.call('POST', '/api/admin/agents/sync/pause');
  for (const text of [`UPDATE gateway.audit SET action = 'x'`, 'DELETE FROM gateway.audit']) {
    await expect(database.query({ text })).rejects.toThrow('only ever added to');
  }
});

it('reaches no table of another room with the login of the gateway', async () => {
  for (const table of ['agents.job', 'agents.job_finished', 'agents.worker', 'cfdi.comprobante', 'cfdi.csd']) {
    await expect(database.query({ text: `SELECT FROM ${table} LIMIT 1` })).rejects.toMatchObject({ code: '42501' });
  }
});
