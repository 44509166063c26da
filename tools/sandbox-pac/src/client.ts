import { fileURLToPath } from 'node:url';
import { ControlClient, startSandboxProcess } from '@nexora/sandbox-kit';
import type { LoggedCancellation } from './cancel/book.ts';
import type { SandboxState } from './control/control.ts';
import type { LoggedRequest } from './pac/memory.ts';
import type { Ready } from './sandbox.ts';

/** Speaks to the control port. Every change resolves to the state that it led to. Errors: ControlRefused. */
export class SandboxClient extends ControlClient {
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
    return this.read('/control/state');
  }

  /** Every request that reached the PAC, oldest first, also those before a restart. */
  async log(): Promise<LoggedRequest[]> {
    return this.readLines('/control/pac/log');
  }

  /** Every request to cancel that reached the PAC, oldest first, also those before a restart. */
  async cancellations(): Promise<LoggedCancellation[]> {
    return this.readLines('/control/cancel/log');
  }

  /** The same as it is printed: one JSON object per line. */
  async cancellationLines(): Promise<string> {
    return this.ask('/control/cancel/log');
  }

  /** The log as it is printed: one JSON object per line. */
  async logLines(): Promise<string> {
    return this.ask('/control/pac/log');
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

/** Program of the sandbox, for whoever starts it. */
export const sandboxMain = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './main.ts' : './main.js', import.meta.url),
);

function environmentOf(options: StartOptions, user: string, password: string): Record<string, string> {
  return {
    SANDBOX_DIR: options.dir,
    PAC_PORT: String(options.pacPort ?? 0),
    HEARTBEAT_PORT: String(options.heartbeatPort ?? 0),
    CONTROL_PORT: String(options.controlPort ?? 0),
    PAC_USER: user,
    PAC_PASS: password,
    ...(options.resources === undefined ? {} : { SAT_RESOURCES_DIR: options.resources }),
  };
}

/** Starts the sandbox as a process and waits until it is ready. A second start on the same directory remembers. */
export async function startSandbox(options: StartOptions): Promise<RunningSandbox> {
  const user = options.user ?? 'sandbox';
  const password = options.password ?? 'sandbox';
  const { ready, stop, kill } = await startSandboxProcess<Ready>({
    name: 'sandbox PAC',
    main: sandboxMain,
    environment: environmentOf(options, user, password),
  });
  return {
    dir: options.dir,
    pid: ready.pid,
    pacUrl: ready.pac,
    heartbeatUrl: ready.heartbeat,
    controlUrl: ready.control,
    user,
    password,
    client: new SandboxClient(ready.control),
    stop,
    kill,
  };
}
