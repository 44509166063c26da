import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { LoggedCancellation } from './cancel/book.ts';
import type { SandboxState } from './control/control.ts';
import { isRecord } from './guards.ts';
import type { LoggedRequest } from './pac/memory.ts';
import type { Ready } from './sandbox.ts';

/** Thrown when the control port says no; the sentence is the sandbox's. */
export class ControlRefused extends Error {
  constructor(path: string, answer: string) {
    super(`${path}: ${answer}`);
    this.name = 'ControlRefused';
  }
}

/** Speaks to the control port. Every change resolves to the state that it led to. Errors: ControlRefused. */
export class SandboxClient {
  readonly controlUrl: string;

  constructor(controlUrl: string) {
    this.controlUrl = controlUrl.replace(/\/$/, '');
  }

  /** Cut: PAC and heartbeat refuse connections, open ones are destroyed. */
  async internet(action: 'cut' | 'restore'): Promise<SandboxState> {
    return this.change('/control/internet', { internet: action });
  }

  /** From the next request on; `times` requests long, or until `none`. */
  async pac(misbehaviour: string, times?: number): Promise<SandboxState> {
    return this.change('/control/pac', { misbehaviour, ...(times === undefined ? {} : { times }) });
  }

  /** Moves the PAC's now away from the machine's by this many seconds; 0 sets it right. */
  async clock(offsetSeconds: number): Promise<SandboxState> {
    return this.change('/control/clock', { offsetSeconds });
  }

  async state(): Promise<SandboxState> {
    return JSON.parse(await this.ask('/control/state')) as SandboxState;
  }

  /** Every request that reached the PAC, oldest first, also those before a restart. */
  async log(): Promise<LoggedRequest[]> {
    const lines = (await this.logLines()).split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line) as LoggedRequest);
  }

  /** Every request to cancel that reached the PAC, oldest first, also those before a restart. */
  async cancellations(): Promise<LoggedCancellation[]> {
    const lines = (await this.cancellationLines()).split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line) as LoggedCancellation);
  }

  /** The same as it is printed: one JSON object per line. */
  async cancellationLines(): Promise<string> {
    return this.ask('/control/cancel/log');
  }

  /** The log as it is printed: one JSON object per line. */
  async logLines(): Promise<string> {
    return this.ask('/control/pac/log');
  }

  private async change(path: string, body: object): Promise<SandboxState> {
    return JSON.parse(await this.ask(path, body)) as SandboxState;
  }

  private async ask(path: string, body?: object): Promise<string> {
    const post = { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const response = await fetch(`${this.controlUrl}${path}`, body === undefined ? {} : post);
    const text = await response.text();
    if (!response.ok) throw new ControlRefused(path, text);
    return text;
  }
}

/** What a test may set; the rest is the sandbox's default. */
export interface StartOptions {
  readonly dir: string;
  readonly pacPort?: number;
  readonly heartbeatPort?: number;
  readonly controlPort?: number;
  readonly user?: string;
  readonly password?: string;
  /** Folder with the tax authority's files; '' for none. */
  readonly resources?: string;
}

/** A sandbox process of a test's own. */
export interface RunningSandbox {
  readonly dir: string;
  readonly pid: number;
  readonly pacUrl: string;
  readonly heartbeatUrl: string;
  readonly controlUrl: string;
  readonly user: string;
  readonly password: string;
  readonly client: SandboxClient;
  /** Asks it to end (SIGTERM) and waits; answers its exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL: nothing is finished or flushed. */
  kill(): Promise<void>;
}

/** Node flags that keep the process small, and take our libraries from their sources: there may be no build yet. */
export const sandboxFlags = [
  '--max-old-space-size=256',
  '--max-semi-space-size=1',
  '--optimize-for-size',
  '--conditions=@nexora/source',
  '--disable-warning=ExperimentalWarning',
] as const;
/** Program of the sandbox, for whoever starts it. */
export const sandboxMain = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './main.ts' : './main.js', import.meta.url),
);

const compileCache = fileURLToPath(new URL('../../../.cache/compile', import.meta.url));

function environmentOf(options: StartOptions, user: string, password: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    NODE_OPTIONS: '',
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? compileCache,
    SANDBOX_DIR: options.dir,
    PAC_PORT: String(options.pacPort ?? 0),
    HEARTBEAT_PORT: String(options.heartbeatPort ?? 0),
    CONTROL_PORT: String(options.controlPort ?? 0),
    PAC_USER: user,
    PAC_PASS: password,
    SANDBOX_FOLLOW_STDIN: 'true',
    ...(options.resources === undefined ? {} : { SAT_RESOURCES_DIR: options.resources }),
  };
}

function readyIn(line: string): Ready | undefined {
  if (!line.startsWith('{')) return undefined;
  const value = JSON.parse(line) as unknown;
  return isRecord(value) && value.ready === true ? (value as unknown as Ready) : undefined;
}

async function waitReady(child: ChildProcess): Promise<Ready> {
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text));
  if (child.stdout === null) throw new Error('The sandbox has no output');
  for await (const line of createInterface({ input: child.stdout })) {
    const ready = readyIn(line);
    if (ready !== undefined) {
      child.stdout.resume();
      return ready;
    }
  }
  const code = child.exitCode ?? ((await once(child, 'exit')) as unknown[])[0];
  throw new Error(`The sandbox PAC ended with ${String(code)} before it was ready: ${errors.trim()}`);
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
  return child.exitCode;
}

/** Starts the sandbox as a process and waits until it is ready. A second start on the same directory remembers. */
export async function startSandbox(options: StartOptions): Promise<RunningSandbox> {
  const user = options.user ?? 'sandbox';
  const password = options.password ?? 'sandbox';
  const child = spawn(process.execPath, [...sandboxFlags, sandboxMain], {
    env: environmentOf(options, user, password),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ready = await waitReady(child);
  return {
    dir: options.dir,
    pid: ready.pid,
    pacUrl: ready.pac,
    heartbeatUrl: ready.heartbeat,
    controlUrl: ready.control,
    user,
    password,
    client: new SandboxClient(ready.control),
    stop: () => ended(child, 'SIGTERM'),
    kill: async () => void (await ended(child, 'SIGKILL')),
  };
}
