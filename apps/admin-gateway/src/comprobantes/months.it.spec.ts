import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadSettings } from '@nexora/runtime';
import { openObjectStore, storageSettings, type ObjectStore } from '@nexora/storage';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gatewayUnderTest, problemIn, type GatewayUnderTest } from '../testing/gateway.conformance.ts';

let gateway: GatewayUnderTest;
let store: ObjectStore;
let folder: string;
const emisor = 'EKU9003173C9';
const at = '/api/comprobantes/months/2026-10';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nexora-months-'));
  const settings = { STORAGE_URL: pathToFileURL(folder).href };
  store = await openObjectStore(loadSettings(storageSettings, settings));
  gateway = await gatewayUnderTest({ settings });
});
afterAll(async () => {
  await gateway.stop();
  await store.close();
  rmSync(folder, { recursive: true });
});

describe('the zip of a month', () => {
  it('is asked for, and is a job of the agent', async () => {
    const answer = await gateway.call('POST', at, { as: 'operator', body: { emisor } });
    expect(answer.status).toBe(202);
    const { jobId } = answer.body as { jobId: string };
    const [job] = await gateway.sql('SELECT kind, payload FROM agents.job WHERE id = $1', [jobId]);
    expect(job).toEqual({ kind: 'cfdi.pack-month', payload: { emisor, month: '2026-10' } });
    expect((await gateway.call('POST', at, { body: { emisor: 'XAXX010101000' } })).status).toBe(404);
  });

  it('is answered byte by byte once it is there, and with 409 before', async () => {
    const before = await gateway.call('GET', `${at}?emisor=${emisor}`, { as: 'viewer' });
    expect([before.status, problemIn(before).type]).toEqual([409, 'urn:nexora:problem:cfdi.not-ready']);
    const zip = Buffer.alloc(3_000_000, 'zip');
    await store.put(`cfdi/${emisor}/2026/2026-10.zip`, zip, { contentType: 'application/zip' });
    const answer = await gateway.call('GET', `${at}?emisor=${emisor}`, { as: 'viewer' });
    expect([answer.status, answer.bytes.equals(zip)]).toEqual([200, true]);
    expect(answer.headers['content-disposition']).toBe('attachment; filename="cfdi-2026-10.zip"');
    expect((await gateway.call('GET', at, { as: 'viewer' })).status).toBe(400);
    expect((await gateway.call('GET', '/api/comprobantes/months/2026-13?emisor=x', { as: 'viewer' })).status).toBe(400);
  });

  it('cannot be asked for before the agent that makes it has been started for the first time', async () => {
    await gateway.sql(`DELETE FROM agents.job`);
    await gateway.sql(`DELETE FROM agents.kind WHERE name = 'cfdi.pack-month'`);
    const answer = await gateway.call('POST', at, { as: 'operator', body: { emisor } });
    expect([answer.status, problemIn(answer).type]).toEqual([503, 'urn:nexora:problem:http.unavailable']);
  });
});
