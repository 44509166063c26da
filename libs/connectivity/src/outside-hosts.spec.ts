import { beforeEach, describe, expect, it } from '@jest/globals';
import { TestClock } from '@nexora/testing';
import { HostResting, HostUnreachable, OutsideHosts } from './outside-hosts.ts';

const HOST = 'pac.example';
const policy = {
  failures: 2,
  restMs: 1_000,
  factor: 2,
  ceilingMs: 8_000,
  unreachable: { restMs: 500, ceilingMs: 2_000 },
  trialMs: 5_000,
};

describe('calls to an outside host', () => {
  let clock: TestClock;
  let told: string[];
  let hosts: OutsideHosts;
  let calls: number;

  beforeEach(() => {
    clock = new TestClock();
    told = [];
    calls = 0;
    const events = {
      opened: (host: string, restMs: number) => void told.push(`opened ${host} ${restMs}`),
      closed: (host: string) => void told.push(`closed ${host}`),
    };
    hosts = new OutsideHosts(clock, events, policy);
  });

  const good = () => hosts.attempt(HOST, async () => ++calls);
  const bad = (code: string) =>
    hosts.attempt(HOST, async () => {
      calls++;
      throw Object.assign(new Error('no'), { code });
    });

  it('are not made any more after repeated failures, and one other host is not held up', async () => {
    await expect(bad('ECONNRESET')).rejects.toThrow('no');
    await expect(bad('ECONNRESET')).rejects.toThrow('no');
    await expect(good()).rejects.toMatchObject({ name: 'HostResting', host: HOST, retryInMs: 1_000 });
    expect(calls).toBe(2);
    await expect(hosts.attempt('smtp.example', async () => 'sent')).resolves.toBe('sent');
    expect(told).toEqual([`opened ${HOST} 1000`]);
  });

  it('start again with one trial, which closes the circuit when it is answered', async () => {
    await expect(bad('ECONNRESET')).rejects.toThrow();
    await expect(bad('ECONNRESET')).rejects.toThrow();
    await clock.advance(1_000);
    await expect(good()).resolves.toBe(3);
    await expect(good()).resolves.toBe(4);
    expect(told).toEqual([`opened ${HOST} 1000`, `closed ${HOST}`]);
  });

  it('wait a moment only while a trial is out: its outcome is known soon', async () => {
    await expect(bad('ECONNRESET')).rejects.toThrow('no');
    await expect(bad('ECONNRESET')).rejects.toThrow('no');
    await clock.advance(1_000);
    const trial = Promise.withResolvers<string>();
    const out = hosts.attempt(HOST, () => trial.promise);
    await expect(good()).rejects.toMatchObject({ name: 'HostResting', retryInMs: 2_000 });
    trial.resolve('answered');
    await out;
    await expect(good()).resolves.toBe(3);
  });

  it('are tried again soon while none of them leaves a byte: that is the line’s matter', async () => {
    for (let i = 0; i < 2; i++) await expect(bad('ECONNREFUSED')).rejects.toBeInstanceOf(HostUnreachable);
    for (const restMs of [500, 1_000, 2_000, 2_000]) {
      expect(hosts.restsFor(HOST)).toBe(restMs);
      await clock.advance(restMs);
      await expect(bad('ECONNREFUSED')).rejects.toBeInstanceOf(HostUnreachable);
    }
  });

  it('that left no byte are told apart from those that may have been read', async () => {
    await expect(bad('ECONNREFUSED')).rejects.toBeInstanceOf(HostUnreachable);
    await expect(bad('ECONNRESET')).rejects.not.toBeInstanceOf(HostUnreachable);
  });

  it('count an answer of a sick host as a failure, where the seam says so', async () => {
    const sick = () => hosts.attempt(HOST, async () => 503, { failedBy: (status) => status >= 500 });
    await expect(sick()).resolves.toBe(503);
    await expect(sick()).resolves.toBe(503);
    await expect(sick()).rejects.toBeInstanceOf(HostResting);
  });

  it('rest shortly after a verdict that no byte left, as after an error that says so', async () => {
    const unsent = () => hosts.attempt(HOST, async () => 'unsent', { failedBy: () => 'unreachable' });
    await unsent();
    await unsent();
    expect(hosts.restsFor(HOST)).toBe(500);
  });

  it('do not count what says nothing about the host', async () => {
    const aborted = () =>
      hosts.attempt(HOST, () => Promise.reject(new Error('aborted')), { countsAsFailure: () => false });
    for (let i = 0; i < 5; i++) await expect(aborted()).rejects.toThrow('aborted');
  });

  it('are tried at once, by one call, when the Internet came back', async () => {
    await expect(bad('ECONNRESET')).rejects.toThrow('no');
    await expect(bad('ECONNRESET')).rejects.toThrow('no');
    hosts.lineReturned();
    const trial = Promise.withResolvers<string>();
    const out = hosts.attempt(HOST, () => trial.promise);
    await expect(good()).rejects.toBeInstanceOf(HostResting);
    trial.resolve('answered');
    await out;
    await expect(good()).resolves.toBe(3);
  });

  it('are not tried before the time that the host itself asked for, though the Internet came back', async () => {
    hosts.rest(HOST, 60_000);
    hosts.lineReturned();
    await expect(good()).rejects.toMatchObject({ retryInMs: 60_000 });
  });

  it('wait as long as the host itself asks for', async () => {
    hosts.rest(HOST, 60_000);
    await clock.advance(59_999);
    await expect(good()).rejects.toMatchObject({ retryInMs: 1 });
    await clock.advance(1);
    await expect(good()).resolves.toBe(1);
  });
});
