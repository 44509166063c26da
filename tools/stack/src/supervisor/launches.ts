import { join } from 'node:path';
import { freePort, shippedNodeFlags, type Child } from '@nexora/embedded';
import { sandboxFlags, sandboxMain } from '@nexora/sandbox-pac';
import { portalFlags, portalMain } from '@nexora/sandbox-portal';
import { root, type Home } from '../home.ts';
import { compileCache } from '../steps/compile-cache.ts';
import { environmentOf, passedOn, type House } from './environment.ts';
import { answersOk, untilHealthy } from './health.ts';
import type { Launch } from './managed-process.ts';

/** The app that serves the API. */
export const GATEWAY = 'admin-gateway';

/** Preferred port of the API where nothing else has it. */
const GATEWAY_PORT = 8080;

/** How an app is started: built code, the flags that ship, its own login and port. */
export async function appLaunch(app: string, house: House): Promise<Launch> {
  const { home } = house;
  const port = await keptPort(home, app);
  const inner = `http://127.0.0.1:${port}`;
  const env = environmentOf(app, port, house);
  const isOurPort = app === GATEWAY && /^0*$/.test(env['GATEWAY_PORT'] ?? '');
  if (isOurPort) env['GATEWAY_PORT'] = String(await keptPort(home, 'api', GATEWAY_PORT));
  return {
    ...(isOurPort ? { mendedByRestart: /Port \d+ of \S+ is taken/ } : {}),
    args: [...shippedNodeFlags, join(root, 'apps', app, 'dist', 'main.js')],
    env,
    metricsUrl: `${inner}/metrics`,
    ready: (_child, signal) => untilHealthy(`${inner}/health/ready`, signal),
    alive: (signal) => answersOk(`${inner}/health/live`, signal),
  };
}

/** Where the sandbox PAC says that it can be reached. */
export interface SandboxReady {
  readonly pac: string;
  readonly heartbeat: string;
  readonly control: string;
}

/** How the sandbox PAC is started: from its sources, by type stripping; it tells its ports itself. */
export function sandboxLaunch(home: Home, onReady: (where: SandboxReady) => void): Launch {
  return {
    args: [...shippedNodeFlags, ...sandboxFlags, sandboxMain],
    env: {
      ...passedOn(process.env),
      NODE_COMPILE_CACHE: compileCache,
      SANDBOX_DIR: home.file('sandbox-pac'),
      PAC_USER: 'sandbox',
      PAC_PASS: 'sandbox',
    },
    metricsUrl: null,
    ready: async (child, signal) => onReady(await readyLine<SandboxReady>(child, signal)),
  };
}

/** Where the sandbox portal says that it can be reached, and the keys that it signs with. */
export interface PortalReady {
  readonly portal: string;
  readonly control: string;
  readonly keys: string;
}

/** How the sandbox licence portal is started: as the sandbox PAC is. */
export function portalLaunch(home: Home, onReady: (where: PortalReady) => void): Launch {
  return {
    args: [...shippedNodeFlags, ...portalFlags, portalMain],
    env: { ...passedOn(process.env), NODE_COMPILE_CACHE: compileCache, SANDBOX_DIR: home.file('sandbox-portal') },
    metricsUrl: null,
    ready: async (child, signal) => onReady(await readyLine<PortalReady>(child, signal)),
  };
}

/** What a sandbox says on standard output once it listens. */
function readyLine<T>(child: Child, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = child.onLine((line) => {
      if (!line.startsWith('{"ready":true')) return;
      stop();
      resolve(JSON.parse(line) as T);
    });
    signal.addEventListener('abort', () => (stop(), reject(new Error('it ended before it was ready'))), { once: true });
  });
}

async function keptPort(home: Home, name: string, preferred = 0): Promise<number> {
  const port = await freePort(home.portOf(name) || preferred);
  try {
    home.keepPort(name, port);
  } catch (error) {
    console.error(`The port of ${name} will be another next time: ${String(error)}`); // a full disk is no reason not to run
  }
  return port;
}

/** Where the API of a gateway with this environment can be reached from this machine. */
export function gatewayUrl(env: NodeJS.ProcessEnv): string {
  const scheme = env['TLS_CERT'] || env['TLS_CERT_FILE'] ? 'https' : 'http';
  const host = env['GATEWAY_HOST'] ?? '';
  const reachable = ['', '0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host;
  return `${scheme}://${reachable.includes(':') ? `[${reachable}]` : reachable}:${env['GATEWAY_PORT']}`;
}
