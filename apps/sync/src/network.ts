import os from 'node:os';
import type { Clock } from '@nexora/runtime';

/** How often the interfaces are looked at; Node has no event for them. */
const LOOK_MS = 1_000;

/** Calls back whenever an interface of this machine came, went or changed its address, until the signal aborts. */
export async function watchNetwork(clock: Clock, signal: AbortSignal, changed: () => void): Promise<void> {
  for (let before = addresses(); !signal.aborted; await clock.sleep(LOOK_MS, signal)) {
    const now = addresses();
    if (now !== before) changed();
    before = now;
  }
}

/** Every outward address of this machine, as one text to compare. */
function addresses(): string {
  return Object.entries(os.networkInterfaces())
    .flatMap(([name, all = []]) => all.filter(({ internal }) => !internal).map(({ cidr }) => `${name} ${cidr}`))
    .sort()
    .join('\n');
}
