import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from '@jest/globals';
import { loadSettings } from '@nexora/runtime';
import { StorageAway, StorageRefused } from './errors.ts';
import { openObjectStore } from './open.ts';
import { storageProbe } from './storage-probe.ts';
import { storageSettings } from './storage.settings.ts';

it('the probe of the storage goes down and up with it, and holds up nobody', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nexora-probe-'));
  const root = join(folder, 'objects');
  const env = { STORAGE_URL: pathToFileURL(root).href };
  const probe = storageProbe(await openObjectStore(loadSettings(storageSettings, env)));
  const check = () => probe.check(AbortSignal.timeout(2_000));

  expect(probe).toMatchObject({ name: 'storage', needed: false });
  await writeFile(root, 'a file in its place');
  await expect(check()).rejects.toThrow(StorageRefused);
  await rm(root);
  expect(await check()).toEqual({ status: 'up', detail: env.STORAGE_URL });
  await rm(folder, { recursive: true });
  await expect(check()).rejects.toThrow(StorageAway);
});
