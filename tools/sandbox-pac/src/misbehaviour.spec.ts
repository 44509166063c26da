import { describe, expect, it } from '@jest/globals';
import { parseMisbehaviour } from './misbehaviour.ts';

describe('words of misbehaviour', () => {
  it('are those that the command line promises', () => {
    const words = 'drop-before drop-after 500 429 html cut empty-307 wrong-sello no-stamps'.split(' ');
    expect(words.map((word) => parseMisbehaviour(word)?.kind)).toEqual(words);
    expect(parseMisbehaviour('none')).toBeNull();
    expect(parseMisbehaviour('delay:250')).toEqual({ kind: 'delay', milliseconds: 250 });
    expect(parseMisbehaviour('lag:8000')).toEqual({ kind: 'lag', milliseconds: 8000 });
    expect(parseMisbehaviour('clock:-600')).toEqual({ kind: 'clock', seconds: -600 });
    expect(parseMisbehaviour('code:AU2003')).toEqual({ kind: 'code', code: 'AU2003' });
  });

  it('that nobody knows are refused with the list of those that are known', () => {
    for (const word of ['', 'delay', 'delay:', 'delay:1.5', 'delay:-1', 'clock:x', 'code:', 'Cut', '404', 'drop']) {
      expect(() => parseMisbehaviour(word)).toThrow(/delay:<ms> lag:<ms> drop-before .* clock:<seconds>/);
    }
  });
});
