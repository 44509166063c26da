import { expect, it } from '@jest/globals';
import { parseOffset } from './house-clock.ts';

it.each([
  ['+73h', 262_800],
  ['-2h', -7_200],
  ['+30m', 1_800],
  ['-90s', -90],
  ['+1d', 86_400],
  ['reset', 0],
])('the house clock takes %s as %d seconds', (word, seconds) => {
  expect(parseOffset(word)).toBe(seconds);
});

it.each(['73h', '+h', '+1w', '+1.5h', '', 'tomorrow'])('the house clock refuses "%s"', (word) => {
  expect(parseOffset(word)).toBeNull();
});
