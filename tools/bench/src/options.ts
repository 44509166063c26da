import { parseArgs } from 'node:util';

/** What the command line of a benchmark says. */
export interface Options {
  /** File for the machine-readable result, if one is wanted. */
  readonly json: string | undefined;
  /** Small counts and one run each: to try the benchmark itself, never to quote. */
  readonly quick: boolean;
  /** Only systems whose name contains this text. */
  readonly system: string;
  /** Only workloads whose name contains this text. */
  readonly workload: string;
}

/** @throws TypeError for an option that does not exist */
export function optionsFrom(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'string' },
      quick: { type: 'boolean', default: false },
      system: { type: 'string', default: '' },
      workload: { type: 'string', default: '' },
    },
  });
  return { json: values.json, quick: values.quick, system: values.system, workload: values.workload };
}
