import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll } from '@jest/globals';
import { loadSettings } from '@nexora/runtime';
import { conformsToObjectStore } from '../object-store.conformance.ts';
import { openObjectStore } from '../open.ts';
import { storageSettings } from '../storage.settings.ts';

const folder = await mkdtemp(join(tmpdir(), 'nexora-objects-'));
afterAll(() => rm(folder, { recursive: true }));
const env = { STORAGE_URL: pathToFileURL(join(folder, 'made when missing')).href };
const root = join(folder, 'made when missing');

conformsToObjectStore(
  'directory',
  { met: true, otherwise: '' },
  {
    env,
    open: () => openObjectStore(loadSettings(storageSettings, env)),
    damage: (key, bytes) => writeFile(join(root, key), bytes),
    putForeign: async (key, bytes) => {
      await mkdir(dirname(join(root, key)), { recursive: true });
      await writeFile(join(root, key), bytes);
    },
  },
);
