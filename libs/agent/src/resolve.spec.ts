import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { defineKind } from '@nexora/contracts';
import { defineSettings, wholeNumber } from '@nexora/runtime';
import { defineAgent, setting, type Agent } from './define-agent.ts';
import { DeclarationFault, resolveAgent } from './resolve.ts';

const payload = z.object({ limit: z.number() });
const kinds = {
  stamp: defineKind({ name: 'sample.stamp', payload, result: z.object({}), needsInternet: 'stamping' }),
};
class StampHandler {
  async handle() {
    return {};
  }
}
const settings = defineSettings({
  MAX_HOURS: { schema: z.coerce.number(), default: 6, unit: 'hours', doc: 'Longest wait.', example: '6' },
  SLOTS: { schema: wholeNumber(1, 1_000), default: 4, doc: 'Jobs at once.', example: '4' },
  ZONE: { schema: z.string(), default: 'America/Tijuana', doc: 'Zone of the shop.', example: 'America/Tijuana' },
});
const agent = defineAgent({
  name: 'sample',
  version: '1.2.3',
  settings,
  kinds,
  handlers: {
    stamp: {
      use: StampHandler,
      retry: { first: '1m', ceiling: setting('MAX_HOURS'), attempts: 'unlimited' },
      concurrency: setting('SLOTS'),
      timeout: '45s',
      rate: { starts: 10, per: '1m' },
    },
  },
  schedules: [
    {
      name: 'nightly',
      cron: '5 3 * * *',
      zone: setting('ZONE'),
      run: 'stamp',
      payload: { limit: 1 },
      missed: { all: 3 },
    },
    { name: 'often', every: '2m', run: 'stamp', payload: { limit: 2 }, maxLate: '1h' },
  ],
  subscriptions: {},
});
const values = { MAX_HOURS: 6, SLOTS: 4, ZONE: 'America/Tijuana' };

/** The declaration with one part replaced, as no compiler would let it pass. */
const spoilt = (change: object) => ({ ...agent, ...change }) as Agent;
const stamp = agent.handlers['stamp'];

describe('a declaration with its settings', () => {
  it('comes out in milliseconds and numbers', () => {
    const [worked] = resolveAgent(agent, values).kinds;
    expect(worked).toMatchObject({
      concurrency: 4,
      timeoutMs: 45_000,
      retry: { firstMs: 60_000, factor: 2, ceilingMs: 6 * 3_600_000, attempts: null },
      rate: { count: 10, perMs: 60_000 },
    });
  });

  it('tells the ledger its schedules under the name of the agent', () => {
    expect(resolveAgent(agent, values).declaration).toMatchObject({
      agent: 'sample',
      version: '1.2.3',
      schedules: [
        {
          name: 'sample.nightly',
          cron: '5 3 * * *',
          zone: 'America/Tijuana',
          catchUp: { all: 3 },
          payload: { limit: 1 },
        },
        { name: 'sample.often', everyMs: 120_000, catchUp: 'one', maxLateMs: 3_600_000 },
      ],
    });
  });

  it('retries work inside the house soon and for a while, unless told otherwise', () => {
    const { kinds: resolved } = resolveAgent(spoilt({ handlers: { stamp: { ...stamp, retry: undefined } } }), values);
    expect(resolved[0]?.retry).toEqual({ firstMs: 1_000, factor: 2, ceilingMs: 60_000, jitter: 0.2, attempts: 20 });
  });

  it.each([
    [
      'a kind of another agent',
      { kinds: { stamp: { ...kinds.stamp, name: 'other.stamp' } } },
      values,
      /own kinds only/,
    ],
    ['a kind without a handler', { handlers: {} }, values, /has no handler/],
    ['a handler without a kind', { handlers: { stamp, extra: stamp } }, values, /"extra" has no kind/],
    ['more slots than a claim can fill', {}, { ...values, SLOTS: 101 }, /from 1 to 100/],
    ['a setting that nobody read', {}, { ZONE: 'UTC', SLOTS: 4 }, /no setting MAX_HOURS/],
    ['a duration that is none', {}, { ...values, MAX_HOURS: 0 }, /MAX_HOURS is used as a duration/],
    [
      'a schedule with a payload that its kind does not take',
      { schedules: [{ name: 'x', every: '1m', run: 'stamp', payload: {} }] },
      values,
      /does not fit sample.stamp/,
    ],
    [
      'a schedule of no kind',
      { schedules: [{ name: 'x', every: '1m', run: 'print', payload: {} }] },
      values,
      /no kind under "print"/,
    ],
  ])('is refused with a sentence for %s', (_what, change, given, sentence) => {
    expect(() => resolveAgent(spoilt(change), given)).toThrow(sentence);
    expect(() => resolveAgent(spoilt(change), given)).toThrow(DeclarationFault);
  });
});
