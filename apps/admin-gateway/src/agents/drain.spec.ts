import { expect, it } from '@jest/globals';
import { drainOf } from './drain.ts';

const row = (parts: object) => ({
  class: 'stamping' as const,
  open: true,
  waiting: 0,
  due: 0,
  done: 0,
  rate_per_minute: 0,
  estimated_seconds: null,
  ...parts,
});

it('counts what is left in all, and estimates it at the pace of what goes out', () => {
  const drain = drainOf([
    row({ class: 'licence', done: 1, rate_per_minute: 30, estimated_seconds: 0 }),
    row({ waiting: 310, due: 300, done: 20, rate_per_minute: 120, estimated_seconds: 150 }),
    row({ class: 'copy', open: false, waiting: 150, due: 150 }),
  ]);
  expect(drain).toMatchObject({ left: 450, waiting: 460, done: 21, ratePerMinute: 150, estimatedSeconds: 180 });
  expect(drain.classes[1]).toMatchObject({ class: 'stamping', left: 300, ratePerMinute: 120, estimatedSeconds: 150 });
});

it('says that nobody knows how long while the line is away or nothing goes out', () => {
  expect(drainOf([row({ due: 5, open: false, rate_per_minute: 9 })]).estimatedSeconds).toBeNull();
  expect(drainOf([row({ due: 5 })]).estimatedSeconds).toBeNull();
});

it('says 0 seconds once nothing is left', () => {
  expect(drainOf([row({ open: false })]).estimatedSeconds).toBe(0);
});
