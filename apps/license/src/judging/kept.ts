import { z } from 'zod';
import {
  higherMark,
  openCrl,
  openLicense,
  openReply,
  parseMark,
  readTime,
  Refused,
  takeCrl,
  takeLicense,
  type Crl,
  type Envelope,
  type Keyring,
  type License,
  type Reading,
  type Reply,
  type TimeMark,
  type Verified,
} from '@nexora/licensing';

/** A signed "no" of the portal, with what it answered: so that it can be verified again. */
export interface KeptRefusal {
  readonly envelope: Envelope;
  readonly nonce: string;
  readonly licenseId: string;
  /** How often the time had been set right when it came: a question of ours that was made later knows at least as many. */
  readonly setRight?: number | undefined;
}

/** What outlives a restart, kept in Postgres and in a file. Envelopes as they came; they are verified each time. */
export interface Kept {
  readonly document: Envelope | null;
  readonly crl: Envelope | null;
  /** Series of revocation lists that were left; they never come back. */
  readonly leftSeries: readonly string[];
  readonly mark: TimeMark | null;
  readonly refusal: KeptRefusal | null;
  /** Since when the machine is another one than that of the licence. */
  readonly machineChangedAt: Date | null;
  /** When the owner last rebound the licence. */
  readonly reboundAt: Date | null;
  /** Made at the first start. */
  readonly installationId: string | null;
}

/** A house that has just been set up. */
export const NOTHING_KEPT: Kept = {
  document: null,
  crl: null,
  leftSeries: [],
  mark: null,
  refusal: null,
  machineChangedAt: null,
  reboundAt: null,
  installationId: null,
};

const envelope = z.object({ payload: z.string(), signature: z.string(), kid: z.string() });
const moment = z.coerce.date().nullable();

// Part by part: one that somebody has spoilt is as if it were lost, and the other place may still have it.
const keptSchema = z.object({
  document: envelope.nullable().catch(null),
  crl: envelope.nullable().catch(null),
  leftSeries: z.array(z.string()).catch([]),
  mark: z.unknown().transform(parseMark),
  refusal: z
    .object({ envelope, nonce: z.string(), licenseId: z.string(), setRight: z.int().optional().catch(undefined) })
    .nullable()
    .catch(null),
  machineChangedAt: moment.catch(null),
  reboundAt: moment.catch(null),
  installationId: z.string().min(1).max(200).nullable().catch(null),
});

/** What a row or a file holds; undefined when it is nothing of ours. */
export function keptOf(value: unknown): Kept | undefined {
  return keptSchema.safeParse(value).data;
}

/** What a text holds that `keptText` wrote; undefined when it is no such text. */
export function keptIn(text: string): Kept | undefined {
  try {
    return keptOf(JSON.parse(text));
  } catch {
    return undefined; // no JSON
  }
}

/** The text for the file outside Postgres. */
export function keptText(kept: Kept): string {
  return `${JSON.stringify(kept, null, 2)}\n`;
}

/**
 * The higher of what two places hold, part by part: neither a restored backup, nor an emptied table, nor a lost file turns
 * anything back. What does not verify is never higher than what does.
 */
export function higher(stored: Kept, filed: Kept, keyring: Keyring, reading: Reading): Kept {
  const mark = higherMark(stored.mark, filed.mark);
  const { time } = readTime(mark, reading);
  const leftSeries = leftSeriesOf(stored, filed, keyring);
  return {
    document: higherDocument(stored.document, filed.document, keyring, time),
    crl: higherCrl(stored.crl, filed.crl, keyring, new Set(leftSeries), time),
    leftSeries,
    mark,
    refusal: higherRefusal(stored, filed),
    machineChangedAt: earlier(stored.machineChangedAt, filed.machineChangedAt),
    reboundAt: later(stored.reboundAt, filed.reboundAt),
    // The file belongs to this machine; a database may have come from another.
    installationId: filed.installationId ?? stored.installationId,
  };
}

function higherDocument(
  stored: Envelope | null,
  filed: Envelope | null,
  keyring: Keyring,
  time: Date,
): Envelope | null {
  if (stored === null || filed === null || isSame(stored, filed)) return stored ?? filed;
  const candidate = verifiedOr(() => openLicense(filed, keyring));
  if (candidate === undefined) return stored;
  const present = verifiedOr(() => openLicense(stored, keyring));
  if (present === undefined) return filed;
  return isHigher(candidate, present, time) ? filed : stored;
}

/** How far a document may be dated ahead of the time and still tell when it was issued, as when it is taken. */
const AHEAD_MS = 300_000;

