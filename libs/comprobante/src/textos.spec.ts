import { describe, expect, it } from '@jest/globals';
import { collapse, isXmlText, lengthOf } from './textos.ts';

describe('texts of a comprobante', () => {
  it('collapses tab, line feed, carriage return and space, and trims them', () => {
    expect(collapse('\t a \r\n\n b  ')).toBe('a b');
    expect(collapse('   ')).toBe('');
    expect(collapse('')).toBe('');
    expect(collapse(' ')).toBe('');
  });

  it('leaves the no-break space and other exotic spaces alone', () => {
    expect(collapse('\u00A0a\u2003b\u0085')).toBe('\u00A0a\u2003b\u0085');
  });

  it('counts characters, not halves of them', () => {
    expect(lengthOf('añ😀')).toBe(3);
  });

  it('takes what XML takes', () => {
    expect(isXmlText('Café 😀 \u0085\t\n')).toBe(true);
    expect(['\u0000', '\u001F', '\uD83D', '\uFFFE'].filter(isXmlText)).toEqual([]);
  });
});
