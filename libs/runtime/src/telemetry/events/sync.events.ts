import { events } from '../event-spec.ts';

/** What the sync agent finds. */
export const SYNC_EVENTS = events({
  'heartbeat-answered': {
    level: 'debug',
    doc: 'The outside answered a heartbeat as expected.',
    fields: { latencyMs: 'number' },
    metrics: [
      { metric: 'nexora_connectivity_checks_total', labels: { outcome: '=answered' } },
      { metric: 'nexora_connectivity_latency_seconds', value: 'latencyMs', per: 1000 },
    ],
  },
  'heartbeat-failed': {
    level: 'info',
    doc: 'A heartbeat failed: before its first byte left, or after it, or with an answer that was not the expected one.',
    fields: { phase: 'name', failures: 'number', nextMs: 'number', error: 'error' },
    metrics: [{ metric: 'nexora_connectivity_checks_total', labels: { outcome: 'phase' } }],
    quiet: { ms: 60_000, per: ['phase'] },
  },
  'line-unwatched': {
    level: 'warn',
    doc: 'Nothing outside is configured to ask (AGENTS_HEARTBEAT_URL): nobody judges the line, claims try for themselves.',
    fields: {},
  },
  'network-changed': {
    level: 'info',
    doc: 'An interface of this machine came, went or changed its address; the line is checked at once.',
    fields: {},
  },
  'report-failed': {
    level: 'warn',
    doc: 'The verdict on the line could not be written to the ledger.',
    fields: { error: 'error' },
    quiet: { ms: 30_000, per: [] },
  },
  'audit-found': {
    level: 'warn',
    doc: 'The audit of the ledger found what a sweep should have left right, and mended it: rows without a live worker (released), due rows that nobody claims (unclaimed), rows of an agent’s own tables without a job (adopted).',
    fields: { finding: 'name', rows: 'number', kind: 'name?', owner: 'name?' },
    metrics: [{ metric: 'nexora_audit_findings_total', value: 'rows', labels: { finding: 'finding' } }],
  },
  'reconciler-failed': {
    level: 'error',
    doc: 'An agent’s own tables could not be gone through for rows without a job; the other agents’ were.',
    fields: { owner: 'name', error: 'text' },
  },
  pruned: {
    level: 'info',
    doc: 'Finished history older than the retention was removed.',
    fields: { rows: 'number', batches: 'number', durationMs: 'number' },
    metrics: [{ metric: 'nexora_pruned_rows_total', value: 'rows' }],
  },
});
