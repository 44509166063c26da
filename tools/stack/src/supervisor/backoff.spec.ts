import { expect, it } from '@jest/globals';
import { RestartWaits } from './backoff.ts';

it('a process that keeps ending is started again at once, then after 1, 2, 4 … 30 seconds', () => {
  const waits = new RestartWaits();
  expect(Array.from({ length: 8 }, () => waits.after(500))).toEqual([
    100, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
  ]);
});

it('a process that ended after a healthy minute is started again at once', () => {
  const waits = new RestartWaits();
  for (let ends = 0; ends < 5; ends += 1) waits.after(500);
  expect([waits.after(60_000), waits.after(500)]).toEqual([100, 1_000]);
});
