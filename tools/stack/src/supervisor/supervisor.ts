import { refOf, tryLock, type Lock, type Say } from '@nexora/embedded';
import { writeWhole, type Home } from '../home.ts';
import { endOrphans } from '../orphans.ts';
import { readState, removeState, type ProcessEntry, type ServiceEntry, type StackState } from '../state.ts';
import { buildIfStale, startableApps } from '../steps/build.ts';
import { installDemonstrationLicense } from '../steps/demonstration-license.ts';
import { registerIssuer, seedHouse } from '../steps/demonstration.ts';
import { migrateHouse } from '../steps/migrate-house.ts';
import type { StartingHouse } from '../steps/run-step.ts';
import { CLIENT, databaseUrlFor, KEY, usesSandboxPac } from './environment.ts';
import { appLaunch, GATEWAY, gatewayUrl, portalLaunch, sandboxLaunch } from './launches.ts';
import { licenseSettingsIn, usesSandboxPortal } from './license-settings.ts';
import { LogFile } from './log-file.ts';
import { ManagedProcess } from './managed-process.ts';
import { openPostgres, openRedis, storageUrl, type Service, type ServiceParts } from './services.ts';
import { StateFile } from './state-file.ts';

const READY_WITHIN_MS = 90_000;
const SANDBOX = 'sandbox-pac';
const PORTAL = 'sandbox-portal';
const LICENSE = 'license';

/** Another supervisor has this house. */
export class AlreadyUp extends Error {}

/** What a house consists of. */
export interface What {
  /** Folders under `apps/`. */
  readonly apps: readonly string[];
  /** Whether the sandbox PAC runs and the demonstration business is there; never beside a real PAC. */
  readonly demonstration: boolean;
  /** Whether that business has comprobantes from the start. */
  readonly seed: boolean;
  /** Whether the sandbox licence portal runs and the house has a licence of it; never beside a given portal. */
  readonly portal: boolean;
}

/** Every app of the repository; the demonstration and the portal unless the settings name real ones. */
function everything(): What {
  const demonstration = usesSandboxPac(process.env);
  return { apps: startableApps(), demonstration, seed: demonstration, portal: usesSandboxPortal(process.env) };
}

/** Starts a house, keeps it up, and stops it; the one writer of its state file. */
export class Supervisor {
  private readonly home: Home;
  private readonly say: Say;
  private readonly lock: Lock;
  private readonly what: What;
  private readonly file: StateFile;
  private readonly processes: ManagedProcess[] = [];
  private readonly logs: LogFile[] = [];
  private postgres: Service | null = null;
  private redis: Service | null = null;
  private state: StackState;
  private starting: Promise<void> = Promise.resolve();
  private stopped: Promise<void> | null = null;
  private readonly stopping = new AbortController();

  private constructor(home: Home, what: What, say: Say, lock: Lock, state: StackState) {
    this.home = home;
    this.what = what;
    this.say = say;
    this.lock = lock;
    this.state = state;
    this.file = new StateFile(home, say);
  }

  /**
   * Takes the house, after ending what a supervisor that was killed left of it.
   * @throws AlreadyUp when another supervisor has it.
   */
  static async take(home: Home, say: Say, what: What = everything()): Promise<Supervisor> {
    home.prepare();
    const lock = await tryLock(home.lockName);
    if (lock === null) throw new AlreadyUp('The house is up already.');
    const former = readState(home);
    const orphans = former === null ? 0 : await endOrphans(former);
    if (orphans > 0) say(`Ended ${orphans} processes that a former run left behind.`);
    const self = refOf(process.pid);
    if (self === null) throw new Error('this process does not find itself in /proc');
    const keyGiven = Boolean(process.env[KEY] || process.env[`${KEY}_FILE`]);
    const state: StackState = { supervisor: self, phase: 'starting', keyGiven, processes: [] };
    const supervisor = new Supervisor(home, what, say, lock, state);
    supervisor.change({});
    return supervisor;
  }

  /** Whether it was told to stop. */
  get isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  /** The house as it is now. */
  get current(): StackState {
    return this.state;
  }

  /** From nothing to a house where every process is ready and the seed is stored. */
  async start(): Promise<StackState> {
    this.starting = this.startAll();
    try {
      await this.starting;
      this.stopping.signal.throwIfAborted();
      this.change({ phase: 'running' });
      return this.state;
    } catch (error) {
      if (!this.stopping.signal.aborted) this.change({ phase: 'failed', why: messageOf(error) });
      throw error;
    }
  }

  /** Ends every process in order: apps hand their work back, then the services. Keeps all data. */
  stop(): Promise<void> {
    this.stopped ??= this.stopAll();
    return this.stopped;
  }

