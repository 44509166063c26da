// `npm run new:agent -- <name>`: an agent of that name in this repository, from the template beside this folder.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { objectionTo } from './agent-name.ts';
import { planAgent } from './plan-agent.ts';

const root = join(import.meta.dirname, '../../..');
const [name, ...more] = process.argv.slice(2);

if (name === undefined || more.length > 0) refuse('say one name: npm run new:agent -- citas');
const objection = objectionTo(name, root);
if (objection !== undefined) refuse(objection);

for (const { path, source } of await planAgent(root, name, new Date())) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), source);
  console.log(path);
}
// The lock file learns the package, then the settings page and .env.example its settings.
for (const args of [
  ['install', '--no-audit', '--no-fund', '--loglevel=error'],
  ['run', '--silent', 'pages'],
]) {
  if (spawnSync('npm', args, { cwd: root, stdio: 'inherit' }).status !== 0) {
    console.error(`nexora: the files above are there, but this failed: npm ${args.join(' ')}`);
    console.error('nexora: mend what it says, then: npm install && npm run pages');
    process.exit(1);
  }
}
console.log(`
The agent ${name} is there, with a sample of a job. Try it:  npm test -- --only apps/${name}
Then make it yours (docs/new-agent.md):
  what goes in and out         libs/contracts/src/${name}.kinds.ts
  the work                     apps/${name}/src/handlers/
  what the business may set    apps/${name}/src/${name}.settings.ts`);

function refuse(sentence: string): never {
  console.error(`nexora: ${sentence}`);
  process.exit(2);
}
