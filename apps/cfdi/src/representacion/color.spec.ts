import { expect, it } from '@jest/globals';
import { legible, rgb, sobre } from './color.ts';

it.each([
  ['#1f4e79', '#ffffff'],
  ['#000000', '#ffffff'],
  ['#ffd500', '#1a1a1a'],
  ['#ffffff', '#1a1a1a'],
])('on %s text is %s', (color, text) => {
  expect(sobre(color)).toBe(text);
});

it('a colour that does not read on white paper is darkened, any other stays', () => {
  expect(legible('#1f4e79')).toBe('#1f4e79');
  expect(legible('#ffd500')).toMatch(/^#[0-9a-f]{6}$/);
  expect(Number.parseInt(legible('#ffffff').slice(1, 3), 16)).toBeLessThan(0x80);
});

it('a colour is written as parts of one', () => {
  expect(rgb('#ff8000')).toBe('1 0.502 0');
});
