import { z } from 'zod';
import { defineKind } from './kind.ts';

const count = z.number().int().nonnegative();

/** What an audit of the ledger found and mended. */
export const auditResult = z.object({
  /** Running rows whose worker was lost and that no sweep had released. */
  released: count,
  /** Kinds with due rows that nobody claims although a worker of theirs is alive. */
  unclaimed: z.array(z.object({ kind: z.string(), rows: count, oldestSeconds: z.number().nonnegative() })),
});

/** What a pruning removed. */
export const pruneResult = z.object({ rows: count, batches: count });

/** Jobs of the sync agent. */
export const syncKinds = {
  /** Looks for what the agents' own sweeps should have left right, mends and counts it. */
  audit: defineKind({
    name: 'sync.audit',
    payload: z.object({}).strict(),
    result: auditResult,
    delivery: 'at-least-once',
    enqueuers: ['gateway'],
  }),
  /** Removes finished history older than the retention, in small batches. */
  prune: defineKind({
    name: 'sync.prune',
    payload: z.object({}).strict(),
    result: pruneResult,
    delivery: 'at-least-once',
    enqueuers: ['gateway'],
  }),
};

export type SyncKinds = typeof syncKinds;
