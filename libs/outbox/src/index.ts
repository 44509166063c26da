export { wakeAfterCommit, wakeWith } from './after-commit.ts';
export type { AnyTx } from './any-tx.ts';
export type { Appetite, ClaimRequest, Polled } from './claim.ts';
export type { Missed } from './catch-up.ts';
export type { ClaimedJob, Held, OpenIntent } from './claimed-job.ts';
export { finishAll, type Finished, type JobError } from './complete.ts';
export type { ConnectivityReport } from './connectivity.ts';
export type { Cancelled, HoldTarget, Retried } from './control.ts';
export type { DeclaredKind, Declaration } from './declare.ts';
export { enqueue, type EnqueueOptions } from './enqueue.ts';
export {
  DeclarationRefused,
  LEDGER_STATES,
  LedgerError,
  PayloadInvalid,
  StaleFence,
  WorkerLost,
  ledgerError,
} from './errors.ts';
export { emit, type EmitOptions } from './events.ts';
export { Heads } from './heads.ts';
export { Ledger } from './ledger.ts';
export type { LicenseReport } from './license.ts';
export { ledgerMigrations } from './migrations/index.ts';
export type { BellEvent, BellSettings } from './bell-redis.ts';
export { Bell } from './ring.ts';
export type { Serving } from './serving.ts';
export {
  fireDueSlots,
  pauseSchedule,
  resumeSchedule,
  runSchedule,
  type FiredSlot,
  type ScheduleSpec,
} from './schedules.ts';
export { LONGEST_GAP_MS, LOST_AFTER_MS, Sweeper, type Swept } from './sweep.ts';
export type { Heartbeat, WorkerCard } from './worker-registry.ts';
