import { type Ended, run } from '../command.ts';

/** The part of dependency-cruiser's report that is read here. */
export interface Cruise {
  readonly modules: readonly {
    readonly source: string;
    readonly dependencies: readonly { readonly resolved: string }[];
  }[];
  readonly summary: {
    readonly violations: readonly {
      readonly from: string;
      readonly to: string;
      readonly rule: { readonly name: string };
      readonly cycle?: readonly { readonly name: string }[];
    }[];
  };
}

/** Reads the imports of the whole repository. */
export async function cruise(options: { cwd?: string } = {}): Promise<Cruise> {
  const ended = await run('depcruise', ['apps', 'libs', 'tools', '--output-type', 'json'], options);
  return parse(ended);
}

function parse(ended: Ended): Cruise {
  const start = ended.output.indexOf('{');
  if (start < 0) throw new Error(`dependency-cruiser gave no report: ${ended.output}`);
  return JSON.parse(ended.output.slice(start)) as Cruise;
}
