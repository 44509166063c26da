import { lintPaths, verdictOfLint } from './gates/lint.ts';

const paths = process.argv.slice(2);
const ended = await lintPaths(paths.length > 0 ? paths : ['apps', 'libs', 'tools']);
console.log(ended.output.trim());
process.exitCode = verdictOfLint(ended).kind === 'passed' ? 0 : 1;
