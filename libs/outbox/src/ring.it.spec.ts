import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { freshRedis, until, type FreshRedis } from '@nexora/testing';
import { Redis } from 'ioredis';
import { Bell, type BellEvent } from './index.ts';

let redis: FreshRedis;
const bells: Bell[] = [];
const events: BellEvent[] = [];

function bell(): Bell {
  const made = new Bell({ connection: redis.url, onEvent: (event) => events.push(event) });
  bells.push(made);
  return made;
}

/** A promise that a test settles when it likes. */
function gate(): { open: () => void; opened: Promise<void> } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

beforeAll(async () => {
  redis = await freshRedis();
});
afterEach(async () => {
  await Promise.all(bells.splice(0).map((each) => each.close(2_000)));
  events.length = 0;
});
afterAll(() => redis.release());

describe('a ring', () => {
  it('reaches a process that serves the kind, and no other kind', async () => {
    let stamps = 0;
    let stores = 0;
    bell().serve('cfdi.stamp', async () => void (stamps += 1));
    bell().serve('cfdi.store', async () => void (stores += 1));
    bell().ring('cfdi.stamp');
    await until(() => stamps === 1, { what: 'the ring' });
    expect(stores).toBe(0);
  });

  it('stands for all rings of its kind that come while it waits, and for one more while it is being served', async () => {
    const first = gate();
    let served = 0;
    bell().serve('cfdi.stamp', async () => {
      served += 1;
      if (served === 1) await first.opened;
    });
    const callers = [bell(), bell(), bell()];
    callers[0]!.ring('cfdi.stamp');
    await until(() => served === 1, { what: 'the first ring' });
    for (let i = 0; i < 50; i += 1) callers.forEach((caller) => caller.ring('cfdi.stamp'));
    // Each caller sends one ring and then one for the rest; an answered ping says that what was sent before arrived.
    for (let round = 0; round < 3; round += 1) await Promise.all(callers.map((caller) => caller.ping()));
    expect(await waitingRings('cfdi.stamp')).toBe(1);
    first.open();
    await until(() => served >= 2, { what: 'the ring that came meanwhile' });
    await until(async () => (await waitingRings('cfdi.stamp')) === 0, { what: 'the queue to be empty' });
    expect(served).toBe(2);
  });

  it('leaves nothing behind in Redis once it was served', async () => {
    let served = 0;
    bell().serve('cfdi.stamp', async () => {
      served += 1;
      if (served === 1) throw new Error('the claim failed');
    });
    const caller = bell();
    caller.ring('cfdi.stamp');
    await until(() => served === 1, { what: 'the ring that fails' });
    caller.ring('cfdi.stamp');
    await until(() => served === 2, { what: 'the ring after it' });
    await until(async () => (await jobKeys('cfdi.stamp')).length === 0, { what: 'no job to be left' });
  });

  it('is left to another replica while no slot is free, and comes back when there is none', async () => {
    let free = false;
    const taken: string[] = [];
    bell().serve(
      'cfdi.stamp',
      async () => void taken.push('full'),
      () => free,
    );
    const caller = bell();
    caller.ring('cfdi.stamp');
    await until(async () => (await waitingRings('cfdi.stamp')) > 0 || taken.length > 0, { what: 'the ring to wait' });
    bell().serve('cfdi.stamp', async () => void taken.push('free'));
    await until(() => taken.length > 0, { what: 'a replica to take it' });
    expect(taken).toEqual(['free']);
    await until(async () => (await jobKeys('cfdi.stamp')).length === 0, { what: 'the ring to be gone' });
    free = true;
    caller.ring('cfdi.stamp');
    await until(() => taken.length === 2, { what: 'a ring after a slot fell free' });
  });

  it('is sent at most once at a time and costs its caller nothing', () => {
    const caller = bell();
    const began = performance.now();
    for (let i = 0; i < 10_000; i += 1) caller.ring('cfdi.stamp');
    expect(performance.now() - began).toBeLessThan(500);
  });
});

describe('a bell', () => {
  it('answers a health check', async () => {
    await expect(bell().ping()).resolves.toBeUndefined();
  });

  it('closes at once when nobody ever rang', async () => {
    const idleBell = bell();
    await idleBell.close(1_000);
    idleBell.ring('cfdi.stamp'); // after the end: nothing happens
    expect(events).toEqual([]);
  });
});

async function onRedis<T>(work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(redis.url);
  try {
    return await work(client);
  } finally {
    client.disconnect();
  }
}

function waitingRings(kind: string): Promise<number> {
  return onRedis(
    async (client) => (await client.llen(`{nexora}:${kind}:wait`)) + (await client.llen(`{nexora}:${kind}:active`)),
  );
}

/** Keys of single rings: `<prefix>:<kind>:<number>`. */
function jobKeys(kind: string): Promise<string[]> {
  return onRedis(async (client) => (await client.keys(`{nexora}:${kind}:*`)).filter((key) => /:\d+$/.test(key)));
}
