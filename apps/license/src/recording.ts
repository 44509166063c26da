import { isLimited, licenseKinds } from '@nexora/contracts';
import type { Tx } from '@nexora/database';
import { warningsDue, type Verified, type License } from '@nexora/licensing';
import { emit, enqueue } from '@nexora/outbox';
import type { Judged } from './judging/judge.ts';
import { isSame, wordOf } from './judging/kept.ts';
import { states, type HistoryLine, type StateRow } from './store/states.ts';

/** A warning that was told in this cycle. */
export interface ToldWarning {
  readonly days: number;
  readonly kinds: readonly string[];
}

/** The ledger believes no signed time that is older than this. */
const JUST_NOW_MS = 120_000;

/** Tells the ledger, which lets work wait or go on. A time that was signed a moment ago frees a clock that ran ahead. */
export async function report(tx: Tx, { decision, license, reply, read }: Judged): Promise<void> {
  const until =
    'fault' in license ? {} : { validUntil: license.content.validUntil, paidUntil: license.content.paidUntil };
  // One that lay in a drawer says nothing of now, even when the wall was set back to its time.
  const isOfNow = reply !== null && Math.abs(reply.time.getTime() - read.time.getTime()) < JUST_NOW_MS;
  const signed = isOfNow ? { signedTime: reply.time } : {};
  await tx.query({
    text: 'SELECT agents.report_license($1, $2, $3)',
    values: [
      decision.mode,
      decision.reason,
      JSON.stringify({ graceDaysLeft: decision.graceDaysLeft, ...until, ...signed }),
    ],
  });
}

/** Tells a change of mode to whoever subscribed: once, since the row that it is compared with is locked. */
export async function tellMode(tx: Tx, row: StateRow, { decision }: Judged): Promise<boolean> {
  const { mode: to, reason } = decision;
  if (row.mode === to) return false;
  await emit(tx, 'license.mode-changed', { from: row.mode, to, reason });
  return true;
}

/** Tells the warnings that are due, each once, with what will wait. */
export async function warn(tx: Tx, { license, read, decision }: Judged): Promise<ToldWarning[]> {
  if ('fault' in license || isLimited(decision.mode)) return [];
  const { id } = license.content;
  const due = warningsDue(license.content, read.time, await states.warningsTold(tx, id));
  if (due.length === 0) return [];
  const waits = await states.kindsThatWait(tx);
  for (const { key, days, end } of due) {
    await states.warned(tx, id, key);
    await emit(tx, 'license.expiring', { days, until: end.toISOString(), waits });
  }
  return due.map(({ days }) => ({ days, kinds: waits }));
}

/** Sees to it that a renewal waits in the outbox, and never two. The row of the state is locked. */
export async function handOver(tx: Tx): Promise<void> {
  if (await states.isRenewalHandedOver(tx)) return;
  await enqueue(tx, licenseKinds.renew, {}, { priority: 'critical' });
}

/**
 * True when other processes that wait for a moment of before have to look again. A refusal is news by what it says: the portal
 * dates the same word anew each time that it is asked.
 */
export function isNews({ kept: before }: StateRow, { kept }: Judged): boolean {
  return (
    !isSame(before.document, kept.document) ||
    !isSame(before.crl, kept.crl) ||
    wordOf(before.refusal) !== wordOf(kept.refusal)
  );
}

/** What the history says of this cycle: every change of mode, document, list, clock mark and machine. */
export function historyOf(row: StateRow, judged: Judged): HistoryLine[] {
  const { decision, kept, license, crl, refusal, read } = judged;
  const before = row.kept;
  const lines: HistoryLine[] = [];
  const add = (what: HistoryLine['what'], is: boolean, was: unknown, becomes: unknown): void => {
    if (is) lines.push({ what, before: was, after: becomes });
  };
  const modes = [
    { mode: row.mode, reason: row.reason },
    { mode: decision.mode, reason: decision.reason },
  ] as const;
  add('mode', row.mode !== decision.mode || row.reason !== decision.reason, ...modes);
  const named = 'fault' in license ? { fault: license.fault } : documentName(license);
  add('document', !isSame(before.document, kept.document), { kid: before.document?.kid ?? null }, named);
  const list = crl === null ? null : { series: crl.content.series, number: crl.content.number, sha256: crl.sha256 };
  add('crl', !isSame(before.crl, kept.crl), { kid: before.crl?.kid ?? null }, list);
  add(
    'clock',
    isMarkNews(row, judged),
    { mark: before.mark, verdict: row.verdict },
    { mark: read.mark, verdict: read.verdict },
  );
  const changedAt = [before.machineChangedAt, kept.machineChangedAt] as const;
  add(
    'machine',
    (changedAt[0] === null) !== (changedAt[1] === null),
    { changedAt: changedAt[0] },
    { changedAt: changedAt[1], match: decision.match },
  );
  add('refusal', wordOf(before.refusal) !== wordOf(kept.refusal), null, refusal?.refusal ?? null);
  add(
    'rebind',
    before.reboundAt?.getTime() !== kept.reboundAt?.getTime(),
    { at: before.reboundAt },
    { at: kept.reboundAt },
  );
  for (const source of ['document', 'list', 'answer'] as const) {
    const refused = judged[source];
    if (refused instanceof Error) add('refused', true, null, { source, reason: refused.reason });
  }
  return lines;
}

/** What clocks that are right differ by. */
const NOTEWORTHY_MS = 300_000;

/**
 * The mark goes on with every look, and each reply only confirms it: news is what moved it by more than time passes, and what the
 * clock was found to be.
 */
function isMarkNews(row: StateRow, { read: { mark, verdict } }: Judged): boolean {
  const before = row.kept.mark;
  if (before === null || row.verdict !== verdict) return true;
  const passed = before.bootId === mark.bootId ? mark.bootMs - before.bootMs : 0;
  const isSigned = before.signed !== mark.signed || before.setRight !== mark.setRight;
  const moved = (mark.certain ?? 0) - (before.certain ?? 0) - passed;
  return (isSigned && Math.abs(moved) > NOTEWORTHY_MS) || before.counted - mark.counted > NOTEWORTHY_MS;
}

function documentName({ content, sha256, kid }: Verified<License>): unknown {
  const { id, issuedAt, validUntil, paidUntil, plan } = content;
  return { id, plan, issuedAt, validUntil, paidUntil, sha256, kid };
}
