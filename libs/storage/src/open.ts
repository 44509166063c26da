import { fileURLToPath } from 'node:url';
import { SettingsError, type Mistake } from '@nexora/runtime';
import { FileStore } from './file/file.store.ts';
import type { ObjectStore } from './object-store.ts';
import { storageSettings, type StorageSettings } from './storage.settings.ts';

const WITH_ENDPOINT = ['S3_BUCKET', 'S3_ACCESS_KEY', 'S3_SECRET_KEY'] as const;

/**
 * The object store that the settings name: an S3 server when `S3_ENDPOINT` is set, else the directory of
 * `STORAGE_URL`. Touches neither disk nor network yet: a store that is away shows in its first call and in `probe`.
 * @throws SettingsError when neither a directory nor a complete S3 server is named.
 */
export async function openObjectStore(settings: StorageSettings): Promise<ObjectStore> {
  return settings.S3_ENDPOINT === '' ? openDirectory(settings) : openS3(settings);
}

function openDirectory({ STORAGE_URL }: StorageSettings): ObjectStore {
  if (STORAGE_URL === '') throw new SettingsError([mistake('STORAGE_URL', 'is not set, and neither is S3_ENDPOINT')]);
  return new FileStore(fileURLToPath(STORAGE_URL));
}

async function openS3(settings: StorageSettings): Promise<ObjectStore> {
  const missing = WITH_ENDPOINT.filter((name) => settings[name] === '');
  if (missing.length > 0)
    throw new SettingsError(missing.map((name) => mistake(name, 'is not set, and S3_ENDPOINT needs it')));
  // Only who uses S3 pays for its client.
  const { MinioStore } = await import('./s3/minio.store.ts');
  return new MinioStore(settings);
}

function mistake(name: keyof typeof storageSettings, fault: string): Mistake {
  return { name, fault, example: storageSettings[name].example };
}
