import { describe, expect, it } from '@jest/globals';
import { HouseClock, type Clock } from '../clock.ts';
import { collected } from './log.ts';
import { Telemetry } from './telemetry.ts';

const JOB = '0192f0c1-7b1a-7e1a-8f1a-0192f0c17b1a';
const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

function opened(level: 'debug' | 'info' = 'info', clock: Clock = new HouseClock()) {
  const lines: Record<string, unknown>[] = [];
  return {
    lines,
    telemetry: Telemetry.open({ agent: 'cfdi', instance: 'cfdi-1', level, sink: collected(lines), clock }),
  };
}

/** A clock that only moves when told. */
class Stopped extends HouseClock {
  at = 0;
  override monotonic(): number {
    return this.at;
  }
}

describe('a log line', () => {
  it('carries time, level, event, agent, instance and the fields in snake_case', () => {
    const { lines, telemetry } = opened();
    telemetry.emit('done', { job: JOB, kind: 'cfdi.stamp', attempt: 2, durationMs: 12.5 });
    expect(lines).toEqual([
      {
        time: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/),
        level: 'info',
        event: 'done',
        agent: 'cfdi',
        instance: 'cfdi-1',
        job: JOB,
        kind: 'cfdi.stamp',
        attempt: 2,
        duration_ms: 12.5,
      },
    ]);
  });

  it('knows only the fields of the table: what else comes along is left out', () => {
    const { lines, telemetry } = opened();
    const told = { awayMs: 3, customer: 'JUAN PEREZ' };
    telemetry.emit('listener-back', told);
    expect(JSON.stringify(lines)).not.toContain('JUAN');
  });

  it('is redacted whatever the type of the field', () => {
    const { lines, telemetry } = opened();
    const rfc = 'EKU9003173C9';
    telemetry.emit('retried', {
      job: rfc,
      kind: rfc,
      durationMs: 1,
      delayMs: 1,
      error: new Error(rfc, { cause: rfc }),
    });
    telemetry.emit('snoozed', { job: JOB, kind: 'cfdi.stamp', durationMs: 1, reason: `issuer ${rfc}` });
    telemetry.emit('job-log', { job: JOB, kind: 'cfdi.stamp', message: rfc, about: { password: 'x', list: [rfc] } });
    telemetry.emit('classes-opened', { classes: [rfc] });
    expect(lines).toHaveLength(4);
    expect(JSON.stringify(lines)).not.toContain(rfc);
  });

  it('of a child carries what the child was bound to', () => {
    const { lines, telemetry } = opened();
    telemetry.child({ job: JOB, kind: 'cfdi.stamp', attempt: 1 }).emit('listener-back', { awayMs: 5 });
    expect(lines[0]).toMatchObject({ event: 'listener-back', job: JOB, kind: 'cfdi.stamp', attempt: 1, away_ms: 5 });
  });

  it('below the level is not written, and counts all the same', async () => {
    const { lines, telemetry } = opened('info');
    telemetry.emit('claimed', { kind: 'cfdi.stamp', rows: 7 });
    expect(lines).toEqual([]);
    expect(await telemetry.metrics()).toContain('nexora_jobs_claimed_total{kind="cfdi.stamp",agent="cfdi"} 7');
  });

  it('that repeats itself is written once per period and tells how many it stands for', async () => {
    const clock = new Stopped();
    const { lines, telemetry } = opened('info', clock);
    const fail = (kind: string) => telemetry.emit('ring-failed', { kind, error: new Error('away') });
    for (const kind of ['cfdi.stamp', 'cfdi.stamp', 'cfdi.store', 'cfdi.stamp']) fail(kind);
    expect(lines.map((line) => line['kind'])).toEqual(['cfdi.stamp', 'cfdi.store']);
    clock.at = 30_001;
    fail('cfdi.stamp');
    expect(lines[2]).toMatchObject({ kind: 'cfdi.stamp', suppressed: 2 });
    expect(await telemetry.metrics()).toContain('nexora_rings_failed_total{kind="cfdi.stamp",agent="cfdi"} 4');
  });
});

