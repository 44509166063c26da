import { afterEach, describe, expect, it } from '@jest/globals';
import { describeWhen, type Requirement } from '@nexora/testing';
import { listsObjects } from './conformance/listing.conformance.ts';
import { keepsObjects } from './conformance/objects.conformance.ts';
import { outlivesProcesses } from './conformance/processes.conformance.ts';
import type { StoreUnderTest } from './fixtures/store-under-test.ts';
import { streamsBodies } from './conformance/streams.conformance.ts';
import { standsWriters } from './conformance/writers.conformance.ts';
import type { ObjectStore } from './object-store.ts';

/** What every driver promises; run by each against the real thing. */
export function conformsToObjectStore(name: string, requirement: Requirement, under: StoreUnderTest): void {
  const opened: ObjectStore[] = [];
  const open = async () => {
    const store = await under.open();
    opened.push(store);
    return store;
  };
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
  });

  describeWhen(requirement)(`object store: ${name}`, () => {
    describe('as a whole', () => {
      it('is up, tells its place and no secret', async () => {
        const store = await open();
        await expect(store.probe()).resolves.toBeUndefined();
        for (const [setting, value] of Object.entries(under.env))
          if (/KEY/.test(setting)) expect(store.place).not.toContain(value);
      });
    });
    keepsObjects(under, open);
    listsObjects(open);
    streamsBodies(open);
    standsWriters(open);
    outlivesProcesses(under, open);
  });
}
