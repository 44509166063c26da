import { descendantsOf, isAlive, poll, signal, type ProcessRef } from '@nexora/embedded';
import { processesIn, type StackState } from './state.ts';

const GRACE_MS = 30_000;

/**
 * Ends what a killed supervisor left running: asks first (agents hand their work back), then by force. A process is
 * known by its number, start time and boot, so that no stranger with a used-again number is hit.
 * @returns how many were found alive.
 */
export async function endOrphans(state: StackState): Promise<number> {
  const orphans = processesIn(state).filter(isAlive);
  const family = orphans.flatMap((ref) => [...descendantsOf(ref.pid), ref]);
  for (const ref of orphans) {
    signal(ref.pid, 'SIGCONT');
    signal(ref.pid, 'SIGTERM');
  }
  const ended = () => !family.some(isAlive);
  if ((await poll(ended, { within: GRACE_MS })) === null) await killAll(family);
  return orphans.length;
}

async function killAll(family: readonly ProcessRef[]): Promise<void> {
  for (const ref of family.filter(isAlive)) signal(ref.pid, 'SIGKILL');
  await poll(() => !family.some(isAlive), { within: 5_000 });
}
