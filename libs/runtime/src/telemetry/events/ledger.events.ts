import { events } from '../event-spec.ts';

const JOB = { job: 'id', kind: 'name', attempt: 'number?' } as const;
const ended = (outcome: string) =>
  [
    { metric: 'nexora_jobs_finished_total', labels: { kind: 'kind', outcome: `=${outcome}` } },
    {
      metric: 'nexora_job_run_seconds',
      value: 'durationMs',
      per: 1000,
      labels: { kind: 'kind', outcome: `=${outcome}` },
    },
  ] as const;

/** Life of a job, with the verbs of `libs/outbox`. */
export const LEDGER_EVENTS = events({
  claimed: {
    level: 'debug',
    doc: 'A claim brought rows.',
    fields: { kind: 'name', rows: 'number', way: 'name?' },
    metrics: [
      { metric: 'nexora_jobs_claimed_total', value: 'rows', labels: { kind: 'kind' } },
      { metric: 'nexora_claim_batch_size', value: 'rows', labels: { kind: 'kind' } },
    ],
  },
  started: {
    level: 'debug',
    doc: 'A handler began.',
    fields: { ...JOB, priority: 'name', waitMs: 'number' },
    metrics: [
      { metric: 'nexora_job_wait_seconds', value: 'waitMs', per: 1000, labels: { kind: 'kind', priority: 'priority' } },
    ],
  },
  done: { level: 'info', doc: 'A job ended well.', fields: { ...JOB, durationMs: 'number' }, metrics: ended('done') },
  retried: {
    level: 'warn',
    doc: 'A run failed; the job is tried again after `delayMs`.',
    fields: { ...JOB, durationMs: 'number', delayMs: 'number', error: 'error' },
    metrics: ended('retry'),
  },
  snoozed: {
    level: 'info',
    doc: 'The handler asked for later; no attempt is burnt.',
    fields: { ...JOB, durationMs: 'number', delayMs: 'number?', reason: 'text' },
    metrics: ended('later'),
  },
  dead: {
    level: 'error',
    doc: 'The job is a dead letter: a person must look at it.',
    fields: { ...JOB, durationMs: 'number', code: 'text', error: 'error?' },
    metrics: ended('dead'),
  },
  'in-doubt': {
    level: 'warn',
    doc: 'Nobody knows whether the outside effect happened; the outside is asked before another try.',
    fields: { ...JOB, durationMs: 'number', code: 'text', error: 'error?' },
    metrics: ended('in_doubt'),
  },
  cancelled: {
    level: 'info',
    doc: 'The job was cancelled while it ran.',
    fields: { ...JOB, durationMs: 'number' },
    metrics: ended('cancelled'),
  },
  'handed-back': {
    level: 'info',
    doc: 'A stop gave the job back before it ended; no attempt is burnt.',
    fields: { ...JOB, durationMs: 'number' },
    metrics: ended('handed_back'),
  },
  stale: {
    level: 'warn',
    doc: 'The job belongs to another worker by now; its writes were rolled back.',
    fields: { ...JOB, durationMs: 'number' },
    metrics: [...ended('stale'), { metric: 'nexora_dispatch_stale_total', labels: { kind: 'kind' } }],
  },
  'job-log': {
    level: 'info',
    doc: 'A handler told something about its job.',
    fields: { ...JOB, message: 'text', about: 'json?' },
  },
  'jobs-running': {
    level: 'metric',
    doc: 'How many jobs of a kind run in this process.',
    fields: { kind: 'name', jobs: 'number' },
    metrics: [{ metric: 'nexora_jobs_running', value: 'jobs', labels: { kind: 'kind' } }],
  },
  'backlog-measured': {
    level: 'metric',
    doc: 'Rows of a kind in one state.',
    fields: { kind: 'name', state: 'name', rows: 'number' },
    metrics: [{ metric: 'nexora_outbox_rows', value: 'rows', labels: { kind: 'kind', state: 'state' } }],
  },
  'oldest-measured': {
    level: 'metric',
    doc: 'Age of the oldest due row of a kind; 0 when none is due.',
    fields: { kind: 'name', ageMs: 'number' },
    metrics: [
      { metric: 'nexora_outbox_oldest_pending_age_seconds', value: 'ageMs', per: 1000, labels: { kind: 'kind' } },
    ],
  },
});
