import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';

/** Where this machine stands in its present run, which no hand on the clock moves. */
export interface BootMoment {
  /** Another one after each start of the machine. */
  readonly bootId: string;
  /** Milliseconds since the machine started, sleep included. */
  readonly bootMs: number;
}

/** Tells boot time. */
export interface BootTime {
  read(): BootMoment;
}

const BOOT_ID = '/proc/sys/kernel/random/boot_id';

/** Boot time of the kernel; where it tells no boot id, each process counts for itself from its own start. */
export function bootTimeOfHost(path = BOOT_ID): BootTime {
  const kernel = bootId(path);
  if (kernel !== undefined) return { read: () => ({ bootId: kernel, bootMs: Math.round(uptime() * 1_000) }) };
  const own = randomUUID();
  return { read: () => ({ bootId: own, bootMs: Math.round(performance.now()) }) };
}

function bootId(path: string): string | undefined {
  try {
    const text = readFileSync(path, 'ascii').trim();
    return /^[0-9a-f-]{36}$/.test(text) ? text : undefined;
  } catch {
    return undefined; // no Linux: there is none
  }
}
