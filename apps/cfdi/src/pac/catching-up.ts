import type { Clock } from '@nexora/runtime';
import type { Verdict } from './pac.ts';

/** Code of the verdict over "stamped before" without the stamp: the PAC's records lag behind its stamps. */
export const EMPTY = 'empty-307';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/** How long, and by which clock, the PAC is asked again. */
export interface CatchingUp {
  readonly clock: Clock;
  readonly emptyMs: number;
  readonly signal: AbortSignal;
}

/**
 * Asks until the PAC's records have caught up with what it says it stamped, or the time is over. Once it has said so,
 * nothing but the stamp itself counts: that a later question was refused, or never left, does not undo the stamp.
 */
export async function untilCaughtUp(
  ask: (round: number) => Promise<Verdict>,
  { clock, emptyMs, signal }: CatchingUp,
): Promise<Verdict> {
  const deadline = clock.monotonic() + emptyMs;
  const first = await ask(0);
  if (!isEmpty(first)) return first;
  let pause = FIRST_PAUSE_MS;
  for (let round = 1; !signal.aborted && clock.monotonic() + pause <= deadline; round += 1) {
    await clock.sleep(pause, signal);
    const verdict = await ask(round);
    if (verdict.kind === 'stamped') return verdict;
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
  return first;
}

function isEmpty(verdict: Verdict): boolean {
  return verdict.kind === 'unknown' && verdict.code === EMPTY;
}
