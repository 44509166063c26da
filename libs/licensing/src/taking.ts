import { matchBinding } from './binding.ts';
import type { Binding, License, Verified } from './documents.ts';
import { Refused } from './refused.ts';

const MINUTE = 60_000;

/** How far the vendor's clock may be ahead of ours before a document counts as one of the future. */
export const FUTURE_TOLERANCE = 5 * MINUTE;

/**
 * Decides whether a licence takes the place of the present one, however it came: renewed, brought by hand, or found in the folder.
 * One whose file lasts and whose contract has ended still tells whose the shop is, and gives it its days of grace; it does not
 * end the contract of another.
 *
 * @param present the one that the house has, if it still verifies; one that does not protects nothing. Nor does one that was
 *   issued in the future: the vendor's clock was wrong then, and the documents of after must not be refused for it
 * @param time what the house takes for the time ({@link readTime})
 * @param machine what this machine is bound by: a present licence of another machine protects nothing, so that a file that was
 *   mixed up is undone by one's own
 * @returns `same` when there is nothing to do
 * @throws {Refused} `from the future`, `not valid yet`, `file expired`, `contract ended`, `older`
 */
export function takeLicense(
  candidate: Verified<License>,
  present: Verified<License> | null,
  time: Date,
  machine: Binding | null = null,
): 'taken' | 'same' {
  if (present !== null && isSame(candidate, present)) return 'same';
  const guarded = isOfAnother(present, machine) ? null : present;
  const { issuedAt, notBefore, validUntil, paidUntil } = candidate.content;
  const soon = time.getTime() + FUTURE_TOLERANCE;
  if (issuedAt.getTime() > soon) throw refused('from the future', issuedAt, time);
  if (notBefore.getTime() > soon) throw refused('not valid yet', notBefore, time);
  if (validUntil <= time) throw refused('file expired', validUntil, time);
  const isCarriedOn = guarded !== null && guarded.content.paidUntil > time;
  if (isCarriedOn && paidUntil <= time) throw refused('contract ended', paidUntil, time);
  const protectedFrom = guarded?.content.issuedAt;
  if (protectedFrom !== undefined && protectedFrom.getTime() <= soon && issuedAt < protectedFrom) {
    throw refused('older', protectedFrom, issuedAt);
  }
  return 'taken';
}

function isOfAnother(present: Verified<License> | null, machine: Binding | null): boolean {
  const binding = present?.content.binding ?? null;
  return binding !== null && machine !== null && matchBinding(binding, machine) < 2;
}

/** Same bytes under the same key; the vendor signs what is in force once more when keys rotate, and that is to be taken. */
export function isSame(a: Verified<unknown>, b: Verified<unknown>): boolean {
  return a.sha256 === b.sha256 && a.kid === b.kid;
}

type Cause = 'from the future' | 'not valid yet' | 'file expired' | 'contract ended' | 'older';

function refused(cause: Cause, limit: Date, other: Date): Refused {
  const [a, b] = [limit.toISOString(), other.toISOString()];
  switch (cause) {
    case 'from the future':
      return new Refused(cause, {
        es: `La licencia dice haberse emitido el ${a}, y aquí son las ${b}: revise el reloj del equipo.`,
        en: `The licence says it was issued at ${a}, and here it is ${b}: check the clock of the machine.`,
      });
    case 'not valid yet':
      return new Refused(cause, {
        es: `La licencia vale a partir del ${a}; aquí son las ${b}.`,
        en: `The licence is valid from ${a}; here it is ${b}.`,
      });
    case 'file expired':
      return new Refused(cause, {
        es: `La licencia ya venció el ${a}: pida una nueva.`,
        en: `The licence expired at ${a}: ask for a new one.`,
      });
    case 'contract ended':
      return new Refused(cause, {
        es: `El contrato de esta licencia terminó el ${a}: renuévelo con su proveedor.`,
        en: `The contract of this licence ended at ${a}: renew it with the vendor.`,
      });
    case 'older':
      return new Refused(cause, {
        es: `La licencia es más antigua (${b}) que la que ya está puesta (${a}).`,
        en: `The licence is older (${b}) than the present one (${a}).`,
      });
  }
}
