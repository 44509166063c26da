import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isAlive, shippedNodeFlags } from '@nexora/embedded';
import { Home, root } from './home.ts';
import { screen } from './screen.ts';
import { readSettings } from './settings.ts';
import { readState } from './state.ts';
import { compileCache } from './steps/compile-cache.ts';
import type { Told } from './supervisor/main.ts';
import { AlreadyUp, Supervisor } from './supervisor/supervisor.ts';

/** A terminal and npm both pass on Ctrl-C: the same wish within this time counts once. */
const ECHO_MS = 500;

const { values } = parseArgs({ options: { detach: { type: 'boolean', short: 'd' } } });
const home = Home.ofClone();

/** Whoever read our output may have gone; that must not end the house. */
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

async function upHere(): Promise<void> {
  const supervisor = await Supervisor.take(home, (line) => console.log(line));
  const stopped = obeySignals(supervisor);
  try {
    const state = await supervisor.start();
    console.log(screen(home, state));
    console.log('Ctrl-C stops all of it; the next start carries on.');
  } catch (error) {
    if (!supervisor.isStopping) {
      await supervisor.stop();
      throw error;
    }
  }
  await stopped;
}

/** The first signal stops in order, a later one at once; answers when all has stopped. */
function obeySignals(supervisor: Supervisor): Promise<void> {
  let askedAt: number | null = null;
  return new Promise((resolve, reject) => {
    const obey = () => {
      if (askedAt !== null && performance.now() - askedAt < ECHO_MS) return;
      if (askedAt === null) console.log('\nStopping; once more to stop at once.');
      (askedAt === null ? supervisor.stop() : supervisor.kill()).then(resolve, reject);
      askedAt = performance.now();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, obey);
  });
}

/** Starts the supervisor as a process of its own and waits until it says how it went. */
async function upDetached(): Promise<void> {
  home.prepare();
  const log = openSync(home.logOf('up'), 'a', 0o600);
  const main = fileURLToPath(new URL('./supervisor/main.ts', import.meta.url));
  const flags = [...shippedNodeFlags, '--disable-warning=ExperimentalWarning', '--conditions=@nexora/source'];
  const daemon = spawn(process.execPath, [...flags, main, home.path], {
    cwd: root,
    detached: true,
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  const outcome = await new Promise<Told>((resolve) => {
    daemon.on('message', (told: Told) => {
      if ('say' in told) console.log(told.say);
      else resolve(told);
    });
    daemon.once('exit', (code) => resolve({ failed: `the supervisor ended (${String(code)})`, alreadyUp: false }));
    daemon.once('error', (error) => resolve({ failed: error.message, alreadyUp: false }));
  });
  if ('failed' in outcome) throw outcome.alreadyUp ? new AlreadyUp(outcome.failed) : new Error(outcome.failed);
  daemon.unref();
  if (daemon.connected) daemon.disconnect();
  const state = readState(home);
  if (state !== null) console.log(screen(home, state));
}

/** A second `up` says so, and shows where to look. */
function tellRunning(): number {
  const state = readState(home);
  const running = state !== null && isAlive(state.supervisor) && state.phase === 'running';
  console.log(
    running
      ? `The house is up already.\n${screen(home, state)}`
      : 'The house is being started or stopped by another command.',
  );
  return running ? 0 : 1;
}

try {
  readSettings();
  await (values.detach === true ? upDetached() : upHere());
  process.exitCode = 0;
} catch (error) {
  if (error instanceof AlreadyUp) process.exitCode = tellRunning();
  else {
    console.error(`up: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
process.exit();
