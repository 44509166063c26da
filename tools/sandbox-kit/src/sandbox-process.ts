import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { isRecord } from './guards.ts';

/** Node flags that keep the process small, and take our libraries from their sources: there may be no build yet. */
export const sandboxFlags = [
  '--max-old-space-size=256',
  '--max-semi-space-size=1',
  '--optimize-for-size',
  '--conditions=@nexora/source',
  '--disable-warning=ExperimentalWarning',
] as const;

const compileCache = fileURLToPath(new URL('../../../.cache/compile', import.meta.url));

/** A sandbox that has said that it is ready. */
export interface SandboxProcess<Ready> {
  readonly ready: Ready;
  /** Asks it to end (SIGTERM) and waits; answers its exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL: nothing is finished or flushed. */
  kill(): Promise<void>;
}

/** What to start: `name` for sentences, the program, and its settings besides those of every sandbox. */
export interface SandboxProgram {
  readonly name: string;
  readonly main: string;
  readonly environment: Readonly<Record<string, string>>;
}

function readyIn(line: string): unknown {
  if (!line.startsWith('{')) return undefined;
  const value = JSON.parse(line) as unknown;
  return isRecord(value) && value.ready === true ? value : undefined;
}

async function waitReady(name: string, child: ChildProcess): Promise<unknown> {
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text));
  if (child.stdout === null) throw new Error(`The ${name} has no output`);
  for await (const line of createInterface({ input: child.stdout })) {
    const ready = readyIn(line);
    if (ready !== undefined) {
      child.stdout.resume();
      return ready;
    }
  }
  const code = child.exitCode ?? ((await once(child, 'exit')) as unknown[])[0];
  throw new Error(`The ${name} ended with ${String(code)} before it was ready: ${errors.trim()}`);
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
  return child.exitCode;
}

/**
 * Starts a sandbox as a process that dies with this one, and waits for the line of JSON that says it is ready. Errors:
 * one that ends before tells its code and what it wrote to stderr.
 */
export async function startSandboxProcess<Ready>(program: SandboxProgram): Promise<SandboxProcess<Ready>> {
  const child = spawn(process.execPath, [...sandboxFlags, program.main], {
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? compileCache,
      SANDBOX_FOLLOW_STDIN: 'true',
      ...program.environment,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  return {
    ready: (await waitReady(program.name, child)) as Ready,
    stop: () => ended(child, 'SIGTERM'),
    kill: async () => void (await ended(child, 'SIGKILL')),
  };
}
