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

/** Tells a person what goes on, apart from the result. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** The options of the command line; null after saying how the benchmark is called. */
export function optionsOrUsage(command: string): Options | null {
  try {
    return optionsFrom(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    note(error.message);
    note(`usage: ${command} [--json <file>] [--quick] [--system <part of a name>]… [--workload <part>]…`);
    return null;
  }
}

/** @throws TypeError for an option that does not exist, or lacks its value */
function optionsFrom(args: readonly string[]): Options {
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
