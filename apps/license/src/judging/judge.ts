import {
  bindingOf,
  decide,
  identify,
  MAX_BYTES,
  openCrl,
  openLicense,
  openRenewed,
  openReply,
  raise,
  readEnvelope,
  readTime,
  Refused,
  setRight,
  takeCrl,
  takeLicense,
  unreadFacts,
  waitedSince,
  type Asked,
  type Binding,
  type Crl,
  type Decision,
  type FactName,
  type Facts,
  type Keyring,
  type License,
  type Reading,
  type Reason,
  type Reply,
  type TimeRead,
  type Verified,
} from '@nexora/licensing';
import { openKeptCrl, openKeptRefusal, type Kept, type KeptRefusal } from './kept.ts';

/** A question that a reply may answer. */
interface OpenQuestion {
  readonly licenseId: string;
  readonly asked: Asked;
}

/** Our open questions by their nonce. */
export type OpenQuestions = ReadonlyMap<string, OpenQuestion>;

/** What a judgement rests on besides what is kept. */
export interface Ground {
  readonly keyring: Keyring;
  readonly graceDays: number;
  /** The one reading of the cycle. */
  readonly reading: Reading;
  readonly facts: Facts;
}

/** What the portal gave in this cycle, not looked at yet. */
export interface Fetched {
  readonly reply?: { readonly bytes: Uint8Array; readonly questions: OpenQuestions };
  readonly crl?: Uint8Array;
}

/** A file that a person brought. */
export interface Handed {
  readonly text: string | Uint8Array;
  readonly questions: OpenQuestions;
}

/** What became of something that came. */
export type Taken = 'taken' | 'same' | Refused;

/** What came of it all: what is to be kept, and what is decided. */
export interface Judged {
  readonly kept: Kept;
  readonly read: TimeRead;
  readonly license: Verified<License> | { readonly fault: Reason };
  readonly crl: Verified<Crl> | null;
  /** The portal's "no" to the licence that is here, while it stands. */
  readonly refusal: Reply | null;
  readonly decision: Decision;
  /** What this machine is bound by. */
  readonly own: Binding;
  /** Facts of this machine that cannot be read. */
  readonly unread: readonly FactName[];
  /** A fresh reply of this cycle. */
  readonly reply: Reply | null;
  /** What became of the document, the list and the reply that came; undefined when none did. */
  readonly document: Taken | undefined;
  readonly list: Taken | undefined;
  readonly answer: Taken | undefined;
}

type Draft = {
  -readonly [K in 'kept' | 'read' | 'license' | 'crl' | 'reply' | 'document' | 'list' | 'answer']: Judged[K];
};

/** Judges what is kept, and what the portal gave: what does not pass leaves everything as it was, and is told. */
export function judge(kept: Kept, ground: Ground, fetched: Fetched = {}): Judged {
  const draft = drafted(kept, ground);
  if (fetched.reply !== undefined) {
    const { bytes, questions } = fetched.reply;
    draft.answer = outcome(() => takeReply(draft, ground, bytes, questions, false));
  }
  const { crl } = fetched;
  if (crl !== undefined) draft.list = outcome(() => takeList(draft, ground, crl));
  return decided(draft, ground);
}

/** What a person brought: a licence, a reply or a list. */
export type HandedType = 'license' | 'reply' | 'crl';

/**
 * Judges what a person brought, by the rules of what is renewed.
 * @throws Refused when it is not taken: nothing is to be kept of it then
 */
export function judgeHanded(kept: Kept, ground: Ground, handed: Handed): Judged & { readonly type: HandedType } {
  const draft = drafted(kept, ground);
  const { type, envelope } = identify(handed.text, ground.keyring);
  if (type === 'license') draft.document = takeDocument(draft, ground, openLicense(envelope, ground.keyring));
  else if (type === 'crl') draft.list = takeList(draft, ground, handed.text);
  else draft.answer = takeReply(draft, ground, handed.text, handed.questions, true);
  return { ...decided(draft, ground), type };
}

function drafted(kept: Kept, { keyring, reading }: Ground): Draft {
  const read = readTime(kept.mark, reading);
  const nothing = { reply: null, document: undefined, list: undefined, answer: undefined };
  return { kept, read, license: openKept(kept, keyring), crl: openKeptCrl(kept, keyring), ...nothing };
}

function openKept({ document }: Kept, keyring: Keyring): Judged['license'] {
  if (document === null) return { fault: keyring.size === 0 ? 'no key' : 'no license' };
  try {
    return openLicense(document, keyring);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { fault: faultOf(error.reason) };
  }
}

const FAULTS: ReadonlySet<string> = new Set<Reason>(['no key', 'unknown key', 'bad signature', 'unreadable']);

function faultOf(reason: string): Reason {
  return FAULTS.has(reason) ? (reason as Reason) : 'unreadable';
}

function outcome(take: () => 'taken' | 'same'): Taken {
  try {
    return take();
  } catch (error) {
    if (error instanceof Refused) return error;
    throw error;
  }
}

/**
 * A fresh reply tells the time before anything else is made of it.
 * @param strict a licence in it that is not taken makes the whole reply not taken
 */
