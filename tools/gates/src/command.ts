import { spawn } from 'node:child_process';
import { root } from './root.ts';

/** How a command ended and all it printed, both streams in the order of arrival. */
export interface Ended {
  readonly code: number;
  readonly output: string;
}

/** Runs a program of the repository (found in node_modules/.bin first) and never throws for its exit code. */
export async function run(program: string, args: readonly string[], options: { cwd?: string } = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd ?? root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, FORCE_COLOR: '0', NX_DAEMON: 'false', NX_TUI: 'false' },
    });
    let output = '';
    const keep = (chunk: string) => {
      output += chunk;
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code: code ?? 1, output });
    });
  });
}
