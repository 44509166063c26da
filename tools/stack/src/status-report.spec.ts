import { describe, expect, it } from '@jest/globals';
import { refOf } from '@nexora/embedded';
import type { ProcessEntry, StackState } from './state.ts';
import { report, table, verdict } from './status-report.ts';

const self = refOf(process.pid);
if (self === null) throw new Error('no /proc here');
const dead = { ...self, startedAt: '1' };

function entry(changes: Partial<ProcessEntry> = {}): ProcessEntry {
  return {
    name: 'cfdi',
    state: 'running',
    ref: self,
    restarts: 0,
    metricsUrl: 'http://127.0.0.1:1/metrics',
    reason: null,
    endedAt: null,
    ...changes,
  };
}

const service = { url: 'redis://127.0.0.1:1', ref: self, given: false };

function state(changes: Partial<StackState> = {}): StackState {
  return {
    supervisor: self as NonNullable<typeof self>,
    phase: 'running',
    keyGiven: false,
    postgres: { ...service, logins: {} },
    redis: service,
    processes: [entry()],
    ...changes,
  };
}

describe('status', () => {
  it('is 0 when all runs, 1 when something is down, 3 when nothing was started', () => {
    const backoff = state({ processes: [entry(), entry({ name: 'sync', state: 'backoff', ref: null })] });
    expect([verdict(state()), verdict(backoff), verdict(null)]).toEqual([0, 1, 3]);
  });

  it('is 1 while the house is still being started, and when its supervisor was killed', () => {
    expect([verdict(state({ phase: 'starting' })), verdict(state({ supervisor: dead }))]).toEqual([1, 1]);
  });

  it('gives pid and memory of a process that runs, null for one that is down', () => {
    const [up, down] = report(state({ processes: [entry(), entry({ state: 'backoff', ref: null })] })).processes;
    expect(up?.pid).toBe(process.pid);
    expect(up?.rssBytes).toBeGreaterThan(10_000_000);
    expect(up?.pssBytes).toBeLessThanOrEqual(up?.rssBytes ?? 0);
    expect(down).toMatchObject({ pid: null, state: 'backoff', rssBytes: null, pssBytes: null });
  });

  it('believes the process table, not the file, about a process that died unseen', () => {
    const unseen = state({ processes: [entry({ ref: dead })] });
    expect(report(unseen).processes[0]).toMatchObject({ pid: null, state: 'stopped' });
    const orphaned = state({ supervisor: dead, processes: [entry({ ref: dead })] });
    expect(report(orphaned).processes[0]).toMatchObject({ pid: null, state: 'stopped' });
  });

  it('tells the addresses of the sandboxes that run, and how to control them to nobody', () => {
    const pac = { url: 'http://pac', heartbeatUrl: 'http://heartbeat', controlUrl: 'http://control' };
    const portal = { url: 'http://portal', controlUrl: 'http://control', keys: 'ab' };
    const both = { pac: { url: 'http://pac' }, portal: { url: 'http://portal' } };
    expect(report(state({ sandbox: { pac, portal } })).sandbox).toEqual(both);
    expect(report(state({ sandbox: { portal } })).sandbox).toEqual({ portal: both.portal });
  });

  it('leaves out what is not there yet, and says why something is down', () => {
    const { postgres: _postgres, redis: _redis, ...empty } = state({ processes: [] });
    expect(report(empty)).toEqual({ processes: [] });
    const reason = 'ended with code 1: no licence';
    expect(table(state({ processes: [entry({ state: 'backoff', ref: null, reason })] }))).toContain(`cfdi ${reason}`);
  });

  it.each(['postgres', 'redis'] as const)('is 1 while the private %s is down, and says that it comes back', (name) => {
    for (const ref of [null, dead]) {
      const down = state({ [name]: { ...service, ref, logins: {} } });
      expect(verdict(down)).toBe(1);
      expect(table(down)).toMatch(new RegExp(`^${name} +backoff +-`, 'm'));
      expect(table({ ...down, supervisor: dead })).toMatch(new RegExp(`^${name} +stopped +-`, 'm'));
    }
  });

  it('does not judge servers that the settings name', () => {
    const given = state({ redis: { ...service, ref: null, given: true } });
    expect(verdict(given)).toBe(0);
    expect(table(given)).toMatch(/^redis +not ours +-/m);
  });

  it('tells the last restart as past, with its time, once the process runs again', () => {
    const reason = 'was ended by SIGKILL';
    const again = table(state({ processes: [entry({ reason, endedAt: '2026-11-21T12:00:00Z' })] }));
    expect(again).toMatch(/^cfdi last restart: was ended by SIGKILL \(2026-11-2[12] \d\d:\d\d:00\)$/m);
    const starting = table(
      state({ processes: [entry({ state: 'starting', reason, endedAt: '2026-11-21T12:00:00Z' })] }),
    );
    expect(starting).toMatch(/^cfdi was ended by SIGKILL$/m);
  });
});