  /** Ends the processes at once, when a person is in a hurry; the stop under way goes on from there. */
  async kill(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.processes.map((each) => each.kill()));
    await this.stop();
  }

  private async startAll(): Promise<void> {
    const { apps, demonstration, seed, portal } = this.what;
    const sandboxes = [demonstration ? this.startSandbox() : null, portal ? this.startPortal() : null];
    await settled([this.startServices(), buildIfStale(this.say, this.stopping.signal), ...sandboxes]);
    const issuer = demonstration ? registerIssuer(this.house) : null;
    const isLicensed = portal && apps.includes(LICENSE);
    await settled([issuer, isLicensed ? installDemonstrationLicense(this.house, this.say) : null]);
    this.say('Starting the apps.');
    await settled(apps.map((app) => this.startApp(app)));
    if (seed) await seedHouse(this.house);
  }

  private async startServices(): Promise<void> {
    this.say('Starting Postgres and Redis.');
    // Each is kept as soon as it runs: when the other fails, the stop must find it.
    const postgres = openPostgres(this.partsOf('postgres')).then((service) => (this.postgres = service));
    const redis = openRedis(this.partsOf('redis')).then((service) => (this.redis = service));
    await settled([postgres, redis]);
    this.writeServices({});
    const logins = await migrateHouse(this.house, this.what.apps, this.say);
    this.writeServices(logins);
    writeWhole(this.home.file('client-database-url'), `${databaseUrlFor(CLIENT, this.house)}\n`);
    this.change({ storage: { url: storageUrl(this.home) } });
  }

  private async startSandbox(): Promise<void> {
    const launch = sandboxLaunch(this.home, ({ pac, heartbeat, control }) =>
      this.changeSandbox({ pac: { url: pac, heartbeatUrl: heartbeat, controlUrl: control } }),
    );
    await this.supervise(SANDBOX, () => Promise.resolve(launch));
  }

  private async startPortal(): Promise<void> {
    const launch = portalLaunch(this.home, ({ portal, control, keys }) =>
      this.changeSandbox({ portal: { url: portal, controlUrl: control, keys } }),
    );
    await this.supervise(PORTAL, () => Promise.resolve(launch));
  }

  private async startApp(app: string): Promise<void> {
    const plan = async () => {
      const launch = await appLaunch(app, this.house);
      if (app === GATEWAY) this.change({ gateway: { url: gatewayUrl(launch.env) } });
      if (app === LICENSE) this.change({ license: licenseSettingsIn(launch.env) });
      return launch;
    };
    await this.supervise(app, plan);
  }

  private async supervise(name: string, plan: ConstructorParameters<typeof ManagedProcess>[0]['plan']): Promise<void> {
    this.stopping.signal.throwIfAborted();
    const onChange = (entry: ProcessEntry) => this.told(entry);
    const managed = new ManagedProcess({ name, plan, log: this.logOf(name), onChange });
    this.processes.push(managed);
    await managed.start(READY_WITHIN_MS);
  }

  private told(entry: ProcessEntry): void {
    if (entry.state === 'backoff') this.say(`${entry.name} ${entry.reason ?? 'ended'}; it is started again.`);
    this.change({ processes: this.processes.map((each) => each.entry) });
  }

  private async stopAll(): Promise<void> {
    this.stopping.abort();
    this.change({ phase: 'stopping' });
    await this.stopWhere((each) => !isSandbox(each));
    // What was still starting gives up by the signal; whatever it had opened is known after that.
    await this.starting.catch(() => undefined);
    await this.stopWhere(() => true);
    await Promise.allSettled([this.postgres?.stop(), this.redis?.stop()]);
    for (const log of this.logs) log.close();
    this.file.close();
    removeState(this.home);
    await this.lock.release();
  }

  private async stopWhere(isMeant: (each: ManagedProcess) => boolean): Promise<void> {
    await Promise.allSettled(this.processes.filter(isMeant).map((each) => each.stop()));
  }

  private get house(): StartingHouse {
    return { home: this.home, state: this.state, signal: this.stopping.signal };
  }

  private partsOf(name: string): ServiceParts {
    const { home, say } = this;
    return { home, say, log: this.logOf(name), onChange: () => this.writeServices(this.state.postgres?.logins ?? {}) };
  }

  private logOf(name: string): LogFile {
    const log = new LogFile(this.home.logOf(name));
    this.logs.push(log);
    return log;
  }

  private writeServices(logins: Readonly<Record<string, string>>): void {
    const { postgres, redis } = this;
    this.change({
      ...(postgres === null ? {} : { postgres: { ...entryOf(postgres), logins } }),
      ...(redis === null ? {} : { redis: entryOf(redis) }),
    });
  }

  private changeSandbox(part: NonNullable<StackState['sandbox']>): void {
    this.change({ sandbox: { ...this.state.sandbox, ...part } });
  }

  private change(part: Partial<StackState>): void {
    this.state = { ...this.state, ...part };
    this.file.write(this.state);
  }
}

function entryOf({ url, ref, given }: Service): ServiceEntry {
  return { url, ref, given };
}

function isSandbox(each: ManagedProcess): boolean {
  return each.name === SANDBOX || each.name === PORTAL;
}

/** Like Promise.all, but waits for all to settle: nothing may still be starting when a stop begins. */
async function settled<T extends readonly unknown[]>(work: { [K in keyof T]: Promise<T[K]> | T[K] }): Promise<T> {
  const results = await Promise.allSettled(work);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return results.map((result) => (result.status === 'fulfilled' ? result.value : undefined)) as unknown as T;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
