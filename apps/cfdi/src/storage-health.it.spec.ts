import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { until } from '@nexora/testing';
import { CfdiHouse } from './cfdi-house.conformance.ts';

let house: CfdiHouse;
beforeAll(async () => {
  house = await CfdiHouse.open();
}, 120_000);
afterAll(() => house.close());

it('an agent that cannot reach the object storage says so in its health and to the ledger, and stays ready', async () => {
  const file = join(house.folder, 'no-folder');
  writeFileSync(file, '');
  const agent = await house.start({ STORAGE_URL: pathToFileURL(join(file, 'objects')).href });
  const [, url = ''] = await agent.line(/"process-started".*"url":"([^"]+)"/);
  const ready = await fetch(`${url}/health/ready`);
  expect([ready.status, await ready.json()]).toMatchObject([200, { error: { storage: { status: 'down' } } }]);
  expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/nexora_probe_up\{probe="storage",[^}]*\} 0/);
  const told = async () =>
    (
      await house.sql<{ status: string }>(
        `SELECT d->>'status' AS status FROM agents.alive, jsonb_array_elements(about->'dependencies') d
          WHERE agent = 'cfdi' AND d->>'name' = 'storage'`,
      )
    )[0]?.status;
  await until(async () => (await told()) === 'down', { within: 15_000, what: 'word of the storage' });
  await house.stopAgents();

  const healthy = await house.start();
  const [, again = ''] = await healthy.line(/"process-started".*"url":"([^"]+)"/);
  expect(await (await fetch(`${again}/health/ready`)).json()).toMatchObject({ info: { storage: { status: 'up' } } });
}, 120_000);
