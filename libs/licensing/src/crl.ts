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
 * @param license the verified one: a list of its key below the number that it asks for is not taken
 * @returns `same` when there is nothing to do
 * @throws {Refused} `left series`, `from the future`, `other series`, `lower number`, `same number, other bytes` (an alarm)
 */
export function takeCrl(
  candidate: Verified<Crl>,
  present: Verified<Crl> | null,
  left: ReadonlySet<string>,
  time: Date,
  license: Verified<License> | null = null,
): 'taken' | 'same' {
  if (left.has(candidate.content.series)) throw refused('left series', candidate, present);
  if (present !== null && isSame(candidate, present)) return 'same';
  if (present !== null) demandFollows(candidate, present, time);
  if (candidate.content.issuedAt.getTime() > time.getTime() + FUTURE_TOLERANCE) {
    throw refused('from the future', candidate, present);
  }
  if (isBelow(candidate, license)) throw refused('lower number', candidate, null, license);
  return 'taken';
}

function demandFollows(candidate: Verified<Crl>, present: Verified<Crl>, time: Date): void {
  const { series, number, issuedAt } = candidate.content;
  if (series !== present.content.series) {
    const isAhead = present.content.issuedAt.getTime() > time.getTime() + FUTURE_TOLERANCE;
    const isRotation = candidate.kid !== present.kid && (isAhead || issuedAt >= present.content.issuedAt);
    if (!isRotation) throw refused('other series', candidate, present);
    return;
  }
  if (number < present.content.number) throw refused('lower number', candidate, present);
  if (number > present.content.number || candidate.sha256 === present.sha256) return;
  throw refused('same number, other bytes', candidate, present);
}

type Cause = 'left series' | 'from the future' | 'other series' | 'lower number' | 'same number, other bytes';

const WHY: Readonly<Record<Cause, Sentence>> = {
  'left series': { es: 'es de una serie que ya terminó', en: 'is of a series that has ended' },
  'from the future': {
    es: 'dice haberse emitido en el futuro: revise el reloj del equipo',
    en: 'says it was issued in the future: check the clock of the machine',
  },
  'other series': { es: 'es de otra serie sin cambio de clave', en: 'is of another series without a change of key' },
  'lower number': {
    es: 'es anterior a la que ya se tiene',
    en: 'is older than the present one',
  },
  'same number, other bytes': {
    es: 'tiene el mismo número que la presente y otro contenido: avise a su proveedor',
    en: 'has the number of the present one and other content: tell the vendor',
  },
};

function refused(
  cause: Cause,
  candidate: Verified<Crl>,
  present: Verified<Crl> | null,
  license: Verified<License> | null = null,
): Refused {
  const name = ({ content }: Verified<Crl>): string => `${content.series}/${String(content.number)}`;
  const own = present === null ? '' : ` (${name(present)})`;
  const why = license === null ? WHY[cause] : belowOf(license);
  const sentence = {
    es: `La lista de revocación ${name(candidate)} ${why.es}${own}.`,
    en: `The revocation list ${name(candidate)} ${why.en}${own}.`,
  };
  return new Refused(cause, sentence, cause === 'same number, other bytes');
}

function belowOf({ content: { minCrl } }: Verified<License>): Sentence {
  return {
    es: `es anterior a la que pide la licencia (${String(minCrl)})`,
    en: `is older than the licence asks for (${String(minCrl)})`,
  };
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
  const due = crl.content.nextUpdate.getTime();
  const asked = license !== null && isBelow(crl, license) ? license.content.issuedAt.getTime() : Infinity;
  const staleFrom = Math.min(due, asked);
  return {
    stale: time.getTime() >= staleFrom,
    staleFrom: new Date(staleFrom),
    notRenewedFrom: new Date(staleFrom + STALE_DAYS * DAY),
  };
}

/** Numbers compare only under one key: another key counts anew. */
function isBelow(crl: Verified<Crl>, license: Verified<License> | null): boolean {
  return license !== null && license.kid === crl.kid && crl.content.number < license.content.minCrl;
}

/** What the list says of a licence; revoked weighs more than suspended. */
export function listedAs(crl: Verified<Crl> | null, licenseId: string): 'revoked' | 'suspended' | null {
  if (crl?.content.revoked.includes(licenseId)) return 'revoked';
  return crl?.content.suspended.includes(licenseId) ? 'suspended' : null;
}
