import { expect, it } from '@jest/globals';
import { dependenciesOf, dependenciesOfAll } from './dependencies.ts';

const up = { name: 'storage', status: 'up' };
const down = { name: 'storage', status: 'down', detail: 'full' };
const process = (state: 'live' | 'lost' | 'silent', ...dependencies: unknown[]) => ({ state, about: { dependencies } });

it('an agent misses what any of its living processes misses', () => {
  expect(dependenciesOfAll([process('live', up), process('live', down), process('live', up)])).toEqual([down]);
});

it('what lost and silent processes said last says nothing about the agent', () => {
  expect(dependenciesOfAll([process('lost', down), process('silent', down), process('live', up)])).toEqual([up]);
});

it.each([null, {}, { dependencies: 'none' }, { dependencies: [{ name: 1 }] }])(
  'a process that told nothing readable (%j) has no dependencies',
  (about) => {
    expect(dependenciesOf({ about })).toEqual([]);
  },
);
