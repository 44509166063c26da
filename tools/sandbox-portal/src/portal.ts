import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import {
  answerControl,
  bodyOf,
  choosePort,
  lineActionIn,
  Listener,
  offsetIn,
  SettingsFault,
  takePossession,
  timesIn,
  wordIn,
  type Controls,
  type TlsIdentity,
} from '@nexora/sandbox-kit';
import type { Lock } from '@nexora/embedded';
import { PortalPort } from './http/portal-port.ts';
import { stepsIn } from './misbehaviour.ts';
import { Vendor } from './office/vendor.ts';
import { RequestLog } from './requests.ts';
import type { Settings } from './settings.ts';
import { StateStore } from './state.ts';

const localhost = '127.0.0.1';

/** Where the portal can be reached, told on one line when it is ready. */
export interface Ready {
  readonly ready: true;
  readonly pid: number;
  readonly portal: string;
  readonly control: string;
  /** LICENSE_PUBLIC_KEY_HEX that trusts this portal's office. */
  readonly keys: string;
}

/** Answer of `GET /control/state`. */
export interface PortalState {
  readonly internet: 'up' | 'cut';
  readonly portal: {
    readonly url: string;
    /** The word of the step that acts now, `none` when it behaves. */
    readonly misbehaviour: string;
    readonly remaining: number | null;
    /** Words of the steps after it. */
    readonly next: readonly string[];
  };
  readonly clock: { readonly offsetSeconds: number; readonly now: string };
  /** Requests in the log. */
  readonly requests: number;
  readonly office: {
    readonly licenses: number;
    readonly publicKeysHex: readonly string[];
    readonly crl: { readonly series: string; readonly number: number };
  };
}

async function identityOf({ tls }: Settings): Promise<TlsIdentity | undefined> {
  if (tls === undefined) return undefined;
  try {
    const identity = { cert: await readFile(tls.certFile, 'utf8'), key: await readFile(tls.keyFile, 'utf8') };
    createSecureContext(identity);
    return identity;
  } catch (error) {
    throw new SettingsFault([`PORTAL_TLS_CERT and PORTAL_TLS_KEY cannot be used: ${(error as Error).message}`]);
  }
}

/** The process: the portal, which a cut line takes away, and the control port, which stays. */
export class Portal {
  private readonly possession: Lock;
  private readonly store: StateStore;
  private readonly log: RequestLog;
  private readonly vendor: Vendor;
  private readonly portal: Listener;
  private readonly control: Listener;
  private readonly keys: string;
  private line: Promise<void> = Promise.resolve();

  private constructor(parts: {
    readonly possession: Lock;
    readonly store: StateStore;
    readonly log: RequestLog;
    readonly vendor: Vendor;
    readonly keys: string;
    readonly host: string;
    readonly ports: { readonly portal: number; readonly control: number };
    readonly tls: TlsIdentity | undefined;
    readonly onFatal: (error: unknown) => void;
  }) {
    const { store, log, vendor, host, ports, tls, onFatal } = parts;
    this.possession = parts.possession;
    this.store = store;
    this.log = log;
    this.vendor = vendor;
    this.keys = parts.keys;
    const port = new PortalPort({ vendor, store, log, address: () => this.portal.url, onFatal });
    this.portal = new Listener(host, ports.portal, port.handler, tls);
    const controls = this.controls();
    this.control = new Listener(localhost, ports.control, (request, response) => {
      void answerControl(controls, request, response);
    });
  }

  /** Opens what is kept under the directory and listens. `onFatal` is told when nothing more can be kept. */
  static async start(settings: Settings, onFatal: (error: unknown) => void): Promise<Portal> {
    const { dir, host } = settings;
    const tls = await identityOf(settings);
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const possession = await takePossession('sandbox licence portal', dir);
    const store = StateStore.open(dir);
    const kept = store.current.ports;
    const ports = {
      portal: await choosePort(host, settings.portalPort, kept.portal),
      control: await choosePort(localhost, settings.controlPort, kept.control),
    };
    await store.change({ ports });
    const log = await RequestLog.open(join(dir, 'requests.jsonl'));
    const vendor = await Vendor.open(dir, () => store.now());
    const keys = (await vendor.publicKeysHex()).join(',');
    const portal = new Portal({ possession, store, log, vendor, keys, host, ports, tls, onFatal });
    await portal.control.open();
    if (store.current.internet === 'up') await portal.portal.open();
    return portal;
  }

  get ready(): Ready {
    return { ready: true, pid: process.pid, portal: this.portal.url, control: this.control.url, keys: this.keys };
  }

  async stop(): Promise<void> {
    await Promise.all([this.portal.close(), this.control.close()]);
    await this.log.close();
    await this.possession.release();
  }

  private controls(): Controls {
    return {
      state: () => this.state(),
      changes: {
        'POST /control/internet': async (request) => this.internet(lineActionIn(await bodyOf(request))),
        'POST /control/portal': async (request) => {
          const body = await bodyOf(request);
          await this.store.change({ steps: stepsIn(wordIn(body), timesIn(body)) });
        },
        'POST /control/clock': async (request) => {
          await this.store.change({ offsetSeconds: offsetIn(await bodyOf(request)) });
        },
      },
      logs: { 'GET /control/log': () => this.log.requests },
    };
  }

  private async state(): Promise<PortalState> {
    const { internet, steps, offsetSeconds } = this.store.current;
    const [step, ...later] = steps;
    const { crl } = await this.vendor.frozenCrl();
    return {
      internet,
      portal: {
        url: this.portal.url,
        misbehaviour: step?.word ?? 'none',
        remaining: step?.remaining ?? null,
        next: later.map(({ word }) => word),
      },
      clock: { offsetSeconds, now: this.store.now().toISOString() },
      requests: this.log.requests.length,
      office: {
        licenses: (await this.vendor.list()).length,
        publicKeysHex: await this.vendor.publicKeysHex(),
        crl: { series: crl.series, number: crl.number },
      },
    };
  }

  /** One after the other, so that a cut and a restore that cross leave what the later one says. */
  private async internet(action: 'cut' | 'restore'): Promise<void> {
    const done = this.line.then(() => (action === 'cut' ? this.cut() : this.restore()));
    this.line = done.catch(() => undefined);
    await done;
  }

  private async cut(): Promise<void> {
    await this.store.change({ internet: 'cut' });
    await this.portal.close();
  }

  private async restore(): Promise<void> {
    await this.portal.open();
    await this.store.change({ internet: 'up' });
  }
}
