import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Home } from './home.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { follow: { type: 'boolean', short: 'f' }, lines: { type: 'string', short: 'n', default: '200' } },
});
const home = Home.ofClone();
const [name] = positionals;

if (name === undefined || !existsSync(home.logOf(name))) {
  const folder = home.file('logs');
  const known = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.log')) : [];
  const names = known.map((file) => file.replace(/\.log$/, '')).join(', ') || 'none yet';
  console.error(`${name === undefined ? 'Which log?' : `There is no log of "${name}".`} There are: ${names}`);
  process.exitCode = 1;
} else {
  const follow = values.follow === true ? ['-F'] : [];
  spawn('tail', ['-n', values.lines, ...follow, home.logOf(name)], { stdio: 'inherit' });
}
