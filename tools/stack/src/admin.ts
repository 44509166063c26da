import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Home, root } from './home.ts';
import { readSettings } from './settings.ts';
import { readState } from './state.ts';
import { environmentOf } from './supervisor/environment.ts';
import { GATEWAY } from './supervisor/launches.ts';

readSettings();
const home = Home.ofClone();
const state = readState(home);

if (state?.postgres === undefined) {
  console.error('There is no house; start it with: npm run up');
  process.exitCode = 1;
} else {
  // The gateway's own program, with the gateway's own login: what it may do is the gateway's affair.
  const cli = join(root, 'apps', GATEWAY, 'dist', 'cli.js');
  const env = environmentOf(GATEWAY, 0, { home, state });
  const child = spawn(process.execPath, [cli, ...process.argv.slice(2)], { cwd: root, env, stdio: 'inherit' });
  child.once('exit', (code, signal) => (process.exitCode = code ?? (signal === null ? 1 : 130)));
}
