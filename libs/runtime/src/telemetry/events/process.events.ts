import { events } from '../event-spec.ts';

/** Life of a process, and of what it depends on. */
export const PROCESS_EVENTS = events({
  'process-started': {
    level: 'info',
    doc: 'The process is ready and serves health and metrics at `url`.',
    fields: { version: 'text', instance: 'text', url: 'text', startMs: 'number', rssBytes: 'number' },
    metrics: [{ metric: 'nexora_process_info', value: 1, labels: { version: 'version' } }],
  },
  'process-stopping': {
    level: 'info',
    doc: 'A stop was asked for; running work gets its grace.',
    fields: { reason: 'text' },
  },
  'process-stopped': {
    level: 'info',
    doc: 'The process ends in order.',
    fields: { reason: 'text', durationMs: 'number' },
  },
  'process-stop-forced': {
    level: 'warn',
    doc: 'The stop was cut short: a second signal came or the deadline passed. Unfinished jobs are found by the sweep.',
    fields: { reason: 'text', durationMs: 'number' },
  },
  'process-stop-failed': {
    level: 'error',
    doc: 'Something did not close in order during the stop.',
    fields: { error: 'error' },
  },
  'process-crashed': {
    level: 'error',
    doc: 'An error that nobody caught; the process exits with 1.',
    fields: { error: 'error', origin: 'text' },
  },
  'process-warned': {
    level: 'warn',
    doc: 'A warning of the Node runtime.',
    fields: { error: 'error' },
    quiet: { ms: 60_000, per: [] },
  },
  'settings-refused': {
    level: 'error',
    doc: 'Settings are wrong; the process exits with 78. Every mistake is told on standard error.',
    fields: { faults: 'names' },
  },
  'start-refused': {
    level: 'error',
    doc: 'The ledger and this version disagree; the process exits with 78 until a person mends it.',
    fields: { error: 'error' },
  },
  'probe-down': {
    level: 'warn',
    doc: 'A part that the process depends on does not answer; without a needed one the process is not ready.',
    fields: { probe: 'name', needed: 'flag', detail: 'text?' },
    metrics: [{ metric: 'nexora_probe_up', value: 0, labels: { probe: 'probe' } }],
  },
  'probe-up': {
    level: 'info',
    doc: 'A part that the process depends on answers.',
    fields: { probe: 'name' },
    metrics: [{ metric: 'nexora_probe_up', value: 1, labels: { probe: 'probe' } }],
  },
  'health-failed': {
    level: 'error',
    doc: 'A question about health or metrics could not be answered.',
    fields: { error: 'error' },
  },
  'log-lines-lost': {
    level: 'warn',
    doc: 'Standard output did not take lines for a while (disk full, reader gone).',
    fields: { lines: 'number' },
    metrics: [{ metric: 'nexora_log_lines_lost_total', value: 'lines' }],
  },
  'postgres-away': {
    level: 'warn',
    doc: 'Postgres cannot be reached; the process keeps trying. `probe-up` of `postgres` tells when it is back.',
    fields: { error: 'error' },
    quiet: { ms: 30_000, per: [] },
  },
  'listener-lost': {
    level: 'warn',
    doc: 'The connection that listens broke; the poll stands in.',
    fields: { error: 'error' },
    quiet: { ms: 30_000, per: [] },
  },
  'listener-back': { level: 'info', doc: 'The process listens again.', fields: { awayMs: 'number' } },
  'redis-away': {
    level: 'warn',
    doc: 'Redis cannot be reached; rings are lost and the poll stands in, a second later. `probe-up` of `redis` tells when it is back.',
    fields: { error: 'error' },
    quiet: { ms: 30_000, per: [] },
  },
  'framework-log': {
    level: 'debug',
    doc: 'A line of the Nest framework.',
    fields: { context: 'text?', message: 'text' },
  },
  'framework-warned': {
    level: 'warn',
    doc: 'A warning of the Nest framework.',
    fields: { context: 'text?', message: 'text' },
  },
  'framework-failed': {
    level: 'error',
    doc: 'An error of the Nest framework.',
    fields: { context: 'text?', message: 'text', error: 'error?' },
  },
});
