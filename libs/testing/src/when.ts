import type { describe as Describe, it as It } from '@jest/globals';

/** Something that a test needs and a machine may lack. */
export interface Requirement {
  readonly met: boolean;
  /** What is missing, as the list of skipped tests shows it. */
  readonly otherwise: string;
}

type Body = () => void | Promise<void>;

/** Like `it`, but counted as skipped, with the reason in its name, where the machine lacks what it needs. */
export function itWhen({ met, otherwise }: Requirement): (name: string, body: Body, timeoutMs?: number) => void {
  const { it } = jestGlobals();
  return (name, body, timeoutMs) => {
    if (met) it(name, body, timeoutMs);
    else it.skip(named(name, otherwise), body);
  };
}

/** Like `describe`, but every test in it is counted as skipped where the machine lacks what they need. */
export function describeWhen({ met, otherwise }: Requirement): (name: string, body: () => void) => void {
  const { describe } = jestGlobals();
  return (name, body) => {
    if (met) describe(name, body);
    else describe.skip(named(name, otherwise), body);
  };
}

function named(name: string, reason: string): string {
  return `${name} (skipped: ${reason})`;
}

/** Taken at the call: the module `@jest/globals` refuses to load outside Jest, and the runner loads this library. */
function jestGlobals(): { it: typeof It; describe: typeof Describe } {
  return globalThis as unknown as { it: typeof It; describe: typeof Describe };
}
