import { describe, expect, it } from '@jest/globals';
import { BadInput } from '@nexora/sandbox-kit';
import { partsFor, partsOf, stepsIn } from './misbehaviour.ts';

describe('the words of a misbehaviour', () => {
  it('say what it meets: renewals, with crl- the revocation list, with all- everything', () => {
    expect(partsOf('500')).toEqual([{ target: 'renew', kind: 'status', status: 500 }]);
    expect(partsOf('crl-delay:20')).toEqual([{ target: 'crl', kind: 'delay', milliseconds: 20 }]);
    expect(partsOf('all-drip:5')).toEqual([{ target: 'all', kind: 'drip', milliseconds: 5 }]);
    expect(partsOf('html-all')).toEqual([{ target: 'all', kind: 'html' }]);
    expect(partsOf('older-crl')).toEqual([{ target: 'crl', kind: 'older' }]);
    expect(partsOf('same-number-crl')).toEqual([{ target: 'crl', kind: 'same-number' }]);
    expect(partsOf('clock:-60')).toEqual([{ target: 'renew', kind: 'clock', seconds: -60 }]);
    expect(partsOf('older')).toEqual([{ target: 'renew', kind: 'older' }]);
    expect(partsOf('signed-refusal:unpaid')).toEqual([{ target: 'renew', kind: 'signed-refusal', code: 'unpaid' }]);
  });

  it('joined by + act together, and each request meets its own', () => {
    const [step] = stepsIn('delay:5+wrong-signature+crl-500+all-drip:1', 3);
    expect(step).toEqual({ word: 'delay:5+wrong-signature+crl-500+all-drip:1', remaining: 3 });
    expect(partsFor(step!, 'renew').map(({ kind }) => kind)).toEqual(['delay', 'wrong-signature', 'drip']);
    expect(partsFor(step!, 'crl').map(({ kind }) => kind)).toEqual(['status', 'drip']);
    expect(partsFor(step!, 'other').map(({ kind }) => kind)).toEqual(['drip']);
  });

  it('alone stays until it is taken back, or meets as many requests as asked', () => {
    expect(stepsIn('500', null)).toEqual([{ word: '500', remaining: null }]);
    expect(stepsIn('500', 2)).toEqual([{ word: '500', remaining: 2 }]);
    expect(stepsIn('none', 2)).toEqual([]);
  });

  it('separated by commas come in turn, one request each unless told', () => {
    expect(stepsIn('500,html', null)).toEqual([
      { word: '500', remaining: 1 },
      { word: 'html', remaining: 1 },
    ]);
    expect(stepsIn('500,html', 4).map(({ remaining }) => remaining)).toEqual([4, 4]);
  });

  it.each([
    'slow',
    '',
    '200',
    '600',
    'delay',
    'delay:',
    'delay:-1',
    'delay:12345678',
    'crl-wrong-nonce',
    'crl-signed-refusal:unpaid',
    'clock:soon',
    'crl-clock:5',
    'all-older',
    'freeze',
    'signed-refusal',
    'signed-refusal:UNPAID',
    '500,',
    '500,none',
    'none,500',
    '500+nonsense',
  ])('that are none are refused with the list of those there are: %s', (word) => {
    expect(() => stepsIn(word, null)).toThrow(BadInput);
    expect(() => stepsIn(word, null)).toThrow(/is no misbehaviour of the portal: one of .*wrong-signature.*html-all/);
  });
});
