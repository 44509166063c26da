import { expect, it } from '@jest/globals';
import { Later } from '@nexora/agent';
import type { NotRenewed } from '../outcome.ts';
import { fateOf } from './renew.handler.ts';

const missed = (parts: Partial<NotRenewed>): NotRenewed => ({
  why: 'why',
  es: 'por qué',
  word: 'status',
  again: true,
  isLineAway: false,
  ...parts,
});

it.each<[string, Partial<NotRenewed>, unknown]>([
  ['without a line: the sync agent is asked to look, no attempt is burnt', { isLineAway: true }, 'internet'],
  ['a page that wants somebody to sign in: no attempt is burnt', { word: 'captive', isLineAway: true }, '1m'],
  ['another process is asking: no attempt is burnt', { word: 'busy' }, '30s'],
])('%s', (_, parts, when) => {
  expect(fateOf(missed(parts), 'portal.example')).toMatchObject({ when });
});

it('a portal that errs is asked again by the policy', () => {
  const fate = fateOf(missed({}), 'portal.example');
  expect(fate).not.toBeInstanceOf(Later);
  expect(fate.message).toBe('why');
});
