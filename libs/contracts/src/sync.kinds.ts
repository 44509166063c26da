import { z } from 'zod';
import { defineKind } from './kind.ts';

const count = z.number().int().nonnegative();

/** What an audit of the ledger found and mended. */
export const auditResult = z.object({
  /** Running rows whose worker was lost and that no sweep had released. */
  released: count,
  /** Kinds with due rows that nobody claims although slots are free. */
  unclaimed: z.array(z.object({ kind: z.string(), rows: count, oldestSeconds: z.number().nonnegative() })),
  /** The same kinds: all processes of their agents were told to look again from the start. */
  woken: z.array(z.string()),
  /** Rows of the agents' own tables that had no job and were given one. */
  adopted: z.array(z.object({ agent: z.string(), rows: count })),
  /** Agents whose rows could not be gone through; the log of the sync agent tells why. */
  failed: z.array(z.string()),
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
