/** States of a job, as the ledger stores them. `docs/state-machine.md` tells the story. */
export const JOB_STATES = ['pending', 'running', 'in_doubt', 'dead', 'done', 'cancelled'] as const;

/** State of a job. */
export type JobState = (typeof JOB_STATES)[number];

/**
 * Which state may follow which. `running → pending` is a retry, a snooze, a hand-back or a lost worker;
 * `dead → pending` and `in_doubt → pending` are a person's retry, or the time that the handler asks the outside again.
 */
export const JOB_TRANSITIONS: Readonly<Record<JobState, readonly JobState[]>> = {
  pending: ['running', 'cancelled', 'dead'],
  running: ['done', 'pending', 'in_doubt', 'dead', 'cancelled'],
  in_doubt: ['pending', 'done', 'dead', 'cancelled'],
  dead: ['pending', 'cancelled'],
  done: [],
  cancelled: [],
};

/** True for a state that no job leaves again. A dead job is not finished: a person may bring it back. */
export function isFinished(state: JobState): boolean {
  return JOB_TRANSITIONS[state].length === 0;
}
