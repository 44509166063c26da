import { BadInput } from '@nexora/sandbox-kit';

/** Which requests a misbehaviour meets: renewals (over the line and by phone), the revocation list, everything. */
export type Target = 'renew' | 'crl' | 'all';

/** Kinds without a value that any request can meet; docs say what each does. */
const plain = [
  'html',
  'redirect',
  'drop',
  'truncated',
  'huge',
  'text-type',
  'bad-json',
  'duplicate-key',
  'wrong-signature',
  'wrong-type',
  'unknown-key',
] as const;

/** Kinds without a value that only renewals can meet. */
const ofRenewals = [
  'drop-after',
  'wrong-nonce',
  'wrong-id',
  'unsigned-refusal',
  'no-license',
  'expired',
  'future',
  'older',
  'wrong-license-signature',
] as const;

/** Kinds without a value that only the revocation list can meet. */
const ofCrl = ['older', 'same-number', 'freeze'] as const;

type Plain = (typeof plain)[number] | (typeof ofRenewals)[number] | (typeof ofCrl)[number];

/** One thing that the portal does wrong. */
export type Part = { readonly target: Target } & (
  | { readonly kind: Plain }
  | { readonly kind: 'delay' | 'drip'; readonly milliseconds: number }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'clock'; readonly seconds: number }
  | { readonly kind: 'signed-refusal'; readonly code: string }
);

/** One step of a sequence: its parts act together. */
export interface Step {
  readonly word: string;
  /** How many requests it still meets; null: until it is taken back. */
  readonly remaining: number | null;
}

/** Names that read better than the rule gives. */
const aliases: Readonly<Record<string, string>> = {
  'html-all': 'all-html',
  'older-crl': 'crl-older',
  'same-number-crl': 'crl-same-number',
};

const usage = `one of 400 to 599, delay:<ms> drip:<ms> ${plain.join(' ')} (with crl- before it for the revocation list, \
all- for everything), ${ofRenewals.join(' ')} signed-refusal:<code> clock:<seconds>, older-crl same-number-crl crl-freeze, html-all, \
none; several at once joined by +, several in turn by commas`;

function unknown(word: string): BadInput {
  return new BadInput(`'${word}' is no misbehaviour of the portal: ${usage}`);
}

function targetIn(name: string): { target: Target; rest: string } {
  if (name.startsWith('crl-')) return { target: 'crl', rest: name.slice('crl-'.length) };
  if (name.startsWith('all-')) return { target: 'all', rest: name.slice('all-'.length) };
  return { target: 'renew', rest: name };
}

function kindsFor(target: Target): readonly Plain[] {
  if (target === 'renew') return [...plain, ...ofRenewals];
  return target === 'crl' ? [...plain, ...ofCrl] : plain;
}

function partIn(word: string): Part {
  const { target, rest } = targetIn(aliases[word] ?? word);
  const [name, value = ''] = rest.split(/:(.*)/s);
  if ((name === 'delay' || name === 'drip') && /^\d{1,7}$/.test(value)) {
    return { target, kind: name, milliseconds: Number(value) };
  }
  if (name === 'signed-refusal' && target === 'renew' && /^[a-z][a-z-]{0,39}$/.test(value)) {
    return { target, kind: name, code: value };
  }
  if (name === 'clock' && target === 'renew' && /^[+-]?\d{1,10}$/.test(value)) {
    return { target, kind: name, seconds: Number(value) };
  }
  if (/^[45]\d\d$/.test(rest)) return { target, kind: 'status', status: Number(rest) };
  const kind = kindsFor(target).find((known) => known === rest);
  if (kind === undefined) throw unknown(word);
  return { target, kind };
}

/** The parts of a step. Errors: BadInput listing the words. */
export function partsOf(step: string): Part[] {
  return step.split('+').map(partIn);
}

/**
 * Reads what was asked for: `none` is no step; one step stays until it is taken back, or meets `times` requests; of
 * several, separated by commas, each meets `times` requests, one unless told. Errors: BadInput.
 */
export function stepsIn(words: string, times: number | null): Step[] {
  if (words === 'none') return [];
  const steps = words.split(',');
  for (const step of steps) partsOf(step);
  return steps.map((word) => ({ word, remaining: steps.length > 1 ? (times ?? 1) : times }));
}

/** The time that the portal believes it to be under these parts. */
export function shownTime(now: Date, parts: readonly Part[]): Date {
  const wrong = parts.find((part) => part.kind === 'clock');
  return wrong === undefined ? now : new Date(now.getTime() + wrong.seconds * 1000);
}

/** The parts of a step that a request of this kind meets. */
export function partsFor(step: Step, kind: 'renew' | 'crl' | 'other'): Part[] {
  return partsOf(step.word).filter(({ target }) => target === kind || target === 'all');
}
