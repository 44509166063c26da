import { type Finding, failed, type Gate, passed } from '../gate.ts';
import { type Cruise, cruise } from './cruise.ts';
import { projectCycles } from './project-cycles.ts';

/** Violations of the rules plus projects that need each other, one line each. */
function complaintsOf(report: Cruise): string[] {
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
