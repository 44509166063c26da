import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type Finding, failed, type Gate, passed } from '../gate.ts';
import { cruiseOffences, innocents, lintOffences, type Offence, scaffold } from './canary-plants.ts';
import { type Cruise, cruise } from './cruise.ts';
import { lintPaths } from './lint.ts';
import { type PlantedFile, withScratchCopy } from './scratch-copy.ts';

/** A rule that fired, and where. Sentences of linters change, rules and files do not. */
export interface Alarm {
  readonly rule: string;
  readonly path: string;
}

interface LintedFile {
  readonly filePath: string;
  readonly messages: readonly { readonly ruleId: string | null; readonly message: string }[];
}

/**
 * Commits one offence per rule in a copy of the repository and expects the alarm; innocent files must stay silent.
 * A linter that has lost its graph, its types or its configuration is as green as a clean repository.
 */
export const canaries: Gate = {
  name: 'canaries',
  remedy: 'a rule is dead or too eager: look at eslint.config.mjs, .dependency-cruiser.cjs and the tags',
  async check() {
    const planted = [...scaffold, ...innocents, ...lintOffences, ...cruiseOffences];
    return withScratchCopy(planted, async (copy) =>
      judge([...(await lintAlarms(copy)), ...cruiseAlarms(await cruise({ cwd: copy }))]),
    );
  },
};

/** Compares the alarms with what was planted. */
export function judge(alarms: readonly Alarm[]): Finding {
  const raised = ({ rule, path }: Offence) => alarms.some((alarm) => alarm.rule === rule && alarm.path === path);
  const isInnocent = (path: string) => innocents.some((file) => file.path === path);
  const wrong = [
    ...[...lintOffences, ...cruiseOffences]
      .filter((offence) => !raised(offence))
      .map(({ rule, path }) => `${rule} lets ${path} pass`),
    ...alarms
      .filter(({ path }) => isInnocent(path))
      .map(({ rule, path }) => `${rule} refuses ${path}, which is allowed`),
  ];
  return wrong.length === 0 ? passed : failed(wrong.join('\n'));
}

async function lintAlarms(copy: string): Promise<Alarm[]> {
  const report = join(copy, 'canaries.json');
  const files: readonly PlantedFile[] = [...innocents, ...lintOffences];
  const ended = await lintPaths([...files.map(({ path }) => path), '--format', 'json', '--output-file', report], {
    cwd: copy,
  });
  if (ended.code === 0) throw new Error(`the linter was content with every offence:\n${ended.output}`);
  return (JSON.parse(readFileSync(report, 'utf8')) as LintedFile[]).flatMap(({ filePath, messages }) =>
    messages.map(({ ruleId, message }) => ({ rule: ruleId ?? message, path: relative(copy, filePath) })),
  );
}

function cruiseAlarms({ summary }: Cruise): Alarm[] {
  return summary.violations.map(({ rule, from }) => ({ rule: rule.name, path: from }));
}
