import { INTERNET_CLASSES } from '@nexora/contracts';
import { z } from 'zod';
import type { DrainRow } from './ledger.queries.ts';

const count = z.int().min(0);
const progress = {
  left: count.describe('Jobs that go out as soon as they may: due, and held up by nothing but the line'),
  waiting: count.describe('All pending jobs, also those for later and those that something else holds up'),
  done: count.describe('Ended well since the line came back, at most of the last day'),
  ratePerMinute: z.number().min(0).describe('Of the last minute'),
};
const estimate = z.number().min(0).nullable();

/** How far the work that waited for the Internet is. */
export const drainSchema = z
  .object({
    ...progress,
    estimatedSeconds: estimate.describe('Until nothing is left, at the present rate; null while nothing goes out'),
    classes: z
      .array(
        z.object({
          class: z.enum(INTERNET_CLASSES),
          open: z.boolean().describe('It may use the Internet now'),
          ...progress,
          estimatedSeconds: estimate.describe('null while the class is closed or nothing of it goes out'),
        }),
      )
      .describe('In the order in which they go out once the line is back'),
  })
  .describe('How far the work is that needs the Internet');

type Drain = z.output<typeof drainSchema>;

/** Progress by class and in all. What is closed yet counts at the pace of what is open. */
export function drainOf(rows: readonly DrainRow[]): Drain {
  const classes = rows.map(({ due: left, rate_per_minute, estimated_seconds, ...row }) => ({
    ...row,
    left,
    ratePerMinute: rate_per_minute,
    estimatedSeconds: estimated_seconds,
  }));
  const all = (key: 'left' | 'waiting' | 'done' | 'ratePerMinute') => classes.reduce((sum, one) => sum + one[key], 0);
  const [left, ratePerMinute] = [all('left'), all('ratePerMinute')];
  const flows = classes.some(({ open }) => open) && ratePerMinute > 0;
  const estimatedSeconds = left === 0 ? 0 : flows ? (left / ratePerMinute) * 60 : null;
  return { left, waiting: all('waiting'), done: all('done'), ratePerMinute, estimatedSeconds, classes };
}
