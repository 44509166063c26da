/** States of a job, as the ledger stores them. `docs/state-machine.md` tells which step leads from one to the next. */
export const JOB_STATES = ['pending', 'running', 'in_doubt', 'dead', 'done', 'cancelled'] as const;

/** State of a job. */
export type JobState = (typeof JOB_STATES)[number];
