// Starts every command of the repository: `node tools/bootstrap/run.mjs <command> [args]`.
//
// Plain JavaScript, because before the first install there is only the machine's own Node (18 or newer). It brings
// node_modules up to date and then hands over to the Node 24 that stands in the lock file.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commands } from './commands.mjs';
import { ensureInstalled } from './install.mjs';
import { asksForUsage, misuseOf, usageOf } from './usage.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
// npm says where it was called from and works in the root; a direct call from elsewhere is made to look the same.
process.env.INIT_CWD ??= process.cwd();
process.chdir(root);
const [name, ...args] = process.argv.slice(2);
const command = Object.hasOwn(commands, name ?? '') ? commands[name] : undefined;

if (command === undefined) {
  const known = Object.keys(commands).join(', ');
  fail(`${name === undefined ? 'a command is missing' : `there is no command "${name}"`}; known: ${known}`);
}

if (command.ownHelp !== true && asksForUsage(args)) {
  process.stdout.write(`${usageOf(name, command)}\n`);
  process.exit(0);
}
const misuse = misuseOf(command, args);
if (misuse !== undefined) fail(`${misuse}\n${usageOf(name, command)}`, 2);

try {
  await ensureInstalled(root);
  for (const folder of command.alsoInstall ?? []) await ensureInstalled(join(root, folder));
} catch (error) {
  fail(error.message);
}

const node = join(root, 'node_modules/.bin/node');
if (!existsSync(node)) {
  fail(`this machine (${process.platform} ${process.arch}) has no Node 24 in the lock file; linux x64 and arm64 have`);
}
if (command.entry !== undefined && !existsSync(join(root, command.entry))) {
  fail(`"${name}" is not here yet: ${command.entry} is missing`);
}

// Node 24 strips the types of our own TypeScript; libraries are taken from their sources, so no build comes first.
const handOver = [
  '--disable-warning=ExperimentalWarning',
  '--conditions=@nexora/source',
  ...(command.nodeArgs ?? []),
  '--import',
  new URL('./assert-node.mjs', import.meta.url).href,
  join(root, command.entry),
  ...(command.args ?? []),
  ...args,
];
const env = {
  ...process.env,
  NX_DAEMON: 'false',
  PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH ?? ''}`,
};

if (typeof process.execve === 'function' && constants.signals.SIGTERM !== undefined) {
  // Replaces this process: no wrapper stays in memory, signals and the exit code need no passing on.
  process.removeAllListeners('warning');
  process.execve(node, [node, ...handOver], env);
}

const child = spawn(node, handOver, { stdio: 'inherit', env });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    // On a terminal the whole process group got Ctrl-C already; a second one would read as impatience.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  });
}
child.on('error', (error) => fail(error.message));
child.on('exit', (code, signal) => {
  process.exit(code ?? 128 + (constants.signals[signal] ?? 0));
});

function fail(sentence, code = 1) {
  process.stderr.write(`nexora: ${sentence}\n`);
  process.exit(code);
}
