import type { ConnectivityState } from '@nexora/contracts';

/** Why a heartbeat failed: before its first byte left, after it, or because the answer was not the expected one. */
export type FailurePhase = 'unreachable' | 'interrupted' | 'unexpected';

/** What one heartbeat came to. */
export type Outcome =
  { readonly answered: true; readonly latencyMs: number } | { readonly answered: false; readonly phase: FailurePhase };

/** What is known of the line, by its last heartbeats. */
export interface Line {
  /** `unknown` until the first verdict: claims then try. */
  readonly state: ConnectivityState | 'unknown';
  /** Failures in a row; 0 after an answer. */
  readonly failures: number;
  /** Answers in a row; 0 after a failure. */
  readonly answers: number;
  /** Slow answers in a row. */
  readonly slow: number;
  /** The last ten outcomes since the line was last declared online, the latest at the end; true = answered. */
  readonly recent: readonly boolean[];
}

/** So many failures in a row declare the line offline. */
export const FAILURES_TO_OFFLINE = 3;
/** So many answers in a row declare it online again. */
export const ANSWERS_TO_ONLINE = 2;
/** An answer that took longer is slow. */
export const SLOW_MS = 2_000;

const REMEMBERED = 10;
/** Among the last ten: so many failures make an open line `degraded`, fewer than the second number mend it. */
const UNSTEADY = { from: 3, until: 2 };
const SLOW_IN_A_ROW = 3;

/** A line of which nothing is known but perhaps the state that was stored before this process began. */
export function lineAt(state: Line['state']): Line {
  return { state, failures: 0, answers: 0, slow: 0, recent: [] };
}

/** What is known after one more heartbeat. */
export function judged(line: Line, outcome: Outcome): Line {
  return outcome.answered ? afterAnswer(line, outcome.latencyMs) : afterFailure(line);
}

function afterFailure(line: Line): Line {
  const next = { ...line, failures: line.failures + 1, answers: 0, slow: 0, recent: remembered(line, false) };
  if (next.failures >= FAILURES_TO_OFFLINE || line.state === 'offline') return { ...next, state: 'offline' };
  return line.state === 'unknown' ? next : { ...next, state: openState(next) };
}

function afterAnswer(line: Line, latencyMs: number): Line {
  const answers = line.answers + 1;
  if (line.state === 'offline' && answers < ANSWERS_TO_ONLINE) return { ...line, failures: 0, answers };
  if (line.state === 'offline') return { ...lineAt('online'), answers };
  const slow = latencyMs > SLOW_MS ? line.slow + 1 : 0;
  const next = { ...line, failures: 0, answers, slow, recent: remembered(line, true) };
  return { ...next, state: openState(next) };
}

/** `online` or `degraded`, for a line that is open. */
function openState({ state, slow, recent }: Line): 'online' | 'degraded' {
  const failed = recent.filter((answered) => !answered).length;
  const bound = state === 'degraded' ? UNSTEADY.until : UNSTEADY.from;
  return failed >= bound || slow >= SLOW_IN_A_ROW ? 'degraded' : 'online';
}

function remembered({ recent }: Line, answered: boolean): boolean[] {
  return [...recent, answered].slice(-REMEMBERED);
}
