import { LICENSE_MODES } from '@nexora/contracts';
import { Refused } from '@nexora/licensing';
import type { Telemetry } from '@nexora/runtime';
import type { Judged, Taken } from './judging/judge.ts';
import { isSame } from './judging/kept.ts';
import type { NotRenewed } from './outcome.ts';
import type { PortalFailed } from './portal/portal-failed.ts';
import type { ToldWarning } from './recording.ts';
import type { StateRow } from './store/states.ts';

/** What is told of a cycle once it is stored. */
export interface Told {
  readonly row: StateRow;
  readonly judged: Judged;
  readonly warnings: readonly ToldWarning[];
  readonly notRenewed: NotRenewed | undefined;
  /** Why the list that was asked for did not come. */
  readonly listFailed?: PortalFailed | undefined;
  /** Where a document that was taken came from. */
  readonly source: 'portal' | 'person';
}

const DAY_MS = 86_400_000;

/** Tells the operator. Never a customer, an RFC, a nonce or an envelope. */
export function tell(telemetry: Telemetry, { row, judged, warnings, notRenewed, listFailed, source }: Told): void {
  tellMode(telemetry, row, judged);
  tellDocuments(telemetry, row, judged, source);
  for (const { days, kinds } of warnings) telemetry.emit('license-expiring', { days, kinds });
  if (notRenewed !== undefined) telemetry.emit('license-not-renewed', { why: notRenewed.word });
  if (listFailed !== undefined) telemetry.emit('license-list-not-fetched', { why: listFailed.kind });
  const { verdict, offBySeconds } = judged.read;
  if (verdict === 'behind' || verdict === 'ahead') telemetry.emit('license-clock-wrong', { verdict, offBySeconds });
  const { match, crlStale } = judged.decision;
  if (match !== null && match < 2) telemetry.emit('license-machine-changed', { matching: match });
  if (crlStale) telemetry.emit('license-list-stale', { number: judged.crl?.content.number ?? 0 });
}

function tellMode(telemetry: Telemetry, row: StateRow, { license, decision, read }: Judged): void {
  const { mode, reason } = decision;
  const daysTo = (end: Date): number => Math.floor((end.getTime() - read.time.getTime()) / DAY_MS);
  const left =
    'fault' in license
      ? {}
      : { paidDaysLeft: daysTo(license.content.paidUntil), fileDaysLeft: daysTo(license.content.validUntil) };
  telemetry.emit('license-checked', { mode, ...left });
  for (const each of LICENSE_MODES) telemetry.emit('license-mode-measured', { mode: each, isNow: each === mode });
  if (row.mode !== mode) telemetry.emit('license-mode-changed', { from: row.mode, to: mode, reason });
}

function tellDocuments(
  telemetry: Telemetry,
  row: StateRow,
  { document, list, answer, crl, kept }: Judged,
  source: Told['source'],
): void {
  if (document === 'taken') telemetry.emit('license-document-taken', { source });
  else if (document === undefined && !isSame(row.kept.document, kept.document)) {
    telemetry.emit('license-document-taken', { source: 'folder' });
  }
  if (list === 'taken') telemetry.emit('license-list-taken', { number: crl?.content.number ?? 0 });
  refused(telemetry, 'document', document);
  refused(telemetry, 'list', list);
  refused(telemetry, 'reply', answer);
}

function refused(telemetry: Telemetry, source: string, taken: Taken | undefined): void {
  if (!(taken instanceof Refused)) return;
  if (taken.alarm) telemetry.emit('license-alarm', { reason: taken.reason });
  else telemetry.emit('license-refused', { source, reason: taken.reason });
}
