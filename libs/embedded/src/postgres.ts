import { realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { folderFor, removeFolder, serviceAccount, type Account } from './account.ts';
import { Child } from './child.ts';
import { errorCode } from './error-code.ts';
import { FolderInUse, StartFailed } from './errors.ts';
import type { Say } from './install.ts';
import { tryLock, type Lock } from './lock.ts';
import { freePort } from './ports.ts';
import {
  childEnvironment,
  clusterVersion,
  initCluster,
  SUPERUSER,
  writeConfig,
  type Durability,
} from './postgres-files.ts';
import { clearFormer } from './postgres-former.ts';
import { findPostgres } from './programs.ts';
import { readKept, writeKept } from './secrets.ts';
import { poll } from './wait.ts';

/** How to start a private Postgres. */
export interface PostgresOptions {
  /** Folder of the instance: password, port, and the data (or a link to them). Made if missing. */
  readonly dataDir: string;
  /** Port of 127.0.0.1; default: that of the last start if it is free, else any. */
  readonly port?: number;
  readonly durability?: Durability;
  /** Whether a missing server may be installed by the package manager. Default true. */
  readonly install?: boolean;
  /** Takes a line for a person; default stderr. */
  readonly say?: Say;
  /** Takes what the server prints. */
  readonly onOutput?: (piece: string) => void;
}

/** How Postgres stops: end sessions in order, roll them back at once, or leave recovery to the next start. */
export type StopMode = 'smart' | 'fast' | 'immediate';

/** Name of the data, or of the link to them, in the instance's folder. */
const DATA = 'postgres-data';
const STOP_SIGNALS = { smart: 'SIGTERM', fast: 'SIGINT', immediate: 'SIGQUIT' } as const;
/** Recovery after a power cut may read gigabytes of WAL from a slow disk. */
const READY_WITHIN_MS = 10 * 60_000;

/** A private instance that runs, or could be started again. */
export class EmbeddedPostgres {
  private child: Child;
  private readonly lock: Lock;
  private readonly relaunch: () => Promise<Child>;
  readonly port: number;
  private readonly password: string;

  constructor(parts: { child: Child; lock: Lock; relaunch: () => Promise<Child>; port: number; password: string }) {
    this.child = parts.child;
    this.lock = parts.lock;
    this.relaunch = parts.relaunch;
    this.port = parts.port;
    this.password = parts.password;
  }

  /** URL of the superuser for one database. */
  urlOf(database: string): string {
    return urlOf(this.port, this.password, database);
  }

  /** URL of the superuser, database `postgres`. */
  get adminUrl(): string {
    return this.urlOf('postgres');
  }

  get url(): string {
    return this.adminUrl;
  }

  /** Process id of the postmaster. */
  get pid(): number {
    return this.child.pid;
  }

  /** Resolves when the server ends, for whatever reason. */
  get exited(): Child['exited'] {
    return this.child.exited;
  }

  get running(): boolean {
    return this.child.exit === null;
  }

  /** The last lines that the server printed. */
  get lastOutput(): string {
    return this.child.output.tail();
  }

  /** Stops the server and lets go of the folder. */
  async stop(mode: StopMode = 'fast'): Promise<void> {
    await this.child.stop(STOP_SIGNALS[mode], 60_000);
    await this.lock.release();
  }

  /** SIGKILL to every process of the instance. `restart()` brings it back. */
  async kill(): Promise<void> {
    await this.child.kill();
  }

  /** Stops if it runs, starts on the same port; answers when a query works. */
  async restart({ mode = 'fast' }: { mode?: StopMode } = {}): Promise<void> {
    await this.child.stop(STOP_SIGNALS[mode], 60_000);
    this.child = await this.relaunch();
  }

  /** Freezes every process of the instance: connections stay open, nothing answers. */
  pause(): void {
    this.child.signalFamily('SIGSTOP');
  }

  resume(): void {
    this.child.signalFamily('SIGCONT');
  }
}

/**
 * Starts the instance of this folder, made at the first start; answers when a query works. An instance left by an
 * owner that died is stopped first. As root it runs as an unprivileged account.
 * @throws FolderInUse when another live program runs it; MissingProgram; StartFailed with the server's last output.
 */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const programs = await findPostgres({ install: options.install, say: options.say, ...versionOf(options.dataDir) });
  const account = serviceAccount(['postgres']);
  const kept = readKept(options.dataDir);
  const folder = realpathSync(folderFor(account, options.dataDir, DATA));
  const lock = await tryLock(`postgres:${folder}`);
  if (lock === null) throw new FolderInUse(`Another program runs the Postgres of ${options.dataDir}.`);
  try {
    // Written before the cluster exists: a password that the cluster has and we lost could not be mended.
    writeKept(options.dataDir, kept);
    const cluster = initCluster(programs.bin, folder, account, kept.password);
    await clearFormer(cluster);
    const port = await freePort(options.port ?? kept.port);
    writeKept(options.dataDir, { ...kept, port });
    const relaunch = async () => {
      await clearFormer(cluster);
      return launch({ ...options, bin: programs.bin, cluster, port, account, password: kept.password });
    };
    return new EmbeddedPostgres({ child: await relaunch(), lock, relaunch, port, password: kept.password });
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Removes a stopped instance with all its data, for tests and demonstrations. */
export function removePostgres(dataDir: string): void {
  removeFolder(dataDir, DATA);
  rmSync(dataDir, { recursive: true, force: true });
}

function versionOf(dataDir: string): { major?: number } {
  const major = clusterVersion(join(dataDir, DATA));
  return major === null ? {} : { major };
}

interface Launch extends PostgresOptions {
  readonly bin: string;
  readonly cluster: string;
  readonly port: number;
  readonly account: Account | null;
  readonly password: string;
}

async function launch(options: Launch): Promise<Child> {
  writeConfig(options.cluster, options.port, options.durability ?? 'durable', options.account);
  const child = await Child.start({
    command: join(options.bin, 'postgres'),
    args: ['-D', options.cluster],
    cwd: options.cluster,
    env: childEnvironment(),
    onParentDeath: 'SIGINT',
    ...(options.account === null ? {} : { account: options.account }),
    ...(options.onOutput === undefined ? {} : { onOutput: options.onOutput }),
  });
  const url = urlOf(options.port, options.password, 'postgres');
  const ready = await poll(async () => child.exit !== null || (await answers(url)), { within: READY_WITHIN_MS });
  if (child.exit !== null || ready === null) {
    await child.kill();
    throw new StartFailed('Postgres did not come up', child.output.tail(20));
  }
  return child;
}

/** Whether a query works; false while the server cannot be reached or recovers. */
async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined); // an end in the middle also rejects the query below
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch (error) {
    if (isNotYet(error)) return false;
    throw error;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function isNotYet(error: unknown): boolean {
  const transient = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', '57P03', '57P01', '57P02', '53300'];
  return transient.includes(errorCode(error) ?? '') || /terminated|timeout/i.test(String(error));
}

function urlOf(port: number, password: string, database: string): string {
  return `postgresql://${SUPERUSER}:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
}
