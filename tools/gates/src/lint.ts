import { spawnSync } from 'node:child_process';

/** What the boundary rule says when it passes everything because it knows no project graph. */
export const BLIND = 'No cached ProjectGraph';

const run = spawnSync('node_modules/.bin/nx', ['run-many', '-t', 'lint', ...process.argv.slice(2)], {
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
});
process.stdout.write(run.stdout);
process.stderr.write(run.stderr);
const blind = `${run.stdout}${run.stderr}`.includes(BLIND);
if (blind) process.stderr.write('lint: the boundary rule ran without the project graph and checked nothing\n');
process.exit(blind ? 1 : (run.status ?? 1));
