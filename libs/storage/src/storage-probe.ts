import type { Probe } from '@nexora/runtime';
import type { ObjectStore } from './object-store.ts';

/** Asks the store for health. Not needed: what has to be stored waits and is tried again, all else goes on. */
export function storageProbe(store: ObjectStore): Probe {
  return {
    name: 'storage',
    needed: false,
    async check(signal) {
      await store.probe({ signal });
      return { status: 'up', detail: store.place };
    },
  };
}
