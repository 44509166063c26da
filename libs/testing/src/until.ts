import { setTimeout as delay } from 'node:timers/promises';
import { types } from 'node:util';

/** How long to wait, and what for: the words stand in the failure. */
export interface UntilOptions {
  /** Milliseconds. Default 10 000. */
  readonly within?: number;
  /** What is awaited, as it reads after "waited for": `the row to be done`. */
  readonly what: string;
}

const FIRST_LOOK_MS = 2;
const LONGEST_PAUSE_MS = 100;

/**
 * Waits until `condition` answers something truthy, and answers that. A condition that throws counts as not yet;
 * its last error is in the failure. Looks often at first, then less: no test waits longer than it must.
 */
export async function until<T>(
  condition: () => Promise<T> | T,
  options: UntilOptions,
): Promise<Exclude<T, false | null | undefined | 0 | ''>> {
  const within = options.within ?? 10_000;
  const deadline = performance.now() + within;
  let last: unknown;
  for (let pause = FIRST_LOOK_MS; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
    try {
      last = await condition();
      if (last) return last as Exclude<T, false | null | undefined | 0 | ''>;
    } catch (error) {
      last = error;
    }
    if (performance.now() >= deadline) break;
    await delay(pause);
  }
  throw new Error(`waited ${within} ms for ${options.what}; the last look gave: ${describe(last)}`, {
    cause: last,
  });
}

function describe(value: unknown): string {
  return types.isNativeError(value) ? String(value) : (JSON.stringify(value) ?? String(value));
}