/** Issued later, or not ahead of the time as the other is, and good by the rules of a renewed one; or of two that have ended, the one that ended later. */
function isHigher(candidate: Verified<License>, present: Verified<License>, time: Date): boolean {
  const isDatedAhead = present.content.issuedAt.getTime() > time.getTime() + AHEAD_MS;
  if (candidate.content.issuedAt <= present.content.issuedAt && !isDatedAhead) return false;
  try {
    return takeLicense(candidate, present, time) === 'taken';
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return hasEnded.has(error.reason) && endOf(candidate) > endOf(present);
  }
}

const hasEnded: ReadonlySet<string> = new Set(['file expired', 'contract ended']);

function endOf({ content: { validUntil, paidUntil } }: Verified<License>): number {
  return Math.min(validUntil.getTime(), paidUntil.getTime());
}

/**
 * Series that were left. The file's word counts when the file has a list to show for it, of another series and not older than
 * the row's: nobody strikes a list that revokes by a word alone.
 */
function leftSeriesOf(stored: Kept, filed: Kept, keyring: Keyring): string[] {
  const [row, file] = [stored, filed].map(({ crl }) => crl && verifiedOr(() => openCrl(crl, keyring)));
  const own = stored.leftSeries.filter((series) => series !== row?.content.series);
  const isShown = file && (!row || file.content.issuedAt >= row.content.issuedAt);
  const others = isShown ? filed.leftSeries.filter((series) => series !== file.content.series) : [];
  return [...new Set([...own, ...others])].sort();
}

function higherCrl(
  stored: Envelope | null,
  filed: Envelope | null,
  keyring: Keyring,
  left: ReadonlySet<string>,
  time: Date,
): Envelope | null {
  if (stored === null || filed === null || isSame(stored, filed)) return stored ?? filed;
  const candidate = verifiedOr(() => openCrl(filed, keyring));
  if (candidate === undefined || left.has(candidate.content.series)) return stored;
  const present = verifiedOr(() => openCrl(stored, keyring));
  if (present === undefined || left.has(present.content.series)) return filed;
  return verifiedOr(() => takeCrl(candidate, present, left, time)) === 'taken' ? filed : stored;
}

/** The refusal of the side that has met the later fresh reply, which may have taken it back. */
function higherRefusal(stored: Kept, filed: Kept): KeptRefusal | null {
  const [a, b] = [stored.mark?.setRight ?? 0, filed.mark?.setRight ?? 0];
  if (a !== b) return (a > b ? stored : filed).refusal;
  return stored.refusal ?? filed.refusal;
}

/** True for the very same envelope, its key included. */
export function isSame(a: Envelope | null, b: Envelope | null): boolean {
  return a?.payload === b?.payload && a?.signature === b?.signature && a?.kid === b?.kid;
}

function earlier(a: Date | null, b: Date | null): Date | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}

function later(a: Date | null, b: Date | null): Date | null {
  if (a === null || b === null) return a ?? b;
  return a > b ? a : b;
}

/** What the call answers, undefined when it refuses. */
function verifiedOr<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

/** The list that was kept, if it verifies and its series was not left. */
export function openKeptCrl(kept: Kept, keyring: Keyring): Verified<Crl> | null {
  const { crl } = kept;
  if (crl === null) return null;
  const opened = verifiedOr(() => openCrl(crl, keyring));
  return opened === undefined || kept.leftSeries.includes(opened.content.series) ? null : opened;
}

/** The refusal that was kept, if it verifies. */
export function openKeptRefusal({ refusal }: Kept, keyring: Keyring): Reply | null {
  if (refusal === null) return null;
  const asked = new Map([[refusal.nonce, refusal.licenseId]]);
  return verifiedOr(() => openReply(refusal.envelope, keyring, asked))?.content ?? null;
}

/** What a kept refusal says and of which licence, as one text: the portal dates and signs the same word anew each time. */
export function wordOf(refusal: KeptRefusal | null): string {
  if (refusal === null) return '';
  const { payload } = refusal.envelope;
  return JSON.stringify([refusal.licenseId, saidIn(Buffer.from(payload, 'base64').toString('utf8')) ?? payload]);
}

const saying = z.object({ refusal: z.object({ code: z.string(), message: z.string() }) });

function saidIn(text: string): z.infer<typeof saying>['refusal'] | undefined {
  try {
    return saying.safeParse(JSON.parse(text)).data?.refusal;
  } catch {
    return undefined; // no JSON
  }
}
