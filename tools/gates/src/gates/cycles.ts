import { type Ended, run } from '../command.ts';
import { type Finding, failed, type Gate, passed } from '../gate.ts';
import { projectCycles } from './project-cycles.ts';

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

/** Violations of the rules plus projects that need each other, one line each. */
export function complaintsOf(report: Cruise): string[] {
  return [
    ...report.summary.violations.map(({ rule, from, to, cycle }) => {
      const path = cycle ? cycle.map((step) => step.name).join(' → ') : to;
      return `${rule.name}: ${from} → ${path}`;
    }),
    ...projectCycles(report).map((cycle) => `project cycle: ${cycle.join(' → ')}`),
  ];
}

export const cycles: Gate = {
  name: 'cycles and layers',
  remedy: 'the rule of that name in .dependency-cruiser.cjs says why; move what both need, or turn the import round',
  async check(): Promise<Finding> {
    const report = await cruise();
    if (report.modules.length === 0) return failed('dependency-cruiser saw no file at all');
    const complaints = complaintsOf(report);
    return complaints.length === 0 ? passed : failed(complaints.join('\n'));
  },
};
