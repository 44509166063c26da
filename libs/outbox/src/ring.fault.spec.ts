import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { privateRedis, until } from '@nexora/testing';
import { Bell, type BellEvent } from './index.ts';

type PrivateRedis = Awaited<ReturnType<typeof privateRedis>>;

let redis: PrivateRedis;
const bells: Bell[] = [];

function bell(onEvent: (event: BellEvent) => void = () => undefined): Bell {
  const made = new Bell({ connection: redis.server.url, onEvent });
  bells.push(made);
  return made;
}

/** Rings until somebody hears it: a single ring may be lost in an outage, which the poll makes up for. */
async function heardAgain(caller: Bell, heard: () => number, what: string): Promise<void> {
  const before = heard();
  await until(
    () => {
      caller.ring('cfdi.stamp');
      return heard() > before;
    },
    { within: 15_000, what },
  );
}

beforeAll(async () => {
  redis = await privateRedis();
});
afterEach(async () => {
  await Promise.all(bells.splice(0).map((each) => each.close(500)));
});
afterAll(() => redis.end());

describe('while Redis is in trouble', () => {
  it('rings are heard again after everything in Redis was deleted', async () => {
    let served = 0;
    bell().serve('cfdi.stamp', async () => void (served += 1));
    const caller = bell();
    await heardAgain(caller, () => served, 'the first ring');
    await redis.server.flush();
    await heardAgain(caller, () => served, 'a ring after FLUSHALL');
  });

  it('rings are heard again after Redis was killed and started anew', async () => {
    let served = 0;
    bell().serve('cfdi.stamp', async () => void (served += 1));
    const caller = bell();
    await heardAgain(caller, () => served, 'the first ring');
    await redis.server.kill();
    caller.ring('cfdi.stamp'); // nobody hears it, and nobody is hurt
    await redis.server.restart();
    const began = performance.now();
    await heardAgain(caller, () => served, 'a ring after the restart');
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it('a frozen Redis keeps neither a ring nor the exit waiting, and the bell tells of it', async () => {
    const events: BellEvent[] = [];
    const server = bell();
    let served = 0;
    server.serve('cfdi.stamp', async () => void (served += 1));
    const caller = bell((event) => events.push(event));
    await heardAgain(caller, () => served, 'the first ring');
    redis.server.pause();
    try {
      const began = performance.now();
      caller.ring('cfdi.stamp');
      expect(performance.now() - began).toBeLessThan(50);
      await until(() => events.some(({ name }) => name === 'ring-failed'), { what: 'the failed ring to be told' });
      await expect(caller.ping()).rejects.toThrow();
      const closing = performance.now();
      await Promise.all([caller.close(1_000), server.close(1_000)]);
      expect(performance.now() - closing).toBeLessThan(1_900);
    } finally {
      redis.server.resume();
    }
  });

  it('rings are heard again after Redis was frozen for a while', async () => {
    let served = 0;
    bell().serve('cfdi.stamp', async () => void (served += 1));
    const caller = bell();
    await heardAgain(caller, () => served, 'the first ring');
    redis.server.pause();
    caller.ring('cfdi.stamp');
    await expect(caller.ping()).rejects.toThrow();
    redis.server.resume();
    await heardAgain(caller, () => served, 'a ring after the freeze');
  });

  it('a process that starts while Redis is away serves rings once it is there', async () => {
    await redis.server.kill();
    let served = 0;
    const server = bell();
    server.serve('cfdi.stamp', async () => void (served += 1));
    const caller = bell();
    caller.ring('cfdi.stamp');
    await expect(caller.ping()).rejects.toThrow();
    await redis.server.restart();
    await heardAgain(caller, () => served, 'a ring after Redis came');
  });
});
