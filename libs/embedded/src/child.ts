import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { StartFailed } from './errors.ts';
import { RecentOutput } from './output.ts';
import { descendantsOf, familyOf, isAlive, signal, type ProcessRef } from './process-table.ts';
import { poll } from './wait.ts';

/** How to start a child. */
export interface ChildOptions {
  readonly command: string;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Numeric ids of the account it runs as; only root may set them. */
  readonly account?: { readonly uid: number; readonly gid: number };
  /** Text for its standard input, which is closed afterwards. */
  readonly input?: string;
  /** Signal that the kernel sends to the child when we die, even by SIGKILL. Default SIGTERM; null: it may outlive us. */
  readonly onParentDeath?: NodeJS.Signals | null;
  /** Called with every piece of output, for a log file. */
  readonly onOutput?: (piece: string) => void;
  /** Called with every piece of standard output alone, for an answer. */
  readonly onStdout?: (piece: string) => void;
}

/** How a child ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * A child process in a process group of its own (a Ctrl-C in our terminal does not reach it), which dies with us,
 * whose last output is kept, and whose end can be awaited.
 */
export class Child {
  readonly output = new RecentOutput();
  readonly exited: Promise<Exit>;
  private readonly process: ChildProcess;
  private ended: Exit | null = null;
  private readonly lineListeners = new Set<(line: string) => void>();

  private constructor(process: ChildProcess, options: ChildOptions) {
    this.process = process;
    this.exited = new Promise((resolve) => {
      process.once('exit', (code, signalName) => {
        const ended = { code, signal: signalName };
        this.ended = ended;
        // Its last words may still be in the pipe; a grandchild that holds the pipe open must not hold us up.
        const enough = setTimeout(() => resolve(ended), 500);
        process.once('close', () => {
          clearTimeout(enough);
          resolve(ended);
        });
      });
    });
    for (const stream of [process.stdout, process.stderr]) {
      stream?.setEncoding('utf8').on('data', (piece: string) => {
        options.onOutput?.(piece);
        if (stream === process.stdout) options.onStdout?.(piece);
        for (const line of this.output.push(piece)) for (const listener of this.lineListeners) listener(line);
      });
    }
  }

  /** Starts the child; rejects when the program cannot be started at all. */
  static async start(options: ChildOptions): Promise<Child> {
    if (findOnPath(options.command) === null) throw new StartFailed(`there is no program ${options.command} here`);
    const { command, args } = withParentDeath(options);
    const process = spawn(command, args, {
      cwd: options.cwd,
      env: options.env,
      uid: options.account?.uid,
      gid: options.account?.gid,
      detached: true,
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    const child = new Child(process, options);
    await new Promise<void>((resolve, reject) => {
      process.once('spawn', resolve);
      process.once('error', (error) =>
        reject(new StartFailed(`${options.command} cannot be started: ${error.message}`)),
      );
    });
    // A child that dies before it read everything closes the pipe; its exit tells the story.
    process.stdin?.on('error', () => undefined).end(options.input);
    return child;
  }

  get pid(): number {
    if (this.process.pid === undefined) throw new StartFailed('the process was never started');
    return this.process.pid;
  }

  /** How it ended, or null while it runs. */
  get exit(): Exit | null {
    return this.ended;
  }

  /** Calls back with every complete line from now on; answers how to stop that. */
  onLine(listener: (line: string) => void): () => void {
    this.lineListeners.add(listener);
    return () => this.lineListeners.delete(listener);
  }

  /** Sends a signal to the process itself; false when it has ended. */
  signal(name: NodeJS.Signals): boolean {
    return this.ended === null && signal(this.pid, name);
  }

  /** Sends a signal to the process and all its descendants. The parent is halted first, so that it starts no more. */
  signalFamily(name: NodeJS.Signals): void {
    if (this.ended !== null) return;
    if (name !== 'SIGCONT') signal(this.pid, 'SIGSTOP');
    const family = familyOf(this.pid);
    for (const pid of name === 'SIGCONT' ? family : family.reverse()) signal(pid, name);
  }

  /** Ends it by `name`, after `grace` milliseconds by SIGKILL with all descendants. */
  async stop(name: NodeJS.Signals = 'SIGTERM', grace = 20_000): Promise<Exit> {
    const family = this.ended === null ? descendantsOf(this.pid) : [];
    this.signalFamily('SIGCONT');
    this.signal(name);
    const impatience = setTimeout(() => this.signalFamily('SIGKILL'), grace);
    const exit = await this.exited;
    clearTimeout(impatience);
    await gone(family);
    return exit;
  }

  /** SIGKILL to the process and all its descendants, as a power cut would; answers when all are gone. */
  async kill(): Promise<void> {
    const family = this.ended === null ? descendantsOf(this.pid) : [];
    this.signalFamily('SIGKILL');
    await this.exited;
    await gone(family);
  }
}

/** Waits until descendants that were told to end have ended; what ignores the word for 5 s is killed. */
async function gone(family: readonly ProcessRef[]): Promise<void> {
  const allGone = () => !family.some(isAlive);
  if ((await poll(allGone, { within: 5_000, every: 5 })) !== null) return;
  for (const ref of family.filter(isAlive)) signal(ref.pid, 'SIGKILL');
  await poll(allGone, { within: 2_000, every: 5 });
}

let setpriv: string | null | undefined;

function withParentDeath(options: ChildOptions): { command: string; args: readonly string[] } {
  const args = options.args ?? [];
  const name = options.onParentDeath === undefined ? 'SIGTERM' : options.onParentDeath;
  if (name === null) return { command: options.command, args };
  setpriv ??= findOnPath('setpriv');
  if (setpriv === null) return { command: options.command, args };
  return { command: setpriv, args: ['--pdeathsig', name.replace('SIG', ''), '--', options.command, ...args] };
}

/** Full path of a program on PATH (the folders of system programs included), or null. */
export function findOnPath(program: string): string | null {
  if (program.includes('/')) return isExecutable(program) ? program : null;
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/bin', '/bin'];
  for (const folder of folders.filter((each) => each !== '')) {
    const path = join(folder, program);
    if (isExecutable(path)) return path;
  }
  return null;
}

/** Whether the file exists and may be run by us. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
