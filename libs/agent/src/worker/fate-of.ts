import { problemOf, type Kind } from '@nexora/contracts';
import { HostResting, HostUnreachable } from '@nexora/connectivity';
import { StaleFence, WorkerLost, type JobError } from '@nexora/outbox';
import { durationMs } from '../duration.ts';
import { InDoubt, Later, Permanent, type Detail, type When } from '../fates.ts';
import { ResultInvalid } from './shapes.ts';
import { storable, storableText } from './storable.ts';

/** What becomes of a job whose handler threw. */
export type Fate =
  | { readonly is: 'permanent'; readonly error: JobError }
  | { readonly is: 'in-doubt'; readonly error: JobError }
  | { readonly is: 'later'; readonly delayMs: number; readonly reason: JobError; readonly unreachable: string | null }
  | { readonly is: 'retry'; readonly error: JobError }
  /** The row is no longer ours: whatever the handler says about it is not believed. */
  | { readonly is: 'stale' };

/** After an offline failure the sync agent's next verdict is waited for. */
const VERDICT_MS = { least: 5_000, most: 30_000 };

/** Reads what a handler threw. Anything that is no fate of ours is retried. */
export function fateOf(thrown: unknown, kind: Pick<Kind, 'name'>, now: Date, chance: () => number): Fate {
  if (thrown instanceof StaleFence || thrown instanceof WorkerLost) return { is: 'stale' };
  if (thrown instanceof Permanent) return { is: 'permanent', error: jobError(thrown.code, thrown.detail) };
  if (thrown instanceof InDoubt) return { is: 'in-doubt', error: jobError(thrown.code, thrown.detail) };
  if (thrown instanceof ResultInvalid) {
    return { is: 'permanent', error: { code: 'agents.result-invalid', kind: kind.name, places: thrown.misfits } };
  }
  if (thrown instanceof Later) return laterBy(thrown, now, chance);
  if (thrown instanceof HostUnreachable) return offline('offline', thrown.host, chance);
  if (thrown instanceof HostResting) {
    const reason = { code: 'agents.host-resting', detail: storableText(thrown.message) };
    return { is: 'later', delayMs: thrown.retryInMs, reason, unreachable: null };
  }
  return { is: 'retry', error: failure(thrown) };
}

function laterBy({ when, reason, host }: Later, now: Date, chance: () => number): Fate {
  if (when === 'internet') return offline(reason, host ?? '', chance);
  return {
    is: 'later',
    delayMs: delayUntil(when, now),
    reason: { code: 'agents.later', detail: storableText(reason) },
    unreachable: null,
  };
}

function delayUntil(when: Exclude<When, 'internet'>, now: Date): number {
  return when instanceof Date ? Math.max(0, when.getTime() - now.getTime()) : durationMs(when);
}

function offline(detail: string, host: string, chance: () => number): Fate {
  const delayMs = VERDICT_MS.least + chance() * (VERDICT_MS.most - VERDICT_MS.least);
  return { is: 'later', delayMs, reason: { code: 'agents.offline', detail: storableText(detail) }, unreachable: host };
}

function jobError(written: string, detail: Detail | undefined): JobError {
  const code = storableText(written);
  if (detail === undefined) return { code };
  const told = storable(detail);
  return typeof told === 'string' ? { code, detail: told } : { code, findings: told };
}

/** Any other error: its own code where the catalogue knows it, its message without secrets and personal data. */
function failure(thrown: unknown): JobError {
  const told = storable(thrown);
  const facts = typeof told === 'object' && told !== null && !Array.isArray(told) ? told : { message: told };
  const { message, stack: _stack, ...rest } = facts as Record<string, unknown>;
  const own = rest['code'];
  const code = typeof own === 'string' && problemOf(own) !== undefined ? own : 'agents.failed';
  return {
    ...rest,
    code,
    detail: typeof message === 'string' ? message : 'The handler threw something that is no error.',
  };
}
