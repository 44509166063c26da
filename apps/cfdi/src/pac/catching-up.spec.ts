import { describe, expect, it } from '@jest/globals';
import { TestClock } from '@nexora/testing';
import { EMPTY, untilCaughtUp } from './catching-up.ts';
import type { Verdict } from './pac.ts';

const EMPTY_307: Verdict = { kind: 'unknown', code: EMPTY, message: '307' };
const STAMPED: Verdict = { kind: 'stamped', xml: '<a/>', previous: true };
const OFFLINE: Verdict = { kind: 'unsent', offline: true, code: 'ECONNREFUSED', message: 'no' };
const NO_STAMPS: Verdict = { kind: 'refused', of: 'account', code: 'AU2001', message: 'no' };

/** Asks with these answers, the last one again and again; answers the verdict and how often it was asked. */
async function asked(answers: readonly Verdict[], signal = new AbortController().signal): Promise<[Verdict, number]> {
  const clock = new TestClock();
  let count = 0;
  const ask = (): Promise<Verdict> => Promise.resolve(answers[Math.min(count++, answers.length - 1)]!);
  let verdict: Verdict | undefined;
  const done = untilCaughtUp(ask, { clock, emptyMs: 30_000, signal });
  void done.then((one) => (verdict = one));
  for (let turns = 0; verdict === undefined && turns < 1_000; turns += 1) {
    if (clock.sleeping > 0) await clock.advance(200);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return [await done, count];
}

describe('an empty "stamped before"', () => {
  it('is asked after until the stamp is there', async () => {
    expect(await asked([EMPTY_307, EMPTY_307, EMPTY_307, STAMPED])).toEqual([STAMPED, 4]);
  });

  it('stays unknown when the stamp does not come in 30 seconds', async () => {
    const [verdict, count] = await asked([EMPTY_307]);
    expect(verdict).toEqual(EMPTY_307);
    expect(count).toBeGreaterThan(5);
  });

  it.each([[OFFLINE], [NO_STAMPS]])('is not undone by a later question that came to %j', async (later) => {
    const [verdict] = await asked([EMPTY_307, later]);
    expect(verdict).toEqual(EMPTY_307);
    expect(await asked([EMPTY_307, later, STAMPED])).toEqual([STAMPED, 3]);
  });

  it('is not asked after once the work is to end', async () => {
    expect(await asked([EMPTY_307, STAMPED], AbortSignal.abort())).toEqual([EMPTY_307, 1]);
  });

  it('is not waited for when the first answer was another', async () => {
    expect(await asked([OFFLINE, STAMPED])).toEqual([OFFLINE, 1]);
    expect(await asked([NO_STAMPS, STAMPED])).toEqual([NO_STAMPS, 1]);
  });
});
