import { readdirSync, readFileSync } from 'node:fs';
import { memoryOf } from '@nexora/embedded';

const CLOCK_TICKS = 100;
const EVERY_MS = 500;

/** A process to watch, with all that it has started where `family` says so. */
export interface Watched {
  readonly name: string;
  readonly pid: number;
  readonly family?: boolean;
}

/** What a process used between `watch` and `end`. */
export interface Usage {
  readonly name: string;
  readonly cpuSeconds: number;
  /** Highest proportional share of memory that was seen, MB. */
  readonly peakMegabytes: number;
}

/** Watches the processors' time and the memory of processes. */
export class UsageWatch {
  readonly #watched: readonly Watched[];
  readonly #before: ReadonlyMap<string, number>;
  readonly #peaks = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;

  constructor(watched: readonly Watched[]) {
    this.#watched = watched;
    this.#before = new Map(watched.map((one) => [one.name, cpuOf(one)]));
    this.#look();
    this.#timer = setInterval(() => this.#look(), EVERY_MS);
  }

  end(): Usage[] {
    clearInterval(this.#timer);
    return this.#watched.map((one) => ({
      name: one.name,
      cpuSeconds: cpuOf(one) - (this.#before.get(one.name) ?? 0),
      peakMegabytes: (this.#peaks.get(one.name) ?? 0) / 1_048_576,
    }));
  }

  #look(): void {
    for (const one of this.#watched) {
      const bytes = pidsOf(one).reduce((sum, pid) => sum + (memoryOf(pid)?.pssBytes ?? 0), 0);
      this.#peaks.set(one.name, Math.max(bytes, this.#peaks.get(one.name) ?? 0));
    }
  }
}

/** Seconds of processor: its own, and of a family also that of its children, living and ended. */
function cpuOf(one: Watched): number {
  const ticks = pidsOf(one).reduce((sum, pid) => sum + ticksOf(pid, one.family === true && pid === one.pid), 0);
  return ticks / CLOCK_TICKS;
}

function pidsOf({ pid, family }: Watched): number[] {
  return family === true ? [pid, ...childrenOf(pid)] : [pid];
}

function childrenOf(parent: number): number[] {
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  return pids.filter((pid) => Number(statOf(pid)[1]) === parent);
}

function ticksOf(pid: number, withEnded: boolean): number {
  const fields = statOf(pid);
  return [11, 12, ...(withEnded ? [13, 14] : [])].reduce((sum, at) => sum + Number(fields[at] ?? 0), 0);
}

/** Fields of /proc/<pid>/stat behind the name; empty when the process is gone. */
function statOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [];
  } catch {
    return [];
  }
}
