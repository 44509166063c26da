import { events } from '../event-spec.ts';

/** What an agent does around its jobs: waking, liveness, schedules, gates. */
export const AGENT_EVENTS = events({
  'ring-failed': {
    level: 'warn',
    doc: 'Redis did not take a ring; the poll stands in.',
    fields: { kind: 'name', error: 'error' },
    metrics: [{ metric: 'nexora_rings_failed_total', labels: { kind: 'kind' } }],
    quiet: { ms: 30_000, per: ['kind'] },
  },
  'poll-failed': {
    level: 'warn',
    doc: 'The ledger could not be polled; the next poll follows with backoff.',
    fields: { error: 'error' },
    metrics: [{ metric: 'nexora_polls_failed_total' }],
    quiet: { ms: 30_000, per: [] },
  },
  'claim-failed': {
    level: 'error',
    doc: 'The ledger refused a claim; the poll looks again.',
    fields: { error: 'error' },
    quiet: { ms: 30_000, per: [] },
  },
  'unknown-rows': {
    level: 'warn',
    doc: 'The ledger had rows as running here that this process did not know; they went back uncounted.',
    fields: { rows: 'number' },
  },
  'outcome-refused': {
    level: 'error',
    doc: 'The ledger could not take the outcome of a job; its row was given back uncounted.',
    fields: { job: 'id', kind: 'name', error: 'error' },
    quiet: { ms: 10_000, per: ['kind'] },
  },
  'threw-after-finish': {
    level: 'warn',
    doc: 'A handler threw after its effect and completion had been committed; the job is done.',
    fields: { job: 'id', kind: 'name', error: 'error' },
  },
  'note-failed': {
    level: 'warn',
    doc: 'Progress or a log line of a job could not be written; the job goes on.',
    fields: { job: 'id', kind: 'name', error: 'error' },
    quiet: { ms: 30_000, per: ['kind'] },
  },
  'breaker-opened': {
    level: 'warn',
    doc: 'An outside host failed again and again; nobody calls it for `restMs`.',
    fields: { host: 'name', restMs: 'number' },
  },
  'breaker-closed': { level: 'info', doc: 'An outside host answers again.', fields: { host: 'name' } },
  'hint-failed': {
    level: 'warn',
    doc: 'The sync agent could not be told that a host is out of reach; it looks by itself.',
    fields: { host: 'name', error: 'error' },
    quiet: { ms: 30_000, per: [] },
  },
  'measuring-failed': {
    level: 'warn',
    doc: 'The backlog could not be measured; its gauges keep their last values.',
    fields: { error: 'error' },
    quiet: { ms: 60_000, per: [] },
  },
  'beat-failed': {
    level: 'warn',
    doc: 'The heartbeat did not reach the ledger; after 20 s the handlers are aborted.',
    fields: { error: 'error', silentMs: 'number' },
    metrics: [{ metric: 'nexora_beats_failed_total' }],
    quiet: { ms: 10_000, per: [] },
  },
  'health-untold': {
    level: 'warn',
    doc: 'The ledger could not be told which parts answer; the dashboard shows what was told before.',
    fields: { error: 'error' },
    quiet: { ms: 30_000, per: [] },
  },
  'worker-started': {
    level: 'info',
    doc: 'The process took an incarnation in the ledger.',
    fields: { incarnation: 'id', released: 'number' },
  },
  'worker-renewed': {
    level: 'warn',
    doc: 'The process was declared lost, or Postgres was restarted: it took a new incarnation and aborted what it held.',
    fields: { incarnation: 'id', reason: 'text', aborted: 'number' },
  },
  lost: {
    level: 'warn',
    doc: 'Another worker stood still for 30 s and was declared lost; its rows were given back.',
    fields: { worker: 'id', released: 'number' },
    metrics: [{ metric: 'nexora_workers_lost_total' }, { metric: 'nexora_jobs_released_total', value: 'released' }],
  },
  'sweep-failed': {
    level: 'warn',
    doc: 'The sweep for lost workers failed; its watch starts anew.',
    fields: { error: 'error' },
    quiet: { ms: 30_000, per: [] },
  },
  'handlers-aborted': {
    level: 'warn',
    doc: 'The ledger was out of reach for 20 s: running handlers were aborted.',
    fields: { jobs: 'number', silentMs: 'number' },
  },
  'timed-out': {
    level: 'warn',
    doc: 'A handler passed its time limit and was aborted.',
    fields: { job: 'id', kind: 'name', limitMs: 'number' },
  },
  'handler-deaf': {
    level: 'error',
    doc: 'A handler did not end after it was aborted. Its slot is free again, its late result is refused, its memory stays taken.',
    fields: { job: 'id', kind: 'name', durationMs: 'number' },
  },
  'schedule-fired': {
    level: 'info',
    doc: 'A slot of a schedule became a job.',
    fields: { schedule: 'name', slot: 'text', job: 'id', lateMs: 'number' },
    metrics: [{ metric: 'nexora_schedules_fired_total', labels: { schedule: 'schedule' } }],
  },
  'schedule-missed': {
    level: 'warn',
    doc: 'Slots were skipped: by policy, or because they are too late.',
    fields: { schedule: 'name', slots: 'number', policy: 'name' },
    metrics: [{ metric: 'nexora_schedule_missed_total', value: 'slots', labels: { schedule: 'schedule' } }],
  },
  'schedule-failed': {
    level: 'error',
    doc: 'A slot could not be fired; it is tried again.',
    fields: { schedule: 'name?', error: 'error' },
    quiet: { ms: 30_000, per: ['schedule'] },
  },
  'schedule-measured': {
    level: 'metric',
    doc: 'When a job of the schedule last ended well, as far as one did.',
    fields: { schedule: 'name', lastSuccessMs: 'number?', periodMs: 'number?' },
    metrics: [
      {
        metric: 'nexora_schedule_last_success_timestamp_seconds',
        value: 'lastSuccessMs',
        per: 1000,
        labels: { schedule: 'schedule' },
      },
      { metric: 'nexora_schedule_period_seconds', value: 'periodMs', per: 1000, labels: { schedule: 'schedule' } },
    ],
  },
  'connectivity-changed': {
    level: 'warn',
    doc: 'The state of the line that claims obey changed.',
    fields: { from: 'name', to: 'name', reason: 'text?' },
  },
  'connectivity-measured': {
    level: 'metric',
    doc: 'The state of the line: `up` unless offline.',
    fields: { up: 'flag' },
    metrics: [{ metric: 'nexora_connectivity_up', value: 'up' }],
  },
  'classes-opened': {
    level: 'info',
    doc: 'Classes of work that may use the Internet now.',
    fields: { classes: 'names' },
  },
  'clock-wrong': {
    level: 'error',
    doc: 'The clock of this machine is behind what the ledger has seen; what depends on time waits.',
    fields: { skewMs: 'number?' },
    quiet: { ms: 60_000, per: [] },
  },
  'clock-right': { level: 'info', doc: 'The clock is right again.', fields: {} },
  'clock-measured': {
    level: 'metric',
    doc: 'Clock of this machine minus that of the ledger.',
    fields: { skewMs: 'number' },
    metrics: [{ metric: 'nexora_clock_skew_seconds', value: 'skewMs', per: 1000 }],
  },
  paused: {
    level: 'info',
    doc: 'The agent takes no work: paused by a person or by AGENTS_ENABLED.',
    fields: { reason: 'text' },
    metrics: [{ metric: 'nexora_agent_paused', value: 1 }],
  },
  resumed: {
    level: 'info',
    doc: 'The agent takes work again.',
    fields: {},
    metrics: [{ metric: 'nexora_agent_paused', value: 0 }],
  },
});
