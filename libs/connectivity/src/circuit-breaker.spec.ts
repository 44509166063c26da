import { describe, expect, it } from '@jest/globals';
import { admit, type Breaker, type BreakerPolicy, CLOSED, failed, restAsTold, succeeded } from './circuit-breaker.ts';

const policy: BreakerPolicy = {
  failures: 3,
  restMs: 1000,
  factor: 2,
  ceilingMs: 3000,
  unreachable: { restMs: 500, ceilingMs: 1500 },
  trialMs: 500,
};

function failedTimes(times: number, now = 0): Breaker {
  let breaker: Breaker = CLOSED;
  for (let i = 0; i < times; i++) breaker = failed(breaker, now, policy);
  return breaker;
}

describe('circuit breaker of one outside host', () => {
  it('lets calls pass until the failures in a row reach the limit', () => {
    expect(admit(failedTimes(2), 0, policy).admitted).toBe(true);
    expect(admit(failedTimes(3), 0, policy)).toMatchObject({ admitted: false, retryInMs: 1000 });
  });

  it('forgets earlier failures as soon as the host answers', () => {
    expect(failed(succeeded(), 0, policy)).toEqual({ state: 'closed', failures: 1 });
  });

  it('lets exactly one trial call through after the rest', () => {
    const trial = admit(failedTimes(3), 1000, policy);
    expect(trial.admitted).toBe(true);
    expect(admit(trial.next, 1001, policy).admitted).toBe(false);
  });

  it('rests longer after each failed trial, up to the ceiling', () => {
    let breaker = failedTimes(3);
    const rests: number[] = [];
    for (let i = 0, now = 0; i < 4; i++) {
      if (breaker.state !== 'open') throw new Error('the circuit must be open here');
      rests.push(breaker.until - now);
      now = breaker.until;
      breaker = failed(admit(breaker, now, policy).next, now, policy);
    }
    expect(rests).toEqual([1000, 2000, 3000, 3000]);
  });

  it('rests shortly, and never long, while no byte leaves: the line may be back any moment', () => {
    let breaker: Breaker = CLOSED;
    const rests: number[] = [];
    for (let i = 0, now = 0; i < 6; i++) {
      breaker = failed(admit(breaker, now, policy).next, now, policy, 'unreachable');
      if (breaker.state !== 'open') continue;
      rests.push(breaker.until - now);
      now = breaker.until;
    }
    expect(rests).toEqual([500, 1000, 1500, 1500]);
  });

  it('takes a trial call that never reports for failed', () => {
    const out = admit(failedTimes(3), 1000, policy).next;
    const again = admit(out, 1500, policy);
    expect(again).toMatchObject({ admitted: true, next: { state: 'trying', restMs: 2000 } });
  });

  it('does not lengthen the rest for calls that were already out when it opened', () => {
    const open = failedTimes(3);
    expect(failed(open, 900, policy)).toBe(open);
  });

  it('obeys a pause that the host names, at most for an hour', () => {
    expect(restAsTold(CLOSED, 10, 5000, policy)).toEqual({ state: 'open', until: 5010, restMs: 1000, told: true });
    expect(restAsTold(CLOSED, 0, 1e9, policy)).toMatchObject({ until: 3_600_000 });
  });

  it('never shortens a rest by a shorter pause', () => {
    const open = failedTimes(3);
    expect(restAsTold(open, 0, 10, policy)).toBe(open);
  });
});
