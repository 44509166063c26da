import { BadInput } from '@nexora/sandbox-kit';

/** Words without a value; docs say what each does. */
const plain = [
  'drop-before',
  'drop-after',
  '500',
  '429',
  'html',
  'cut',
  'empty-307',
  'wrong-sello',
  'no-stamps',
] as const;

/** What the PAC does instead of working well. */
export type Misbehaviour =
  | { readonly kind: (typeof plain)[number] }
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** Stamps as it should, but finds no timbre that is younger than this. */
  | { readonly kind: 'lag'; readonly milliseconds: number }
  | { readonly kind: 'clock'; readonly seconds: number }
  /** Refuses with any code of the PAC's: for classes of errors that no document can provoke (304, 708, AU2003 …). */
  | { readonly kind: 'code'; readonly code: string };

const usage = `one of delay:<ms> lag:<ms> ${plain.join(' ')} clock:<seconds> code:<CODE> none`;

function numberIn(word: string, value: string, pattern: RegExp): number {
  if (!pattern.test(value)) throw new BadInput(`'${word}' is no misbehaviour of the PAC: ${usage}`);
  return Number(value);
}

/** Reads a word of the command line; `none` is null. Errors: BadInput listing the words. */
export function parseMisbehaviour(word: string): Misbehaviour | null {
  if (word === 'none') return null;
  const [name, value = ''] = word.split(/:(.*)/s);
  if (name === 'delay' || name === 'lag') return { kind: name, milliseconds: numberIn(word, value, /^\d{1,7}$/) };
  if (name === 'clock') return { kind: 'clock', seconds: numberIn(word, value, /^[+-]?\d{1,9}$/) };
  if (name === 'code' && /^[A-Z0-9]{2,12}$/.test(value)) return { kind: 'code', code: value };
  const kind = plain.find((known) => known === word);
  if (kind === undefined) throw new BadInput(`'${word}' is no misbehaviour of the PAC: ${usage}`);
  return { kind };
}