describe('metrics', () => {
  it('turn milliseconds of an event into seconds of a histogram', async () => {
    const { telemetry } = opened();
    telemetry.emit('started', { job: JOB, kind: 'cfdi.stamp', priority: 'critical', waitMs: 1_500 });
    const text = await telemetry.metrics();
    expect(text).toContain('nexora_job_wait_seconds_sum{agent="cfdi",kind="cfdi.stamp",priority="critical"} 1.5');
    expect(text).toContain(
      'nexora_job_wait_seconds_bucket{le="1",agent="cfdi",kind="cfdi.stamp",priority="critical"} 0',
    );
    expect(text).toContain(
      'nexora_job_wait_seconds_bucket{le="2.5",agent="cfdi",kind="cfdi.stamp",priority="critical"} 1',
    );
  });

  it('set gauges from yes and no, and never from what is no number', async () => {
    const { telemetry } = opened();
    telemetry.emit('connectivity-measured', { up: true });
    telemetry.emit('clock-measured', { skewMs: Number.NaN });
    const text = await telemetry.metrics();
    expect(text).toContain('nexora_connectivity_up{agent="cfdi"} 1');
    expect(text).not.toMatch(/nan/i);
  });

  it('tell how many lines standard output did not take', async () => {
    const lines: Record<string, unknown>[] = [];
    let lost = 3;
    const sink = { ...collected(lines), takeLost: () => [lost, (lost = 0)][0]! };
    const telemetry = Telemetry.open({ agent: 'cfdi', sink });
    expect(await telemetry.metrics()).toContain('nexora_log_lines_lost_total{agent="cfdi"} 3');
    expect(lines).toMatchObject([{ event: 'log-lines-lost', lines: 3 }]);
  });

  it('show counters at zero for what is expected, so that a rate does not miss the first dead letter', async () => {
    const { telemetry } = opened();
    telemetry.expect({ kind: ['cfdi.stamp', 'cfdi.store'] });
    const text = await telemetry.metrics();
    for (const kind of ['cfdi.stamp', 'cfdi.store']) {
      expect(text).toContain(`nexora_jobs_finished_total{kind="${kind}",outcome="dead",agent="cfdi"} 0`);
    }
    expect(text).toContain('nexora_polls_failed_total{agent="cfdi"} 0');
    expect(text).not.toContain('nexora_schedules_fired_total{');
  });

  it('include the lag of the event loop, garbage collection and memory once asked for', async () => {
    const { telemetry } = opened();
    telemetry.collectDefaultMetrics();
    const text = await telemetry.metrics();
    for (const name of [
      'nodejs_eventloop_lag_p99_seconds',
      'process_resident_memory_bytes',
      'nodejs_gc_duration_seconds',
    ]) {
      expect(text).toContain(name);
    }
  });
});

describe('a trace that came from outside', () => {
  it('is handed on to lines and to new jobs while no spans are made', async () => {
    const { lines, telemetry } = opened();
    const inside = await telemetry.span('process cfdi.stamp', { traceparent: TRACE }, async () => {
      await Promise.resolve();
      telemetry.emit('listener-back', { awayMs: 1 });
      return telemetry.currentTraceparent();
    });
    expect(inside).toBe(TRACE);
    expect(lines[0]).toMatchObject({ trace_id: '4bf92f3577b34da6a3ce929d0e0e4736' });
    expect(telemetry.currentTraceparent()).toBeNull();
  });

  it.each(['', 'x', '00-00000000000000000000000000000000-00f067aa0ba902b7-01', `${TRACE}-more`, null])(
    'is ignored when it reads %p',
    async (traceparent) => {
      const { telemetry } = opened();
      expect(
        await telemetry.span('x', { traceparent }, () => Promise.resolve(telemetry.currentTraceparent())),
      ).toBeNull();
    },
  );
});
