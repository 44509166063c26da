import { type Ended, run } from '../command.ts';
import { byExitCode, type Finding, failed, type Gate } from '../gate.ts';

/** Folders that are linted when nothing else is asked for. */
const everything = ['apps', 'libs', 'tools'];

/** What the boundary rule says when it knows no project graph, after which it lets everything pass. */
const BLIND = 'No cached ProjectGraph';

/** Lints the given paths through nx, which is what gives the boundary rule its graph. */
export async function lintPaths(paths: readonly string[], options: { cwd?: string } = {}): Promise<Ended> {
  return run('nx', ['run', 'workspace:lint', `--args=${paths.join(' ')}`, '--output-style=static'], options);
}

/** Exit code 0 is not enough: a linter without its graph is green and has checked nothing. */
export function verdictOfLint(ended: Ended): Finding {
  if (ended.output.includes(BLIND)) {
    return failed(`the boundary rule ran without the project graph and checked nothing\n${ended.output}`);
  }
  return byExitCode(ended);
}

export const lint: Gate = {
  name: 'lint',
  remedy: 'npm run lint -- <path> lints one place',
  async check() {
    return verdictOfLint(await lintPaths(everything));
  },
};
