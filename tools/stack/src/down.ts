import { isAlive, poll, signal, tryLock } from '@nexora/embedded';
import { Home } from './home.ts';
import { endOrphans } from './orphans.ts';
import { readState, removeState } from './state.ts';

/** Apps get 30 s to hand their work back, services as long again. */
const STOP_WITHIN_MS = 90_000;

const home = Home.ofClone();
const state = readState(home);

if (state === null) {
  console.log('Nothing is running.');
} else {
  if (isAlive(state.supervisor)) {
    signal(state.supervisor.pid, 'SIGCONT');
    signal(state.supervisor.pid, 'SIGTERM');
    const ended = await poll(() => !isAlive(state.supervisor), { within: STOP_WITHIN_MS });
    if (ended === null) signal(state.supervisor.pid, 'SIGKILL');
  }
  await clearLeftovers();
  console.log('Everything has stopped; the data are kept.');
}

/** A supervisor that was killed, now or before, stops nothing itself. */
async function clearLeftovers(): Promise<void> {
  const left = readState(home);
  const lock = await tryLock(home.lockName);
  if (left === null || lock === null) return; // stopped in order, or somebody started it again meanwhile
  const orphans = await endOrphans(left);
  if (orphans > 0) console.log(`Ended ${orphans} processes that a former run left behind.`);
  removeState(home);
  await lock.release();
}
