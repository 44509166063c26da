import { fileURLToPath } from 'node:url';
import { Child } from '@nexora/embedded';
import { root } from '../home.ts';
import type { House } from '../supervisor/environment.ts';
import { compileCache } from './compile-cache.ts';

/** A house that is being started; the signal says that the start is given up. */
export type StartingHouse = House & { readonly signal: AbortSignal };

/** How to run one step of the start in a process of its own. */
export interface Step {
  /** What it does, for the message when it fails: `the migration`. */
  readonly what: string;
  /** Node flags, file and arguments. */
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Ends it, when the start is given up. */
  readonly signal?: AbortSignal;
  /** Goes to its standard input: secrets do not stand in `ps`. */
  readonly input?: string;
}

const STRIP = ['--disable-warning=ExperimentalWarning', '--conditions=@nexora/source'];

/** Arguments that run one of our own TypeScript files beside this one. */
export function stepFile(name: string, ...args: string[]): string[] {
  return [...STRIP, fileURLToPath(new URL(name, import.meta.url)), ...args];
}

/** Runs the step; answers what it printed on standard output. @throws Error with its last output when it fails. */
export async function runStep(step: Step): Promise<string> {
  let printed = '';
  step.signal?.throwIfAborted();
  const child = await Child.start({
    command: process.execPath,
    args: step.args,
    // Steps are TypeScript: kept code saves each of them a second of type stripping.
    env: { ...(step.env ?? process.env), NODE_COMPILE_CACHE: compileCache },
    cwd: root,
    onStdout: (piece) => (printed += piece),
    ...(step.input === undefined ? {} : { input: step.input }),
  });
  const giveUp = () => void child.kill();
  step.signal?.addEventListener('abort', giveUp, { once: true });
  const exit = await child.exited;
  step.signal?.removeEventListener('abort', giveUp);
  step.signal?.throwIfAborted();
  if (exit.code === 0) return printed;
  const how = exit.signal === null ? `exit ${String(exit.code)}` : exit.signal;
  throw new Error(`${step.what} failed (${how}):\n${child.output.tail(25)}`);
}
