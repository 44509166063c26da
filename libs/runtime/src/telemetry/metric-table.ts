/** One line of the table of metrics. */
export interface MetricSpec {
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** What is counted, and its unit. */
  readonly help: string;
  /** Closed sets only: never an organization, an RFC, an id or a free text. */
  readonly labels: readonly string[];
  /** Upper bounds of a histogram, in its unit. */
  readonly buckets?: readonly number[];
}

/** A job may wait for days while the line is away: from 5 ms to a day. */
const WAIT_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1800, 7200, 86_400];
const RUN_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300];
const BATCH_ROWS = [1, 2, 5, 10, 20, 50, 100];

function metrics<const T extends Readonly<Record<string, MetricSpec>>>(table: T): T {
  return table;
}

/**
 * Every metric of the house; each also carries the label `agent`. Besides them stand prom-client's
 * default ones (event loop, GC, memory). Fed by events alone. */
export const METRICS = metrics({
  nexora_jobs_claimed_total: { type: 'counter', help: 'Jobs taken from the ledger', labels: ['kind'] },
  nexora_jobs_finished_total: {
    type: 'counter',
    help: 'Ends of runs by outcome: done, retry, later, dead, in_doubt, cancelled, stale, handed_back',
    labels: ['kind', 'outcome'],
  },
  nexora_jobs_running: { type: 'gauge', help: 'Jobs that this process runs now', labels: ['kind'] },
  nexora_job_wait_seconds: {
    type: 'histogram',
    help: 'From the time that a job was due to its start',
    labels: ['kind', 'priority'],
    buckets: WAIT_SECONDS,
  },
  nexora_job_run_seconds: {
    type: 'histogram',
    help: 'From start to end of a run',
    labels: ['kind', 'outcome'],
    buckets: RUN_SECONDS,
  },
  nexora_claim_batch_size: {
    type: 'histogram',
    help: 'Rows that one claim brought',
    labels: ['kind'],
    buckets: BATCH_ROWS,
  },
  nexora_dispatch_stale_total: { type: 'counter', help: 'Late writes that the fence turned away', labels: ['kind'] },
  nexora_workers_lost_total: { type: 'counter', help: 'Workers declared lost by this process', labels: [] },
  nexora_jobs_released_total: { type: 'counter', help: 'Rows of lost workers given back', labels: [] },
  nexora_rings_failed_total: {
    type: 'counter',
    help: 'Rings that Redis did not take; the poll stands in',
    labels: ['kind'],
  },
  nexora_polls_failed_total: { type: 'counter', help: 'Polls of the ledger that failed', labels: [] },
  nexora_beats_failed_total: { type: 'counter', help: 'Heartbeats that did not reach the ledger', labels: [] },
  nexora_outbox_rows: { type: 'gauge', help: 'Rows of the ledger by state', labels: ['kind', 'state'] },
  nexora_outbox_oldest_pending_age_seconds: {
    type: 'gauge',
    help: 'Age of the oldest row that is due',
    labels: ['kind'],
  },
  nexora_schedules_fired_total: { type: 'counter', help: 'Slots that became a job', labels: ['schedule'] },
  nexora_schedule_missed_total: { type: 'counter', help: 'Slots that were skipped by policy', labels: ['schedule'] },
  nexora_schedule_last_success_timestamp_seconds: {
    type: 'gauge',
    help: 'When a job of the schedule last ended well',
    labels: ['schedule'],
  },
  nexora_schedule_period_seconds: {
    type: 'gauge',
    help: 'Time between two slots of the schedule',
    labels: ['schedule'],
  },
  nexora_connectivity_up: { type: 'gauge', help: '1 while the Internet can be reached, else 0', labels: [] },
  nexora_connectivity_latency_seconds: { type: 'gauge', help: 'Round trip of the last good heartbeat', labels: [] },
  nexora_connectivity_checks_total: {
    type: 'counter',
    help: 'Heartbeats to the outside by outcome',
    labels: ['outcome'],
  },
  nexora_clock_skew_seconds: { type: 'gauge', help: 'Clock of this machine against that of the ledger', labels: [] },
  nexora_agent_paused: { type: 'gauge', help: '1 while the agent is paused, else 0', labels: [] },
  nexora_audit_findings_total: {
    type: 'counter',
    help: 'What the audit of the ledger found and mended',
    labels: ['finding'],
  },
  nexora_pruned_rows_total: { type: 'counter', help: 'Finished rows removed after the retention', labels: [] },
  nexora_http_request_seconds: {
    type: 'histogram',
    help: 'From the first byte of a request to the end of its answer, by pattern of the route',
    labels: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15],
  },
  nexora_tokens_refused_total: { type: 'counter', help: 'Wrong, expired or revoked tokens', labels: [] },
  nexora_stampings_total: {
    type: 'counter',
    help: 'Tries at the PAC by outcome: stamped, refused, unsent, unknown',
    labels: ['outcome'],
  },
  nexora_pac_seconds: {
    type: 'histogram',
    help: 'From the first byte of a stamping request to the verdict',
    labels: ['outcome'],
    buckets: RUN_SECONDS,
  },
  nexora_cancellations_total: {
    type: 'counter',
    help: 'Requests to cancel by outcome: asked, refused, unsent, unknown; and what became of them: cancelled, rejected',
    labels: ['outcome'],
  },
  nexora_pac_stamps_left: {
    type: 'gauge',
    help: 'Stamps left at the PAC, the fewest of its accounts',
    labels: [],
  },
  nexora_csd_days_left: {
    type: 'gauge',
    help: 'Whole days until the CSD of an issuer ends, by number of the certificate; negative afterwards',
    labels: ['certificate'],
  },
  nexora_license_days_left: {
    type: 'gauge',
    help: 'Whole days until the licence ends, negative afterwards: its contract (what is paid for) and its file (renewed by itself)',
    labels: ['lifetime'],
  },
  nexora_license_mode: { type: 'gauge', help: '1 for the mode that the licence is in, else 0', labels: ['mode'] },
  nexora_license_checks_total: { type: 'counter', help: 'Looks at the licence', labels: [] },
  nexora_license_renewals_total: {
    type: 'counter',
    help: 'Licences asked for or brought, by outcome: taken, not-renewed',
    labels: ['outcome'],
  },
  nexora_probe_up: {
    type: 'gauge',
    help: '1 while a part that this process depends on answers, else 0',
    labels: ['probe'],
  },
  nexora_log_lines_lost_total: { type: 'counter', help: 'Log lines that standard output did not take', labels: [] },
  nexora_process_info: { type: 'gauge', help: 'Always 1; carries the version', labels: ['version'] },
});

type NamesOf<T extends MetricSpec['type']> = {
  [K in keyof typeof METRICS]: (typeof METRICS)[K]['type'] extends T ? K : never;
}[keyof typeof METRICS];

/** Name of a metric. */
export type MetricName = keyof typeof METRICS;
export type CounterName = NamesOf<'counter'>;
export type GaugeName = NamesOf<'gauge'>;
export type HistogramName = NamesOf<'histogram'>;
