import { describe, expect, it } from '@jest/globals';
import { lastCall } from './last-call.ts';

const HOUR_MS = 3_600_000;
const sealedAt = new Date('2026-11-18T10:00:00Z');
const at = (hours: number): Date => new Date(sealedAt.getTime() + hours * HOUR_MS);

describe('the last try before 72 hours are over', () => {
  it('is due at 70 hours when the backoff would pass them by', () => {
    expect(lastCall(sealedAt, at(67), 6 * HOUR_MS)).toEqual(at(70));
    expect(lastCall(sealedAt, at(1), 72 * HOUR_MS)).toEqual(at(70));
  });

  it('is left to the backoff while that comes before, and afterwards', () => {
    expect(lastCall(sealedAt, at(60), 6 * HOUR_MS)).toBeNull();
    expect(lastCall(sealedAt, at(70), 6 * HOUR_MS)).toBeNull();
    expect(lastCall(sealedAt, at(71), 6 * HOUR_MS)).toBeNull();
  });
});
