import { randomBytes } from 'node:crypto';
import { renewalDue, type Binding, type ClockVerdict } from '@nexora/licensing';
import type { BootMoment } from './host/boot-time.ts';
import type { Fetched, Judged } from './judging/judge.ts';
import { PortalFailed } from './portal/portal-failed.ts';
import type { FetchedCrl, Portal, Visit } from './portal/portal.ts';
import type { StateRow } from './store/states.ts';

/**
 * Why a cycle runs: the process started, an hour went by, time moved or another rang (`clock`), a person asked, the outbox's turn, a rebinding; or the
 * portal keeps another cycle waiting, and this one decides meanwhile by what is there.
 */
export type Trigger = 'start' | 'hour' | 'clock' | 'request' | 'renewal' | 'rebind' | 'meanwhile';

/** What the portal is to be asked. */
export interface Plan {
  /** A renewal is owed, whether it can be had now or not. */
  readonly isDue: boolean;
  readonly renew: boolean;
  readonly list: boolean;
}

/** What came of asking. */
export interface Asked {
  readonly fetched: Fetched;
  /** Why no reply came. */
  readonly failed: PortalFailed | undefined;
  /** The tag of the list that was fetched; undefined when the list was not asked for, or could not be had. */
  readonly etag: string | null | undefined;
  /** Why the list that was asked for did not come. */
  readonly listFailed: PortalFailed | undefined;
  /** True when the portal said what its list is, newer or not. */
  readonly listSeen: boolean;
}

/** Nothing was asked. */
export const NOTHING_ASKED: Asked = {
  fetched: {},
  failed: undefined,
  etag: undefined,
  listFailed: undefined,
  listSeen: false,
};

const DAY_MS = 86_400_000;
/** Several replicas look once an hour each; the list is fetched by one of them. */
const LIST_MS = 3_000_000;
const WRONG: ReadonlySet<ClockVerdict> = new Set<ClockVerdict>(['behind', 'ahead']);
const BY_ASKING: ReadonlySet<Trigger> = new Set<Trigger>(['request', 'rebind']);
const WITHOUT_LOOKING: ReadonlySet<Trigger> = new Set<Trigger>(['request', 'rebind', 'renewal']);
const LISTS_ALWAYS: ReadonlySet<Trigger> = new Set<Trigger>(['start', 'request', 'renewal', 'rebind']);

/** Decides what to ask the portal for. @param isLineThere As far as the sync agent knows; who was asked tries anyway. */
export function planOf(judged: Judged, row: StateRow, trigger: Trigger, isLineThere: boolean): Plan {
  if (trigger === 'meanwhile') return { isDue: false, renew: false, list: false };
  const isDue = isRenewalOwed(judged, row, trigger);
  const mayTry = isLineThere || WITHOUT_LOOKING.has(trigger);
  // With every renewal too: what the portal grants again, an old list may still refuse.
  return { isDue, renew: isDue && mayTry, list: mayTry && (isDue || isListOwed(judged, row, trigger)) };
}

function isRenewalOwed({ license, refusal, read }: Judged, row: StateRow, trigger: Trigger): boolean {
  if ('fault' in license) return false; // there is nothing to renew
  if (BY_ASKING.has(trigger) || row.renewalAsked || renewalDue(license.content, read.time)) return true;
  // What the portal refused it may grant again, and nobody else would tell: asked at the usual looks, not whenever one is rung.
  if (refusal !== null) return trigger !== 'clock';
  // Signed time and the wall differ by over a day: the next signed time tells who is wrong, and nothing else may for weeks.
  if (trigger === 'hour' && WRONG.has(read.verdict)) return true;
  return (trigger === 'start' || trigger === 'renewal') && isOver(DAY_MS, row.lastSuccess, read.time);
}

function isListOwed({ decision }: Judged, row: StateRow, trigger: Trigger): boolean {
  if (LISTS_ALWAYS.has(trigger) || decision.crlStale) return true;
  return trigger === 'hour' && (decision.mode === 'revoked' || isOver(LIST_MS, row.crlCheckedAt, row.now));
}

/** True when so much time lies between; also when the clock has been set back since. */
function isOver(ms: number, since: Date | null, time: Date): boolean {
  return since === null || Math.abs(time.getTime() - since.getTime()) > ms;
}

/**
 * The binding that is sent: this machine's own when the licence is this machine's or nobody's, or a rebinding is asked;
 * else the licence's, so that another machine does not take it over by a mere renewal.
 */
export function bindingToSend({ license, own, decision }: Judged, rebind: boolean): Binding {
  if (rebind || 'fault' in license || license.content.binding === null) return own;
  return (decision.match ?? 0) >= 2 ? own : license.content.binding;
}

/** Asks the portal, within its one time limit. It never throws: what could not be had is told. */
export async function ask(
  portal: Portal,
  plan: Plan,
  {
    judged,
    row,
    boot,
    rebind,
    signal,
  }: {
    readonly judged: Judged;
    readonly row: StateRow;
    readonly boot: BootMoment;
    readonly rebind: boolean;
    readonly signal: AbortSignal | undefined;
  },
): Promise<Asked> {
  const visit = portal.visit(signal);
  const reply = plan.renew ? await renewal(visit, judged, boot, rebind) : undefined;
  const failed = reply instanceof PortalFailed ? reply : undefined;
  const list =
    plan.list && failed?.kind !== 'unreachable'
      ? await listOf(visit, judged.crl === null ? null : row.crlEtag)
      : undefined;
  return {
    fetched: {
      ...(reply === undefined || reply instanceof PortalFailed ? {} : { reply }),
      ...(typeof list === 'object' && 'text' in list ? { crl: list.text } : {}),
    },
    failed,
    etag: typeof list === 'object' && 'text' in list ? list.etag : undefined,
    listFailed: list instanceof PortalFailed ? list : undefined,
    listSeen: list !== undefined && !(list instanceof PortalFailed),
  };
}

async function renewal(
  visit: Visit,
  judged: Judged,
  { bootId, bootMs }: BootMoment,
  rebind: boolean,
): Promise<NonNullable<Fetched['reply']> | PortalFailed | undefined> {
  if ('fault' in judged.license) return undefined;
  const { id: licenseId } = judged.license.content;
  const nonce = randomBytes(32).toString('hex');
  const question = { licenseId, asked: { bootId, bootMs, counted: judged.read.mark.counted } };
  try {
    const bytes = await visit.renew(licenseId, { nonce, binding: bindingToSend(judged, rebind) });
    return { bytes, questions: new Map([[nonce, question]]) };
  } catch (error) {
    if (error instanceof PortalFailed) return error;
    throw error;
  }
}

async function listOf(visit: Visit, etag: string | null): Promise<FetchedCrl | PortalFailed> {
  try {
    return await visit.crl(etag);
  } catch (error) {
    if (error instanceof PortalFailed) return error;
    throw error;
  }
}
