import type { Crl, License, Verified } from './documents.ts';
import { Refused, type Sentence } from './refused.ts';
import { FUTURE_TOLERANCE, isSame } from './taking.ts';

const DAY = 86_400_000;

/** How long a list may be past its next update before it counts as "not renewed". */
const STALE_DAYS = 14;

/**
 * Decides whether a list takes the place of the present one.
 *
 * Within a series only a higher number does. A new series is begun by a new key, not before the present list was issued (unless
 * that one is dated ahead: a wrong clock of the vendor would put a rotation off for as long); a series that was left never comes
 * back, so a list of before the rotation cannot be replayed.
 *
 * @param present the list that the house has, if it still verifies
 * @param left series that the house has had and left
 * @param time what the house takes for the time
 * @returns `same` when there is nothing to do
 * @throws {Refused} `left series`, `other series`, `lower number`, `same number, other bytes` (an alarm)
 */
export function takeCrl(
  candidate: Verified<Crl>,
  present: Verified<Crl> | null,
  left: ReadonlySet<string>,
  time: Date,
): 'taken' | 'same' {
  const { series, number, issuedAt } = candidate.content;
  if (left.has(series)) throw refused('left series', candidate, present);
  if (present === null) return 'taken';
  if (series !== present.content.series) {
    const isAhead = present.content.issuedAt.getTime() > time.getTime() + FUTURE_TOLERANCE;
    const isRotation = candidate.kid !== present.kid && (isAhead || issuedAt >= present.content.issuedAt);
    if (!isRotation) throw refused('other series', candidate, present);
    return 'taken';
  }
  if (number < present.content.number) throw refused('lower number', candidate, present);
  if (number > present.content.number) return 'taken';
  if (candidate.sha256 === present.sha256) return isSame(candidate, present) ? 'same' : 'taken';
  throw refused('same number, other bytes', candidate, present);
}

type Cause = 'left series' | 'other series' | 'lower number' | 'same number, other bytes';

const WHY: Readonly<Record<Cause, Sentence>> = {
  'left series': { es: 'es de una serie que ya terminó', en: 'is of a series that has ended' },
  'other series': { es: 'es de otra serie sin cambio de clave', en: 'is of another series without a change of key' },
  'lower number': { es: 'es anterior a la que ya se tiene', en: 'is older than the present one' },
  'same number, other bytes': {
    es: 'tiene el mismo número que la presente y otro contenido: avise a su proveedor',
    en: 'has the number of the present one and other content: tell the vendor',
  },
};

function refused(cause: Cause, candidate: Verified<Crl>, present: Verified<Crl> | null): Refused {
  const name = ({ content }: Verified<Crl>): string => `${content.series}/${String(content.number)}`;
  const own = present === null ? '' : ` (${name(present)})`;
  const sentence = {
    es: `La lista de revocación ${name(candidate)} ${WHY[cause].es}${own}.`,
    en: `The revocation list ${name(candidate)} ${WHY[cause].en}${own}.`,
  };
  return new Refused(cause, sentence, cause === 'same number, other bytes');
}

/** How good the list still is. */
export interface CrlStanding {
  /** Past its next update, or below the number that the licence asks for: worth a warning, and fetching at once. */
  stale: boolean;
  /** From when; null = never by time alone. */
  staleFrom: Date | null;
  /** From when it counts as "not renewed"; null for a house that never had a list: then it has no effect on the mode. */
  notRenewedFrom: Date | null;
}

/**
 * Judges the age of the list. `minCrl` of the licence compares only with a list of the same key: another key counts anew.
 * Without any list the number is 0, nothing is revoked and the mode is not touched; a licence that asks for more gives a warning.
 */
export function crlStanding(crl: Verified<Crl> | null, license: Verified<License> | null, time: Date): CrlStanding {
  if (crl === null) return { stale: (license?.content.minCrl ?? 0) > 0, staleFrom: null, notRenewedFrom: null };
  const isBelow = license !== null && license.kid === crl.kid && license.content.minCrl > crl.content.number;
  const due = crl.content.nextUpdate.getTime();
  const staleFrom = isBelow ? Math.min(due, license.content.issuedAt.getTime()) : due;
  return {
    stale: time.getTime() >= staleFrom,
    staleFrom: new Date(staleFrom),
    notRenewedFrom: new Date(staleFrom + STALE_DAYS * DAY),
  };
}

/** What the list says of a licence; revoked weighs more than suspended. */
export function listedAs(crl: Verified<Crl> | null, licenseId: string): 'revoked' | 'suspended' | null {
  if (crl?.content.revoked.includes(licenseId)) return 'revoked';
  return crl?.content.suspended.includes(licenseId) ? 'suspended' : null;
}
