import { messageOf, type RefusedKey } from '@nexora/licensing';
import type { CrlState, LastRefusal, MachineState, StoredState } from './license-state.ts';
import type { Judged } from './judge.ts';
import type { Kept } from './kept.ts';

const DAY_MS = 86_400_000;

/** The owner may rebind once in so many days. */
const REBIND_DAYS = 30;

/** What the answer rests on besides the judgement. */
export interface AnswerGround {
  readonly lastSuccess: Date | null;
  readonly nextCheck: Date;
  readonly refusedKeys: readonly RefusedKey[];
}

/** From when on the owner may rebind; null: now. */
export function rebindAllowedAt({ reboundAt }: Kept, time: Date): Date | null {
  if (reboundAt === null) return null;
  const at = new Date(reboundAt.getTime() + REBIND_DAYS * DAY_MS);
  return at > time ? at : null;
}

/** The licence as it is told to whoever asks. */
export function answerOf(judged: Judged, { lastSuccess, nextCheck, refusedKeys }: AnswerGround): StoredState {
  const { read, decision } = judged;
  const { mode, reason, graceDaysLeft } = decision;
  return {
    ...documentIn(judged),
    mode,
    reason,
    message: messageOf(decision).es,
    graceDaysLeft,
    lastCheck: read.time.toISOString(),
    lastSuccess: iso(lastSuccess),
    nextCheck: nextCheck.toISOString(),
    lastRefusal: refusalIn(judged),
    clock: {
      verdict: read.verdict,
      offBySeconds: read.offBySeconds,
      time: read.time.toISOString(),
      mark: read.mark.certain === null ? null : new Date(read.mark.certain).toISOString(),
    },
    crl: crlIn(judged),
    machine: machineIn(judged),
    refusedKeys: refusedKeys.map(({ position, start, why }) => ({ position, start, why: why.es })),
  };
}

type Document = Pick<
  StoredState,
  | 'id'
  | 'customer'
  | 'rfc'
  | 'plan'
  | 'entitlements'
  | 'binding'
  | 'issuedAt'
  | 'notBefore'
  | 'validUntil'
  | 'paidUntil'
  | 'minCrl'
  | 'kid'
>;

const NO_DOCUMENT: Document = {
  id: null,
  customer: null,
  rfc: null,
  plan: null,
  entitlements: null,
  binding: null,
  issuedAt: null,
  notBefore: null,
  validUntil: null,
  paidUntil: null,
  minCrl: null,
  kid: null,
};

/** Nothing of a document that does not verify is shown, not even its expiry. */
function documentIn({ license }: Judged): Document {
  if ('fault' in license) return NO_DOCUMENT;
  const { id, customer, rfc, plan, entitlements, binding, issuedAt, notBefore, validUntil, paidUntil, minCrl } =
    license.content;
  return {
    ...{ id, customer, rfc, plan, entitlements, binding, minCrl },
    issuedAt: issuedAt.toISOString(),
    notBefore: notBefore.toISOString(),
    validUntil: validUntil.toISOString(),
    paidUntil: paidUntil.toISOString(),
    kid: license.kid,
  };
}

function refusalIn({ refusal }: Judged): LastRefusal | null {
  if (refusal === null || refusal.refusal === null) return null;
  const { code, message } = refusal.refusal;
  return { code, message, at: refusal.time.toISOString() };
}

function crlIn({ crl, decision }: Judged): CrlState {
  const stale = decision.crlStale;
  if (crl === null) {
    return { series: null, number: 0, issuedAt: null, nextUpdate: null, ageSeconds: null, stale, revoked: 0 };
  }
  const { series, number, issuedAt, nextUpdate, revoked, suspended } = crl.content;
  return {
    series,
    number,
    issuedAt: issuedAt.toISOString(),
    nextUpdate: nextUpdate.toISOString(),
    ageSeconds: null,
    stale,
    revoked: revoked.length + suspended.length,
  };
}

function machineIn({ kept, decision, read, unread }: Judged): MachineState {
  const { match } = decision;
  return {
    match,
    same: match === null || match >= 2,
    changedAt: iso(kept.machineChangedAt),
    rebindAllowedAt: iso(rebindAllowedAt(kept, read.time)),
    unread,
  };
}

function iso(time: Date | null): string | null {
  return time === null ? null : time.toISOString();
}