function takeReply(
  draft: Draft,
  ground: Ground,
  text: string | Uint8Array,
  questions: OpenQuestions,
  strict: boolean,
): 'taken' {
  const { keyring, reading } = ground;
  // Over the line only the licence that is here is renewed: another may have been put in since it was asked about.
  const present = strict || 'fault' in draft.license ? undefined : draft.license.content.id;
  const asked = new Map([...questions].map(([nonce, { licenseId }]) => [nonce, present ?? licenseId]));
  const opened = openReply(readEnvelope(text, MAX_BYTES.reply), keyring, asked);
  const { nonce, time, licenseId, refusal } = opened.content;
  const question = questions.get(nonce);
  if (question !== undefined && (!strict || isNews(question, draft))) {
    const mark = setRight(draft.read.mark, time, reading, waitedSince(question.asked, draft.read.mark));
    draft.read = { ...draft.read, mark, time: new Date(mark.counted), ...verdictNow(reading.wall - mark.counted) };
  }
  draft.reply = opened.content;
  const isWord = !strict || question === undefined || mayReplaceRefusal(draft, keyring, opened.content, question);
  if (refusal !== null) {
    const { setRight: known } = draft.read.mark;
    if (isWord) stand(draft, { envelope: opened.envelope, nonce, licenseId, setRight: known });
    return 'taken';
  }
  if (opened.content.license === null) return 'taken'; // neither yes nor no: it told the time
  const renew = (): 'taken' | 'same' => {
    const renewed = openRenewed(opened.content, keyring);
    if (isWord && draft.kept.refusal?.licenseId === licenseId) stand(draft, null);
    return renewed === null ? 'same' : takeDocument(draft, ground, renewed);
  };
  draft.document = strict ? renew() : outcome(renew);
  return 'taken';
}

function stand(draft: Draft, refusal: KeptRefusal | null): void {
  draft.kept = { ...draft.kept, refusal };
}

/**
 * Over the line the last question has the last word, whatever time the vendor wrote: a refusal that a wrong clock dated years
 * ahead ends with the next licence. A reply that was carried by hand may be older than a refusal that came over the line: it
 * has a word when it answers a later question of ours, or was given later.
 */
function mayReplaceRefusal({ kept, license }: Draft, keyring: Keyring, reply: Reply, { asked }: OpenQuestion): boolean {
  const standing = openKeptRefusal(kept, keyring);
  const isOfThis = !('fault' in license) && standing?.licenseId === license.content.id;
  if (standing === null || kept.refusal === null || !isOfThis) return true;
  if (reply.licenseId !== standing.licenseId) return false;
  const { setRight: known } = kept.refusal;
  const isLater = known !== undefined && asked.setRight !== undefined && asked.setRight >= known;
  return isLater || reply.time >= standing.time;
}

/** An answer by hand to a question of before the last signed time says nothing of now: it may have lain in a drawer. */
function isNews({ asked }: OpenQuestion, { read: { mark } }: Draft): boolean {
  return mark.signed === null || asked.counted >= mark.signed;
}

const NOTE_MS = 300_000;
const WRONG_MS = 86_400_000;

/** The wall clock against a time that was signed a moment ago. */
function verdictNow(offMs: number): Pick<TimeRead, 'verdict' | 'offBySeconds'> {
  const offBySeconds = Math.round(offMs / 1_000);
  if (Math.abs(offMs) > WRONG_MS) return { verdict: offMs < 0 ? 'behind' : 'ahead', offBySeconds };
  return { verdict: Math.abs(offMs) > NOTE_MS ? 'note' : 'ok', offBySeconds };
}

function takeDocument(draft: Draft, { facts }: Ground, candidate: Verified<License>): 'taken' | 'same' {
  const present = 'fault' in draft.license ? null : draft.license;
  const taken = takeLicense(candidate, present, draft.read.time, bindingOf(facts));
  if (taken === 'same') return taken;
  draft.license = candidate;
  draft.kept = { ...draft.kept, document: candidate.envelope };
  const { issuedAt, validUntil } = candidate.content;
  raiseTo(draft, issuedAt, validUntil);
  return taken;
}

function takeList(draft: Draft, { keyring }: Ground, text: string | Uint8Array): 'taken' | 'same' {
  const candidate = openCrl(readEnvelope(text, MAX_BYTES.crl), keyring);
  const left = new Set(draft.kept.leftSeries);
  const present = draft.crl;
  const licensed = 'fault' in draft.license ? null : draft.license;
  const taken = takeCrl(candidate, present, left, draft.read.time, licensed);
  if (taken === 'same') return taken;
  if (present !== null && present.content.series !== candidate.content.series) left.add(present.content.series);
  draft.crl = candidate;
  draft.kept = { ...draft.kept, crl: candidate.envelope, leftSeries: [...left].sort() };
  raiseTo(draft, candidate.content.issuedAt, candidate.content.nextUpdate);
  return taken;
}

function raiseTo(draft: Draft, signed: Date, until: Date): void {
  const mark = raise(draft.read.mark, signed, until);
  draft.read = { ...draft.read, mark, time: new Date(mark.counted) };
}

function decided(draft: Draft, { keyring, graceDays, facts }: Ground): Judged {
  const { license, crl, read } = draft;
  const standing = openKeptRefusal(draft.kept, keyring);
  const refusal = !('fault' in license) && standing?.licenseId === license.content.id ? standing : null;
  const own = bindingOf(facts);
  const seenAt = draft.kept.machineChangedAt ?? read.time;
  // What lies ahead was seen by a wrong clock: grace that has not begun would last until then.
  const changedAt = seenAt > read.time ? read.time : seenAt;
  const decision = decide({
    license,
    crl,
    refusal: refusal?.refusal ? { code: refusal.refusal.code, at: refusal.time } : null,
    machine: own,
    machineChangedAt: changedAt,
    graceDays,
    time: read.time,
  });
  const isOther = decision.match !== null && decision.match < 2;
  const machineChangedAt = isOther ? changedAt : null;
  return {
    ...draft,
    kept: { ...draft.kept, mark: read.mark, machineChangedAt },
    refusal,
    decision,
    own,
    unread: unreadFacts(facts),
  };
}
