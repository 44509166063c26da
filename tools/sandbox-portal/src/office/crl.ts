import type { Book, CrlPayload, KeyRecord, LicenseRecord } from './records.ts';

const day = 86_400_000;
/** Days until a list should have been followed by another one. */
const crlDays = 7;
/** A list half of whose life is over is followed by the next, so that who fetches one has days with it. */
const freshFor = (crlDays * day) / 2;

function idsOf(licenses: readonly LicenseRecord[], status: LicenseRecord['status']): string[] {
  return licenses.filter((record) => record.status === status).map((record) => record.license.id);
}

/** The list that follows in the series of the present one, unsigned. */
export function nextCrl(book: Pick<Book, 'licenses'>, after: CrlPayload, now: Date): CrlPayload {
  return {
    series: after.series,
    number: after.number + 1,
    issuedAt: now.toISOString(),
    nextUpdate: new Date(now.getTime() + crlDays * day).toISOString(),
    revoked: idsOf(book.licenses, 'revoked'),
    suspended: idsOf(book.licenses, 'suspended'),
  };
}

/** The first list under a key, unsigned: a series of its own. */
export function firstCrl(book: Pick<Book, 'licenses'>, key: KeyRecord, now: Date): CrlPayload {
  const before = { series: key.kid, number: 0, issuedAt: '', nextUpdate: '', revoked: [], suspended: [] };
  return nextCrl(book, before, now);
}

/** Whether it is time for the next list; also when the clock was moved to before this one was issued. */
export function isCrlDue({ issuedAt }: CrlPayload, now: Date): boolean {
  const age = now.getTime() - Date.parse(issuedAt);
  return age < 0 || age >= freshFor;
}
