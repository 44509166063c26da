import { parseArgs } from 'node:util';

/** What the command line of a benchmark says. */
export interface Options {
  /** File for the machine-readable result, if one is wanted. */
  readonly json: string | undefined;
  /** Small counts and one run each: to try the benchmark itself, never to quote. */
  readonly quick: boolean;
  /** Whether this system is wanted: its name contains one of the texts that were asked for, or none was. */
  readonly wantsSystem: (name: string) => boolean;
  /** The same for a workload. */
  readonly wantsWorkload: (name: string) => boolean;
}

/** How the benchmark is called. */
export const USAGE = 'usage: bench:ledger [--json <file>] [--quick] [--system <part of a name>]… [--workload <part>]…';

/** @throws TypeError for an option that does not exist, or lacks its value */
export function optionsFrom(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'string' },
      quick: { type: 'boolean', default: false },
      system: { type: 'string', multiple: true, default: [''] },
      workload: { type: 'string', multiple: true, default: [''] },
    },
  });
  const { json, quick, system, workload } = values;
  return { json, quick, wantsSystem: oneOf(system), wantsWorkload: oneOf(workload) };
}

function oneOf(parts: readonly string[]): (name: string) => boolean {
  return (name) => parts.some((part) => name.includes(part));
}
