import type { ObjectStore } from './object-store.ts';
import type { StorageSettings } from './storage.settings.ts';

/**
 * The object store that the settings name. Touches neither disk nor network yet: a store that is away shows in its
 * first call and in `probe`.
 * @throws SettingsError when neither a directory nor a complete S3 server is named.
 */
export function openObjectStore(settings: StorageSettings): Promise<ObjectStore> {
  return Promise.reject(new Error(`no driver yet for ${settings.STORAGE_URL}`));
}
