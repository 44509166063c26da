import { fileURLToPath } from 'node:url';
import { ControlClient, startSandboxProcess } from '@nexora/sandbox-kit';
import { Vendor } from './office/vendor.ts';
import type { PortalState, Ready } from './portal.ts';
import type { LoggedRequest } from './requests.ts';

/** Speaks to the portal's control port. Every change resolves to the state that it led to. Errors: ControlRefused. */
export class PortalClient extends ControlClient {
  /** Cut: the portal refuses connections, open ones are destroyed. */
  async internet(action: 'cut' | 'restore'): Promise<PortalState> {
    return this.change('/control/internet', { internet: action });
  }

  /**
   * From the next request on; `times` requests long, or until `none`. Words joined by `+` act at once, by commas one
   * after the other.
   */
  async misbehave(words: string, times?: number): Promise<PortalState> {
    return this.change('/control/portal', { misbehaviour: words, ...(times === undefined ? {} : { times }) });
  }

  /** Moves the portal's now away from the machine's by this many seconds; 0 sets it right. */
  async clock(offsetSeconds: number): Promise<PortalState> {
    return this.change('/control/clock', { offsetSeconds });
  }

  async state(): Promise<PortalState> {
    return this.read('/control/state');
  }

  /** Every request that reached the portal, oldest first, also those before a restart. */
  async log(): Promise<LoggedRequest[]> {
    return this.readLines('/control/log');
  }

  /** The log as it is printed: one JSON object per line. */
  async logLines(): Promise<string> {
    return this.ask('/control/log');
  }
}

/** What a test may set; the rest is the portal's default. */
export interface StartOptions {
  readonly dir: string;
  readonly portalPort?: number;
  readonly controlPort?: number;
  /** Paths of a certificate and its key in PEM: then it speaks HTTPS. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** A portal process of a test's own. */
export interface RunningPortal {
  readonly dir: string;
  readonly pid: number;
  readonly url: string;
  readonly controlUrl: string;
  /** LICENSE_PUBLIC_KEY_HEX that trusts it, as it was at the start. */
  readonly keys: string;
  readonly client: PortalClient;
  /** The office that it answers for. */
  readonly vendor: Vendor;
  /** Asks it to end (SIGTERM) and waits; answers its exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL: nothing is finished or flushed. */
  kill(): Promise<void>;
}

/** Program of the portal, for whoever starts it. */
export const portalMain = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './main.ts' : './main.js', import.meta.url),
);

/** Starts the portal as a process and waits until it is ready. A second start on the same directory remembers. */
export async function startPortal(options: StartOptions): Promise<RunningPortal> {
  const { dir, tls } = options;
  const { ready, stop, kill } = await startSandboxProcess<Ready>({
    name: 'sandbox licence portal',
    main: portalMain,
    environment: {
      SANDBOX_DIR: dir,
      PORTAL_PORT: String(options.portalPort ?? 0),
      CONTROL_PORT: String(options.controlPort ?? 0),
      ...(tls === undefined ? {} : { PORTAL_TLS_CERT: tls.cert, PORTAL_TLS_KEY: tls.key }),
    },
  });
  return {
    dir,
    pid: ready.pid,
    url: ready.portal,
    controlUrl: ready.control,
    keys: ready.keys,
    client: new PortalClient(ready.control),
    vendor: await Vendor.open(dir),
    stop,
    kill,
  };
}
