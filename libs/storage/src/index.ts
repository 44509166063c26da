export {
  InvalidKey,
  ObjectDamaged,
  ObjectDiffers,
  ObjectMissing,
  StorageAway,
  StorageRefused,
  WrongChecksum,
} from './errors.ts';
export type { Listed, ObjectStore, Page, PutOptions, Stored } from './object-store.ts';
export { openObjectStore } from './open.ts';
export { storageProbe } from './storage-probe.ts';
export { storageSettings, type StorageSettings } from './storage.settings.ts';
