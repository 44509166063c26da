import { serviceAccount } from './account.ts';
import { Child } from './child.ts';
import { FolderInUse, StartFailed } from './errors.ts';
import type { Say } from './install.ts';
import { tryLock, type Lock } from './lock.ts';
import { freePort } from './ports.ts';
import { childEnvironment } from './postgres-files.ts';
import { findRedis } from './programs.ts';
import { redisCommand } from './redis-command.ts';
import { readKept, writeKept } from './secrets.ts';
import { poll } from './wait.ts';

/** How to start a private Redis. It keeps everything in memory: it is the bell, the ledger is in Postgres. */
export interface RedisOptions {
  /** Folder of the instance: password and port. Made if missing. */
  readonly dir: string;
  readonly port?: number;
  /** Numbered databases. Default 16. */
  readonly databases?: number;
  /** Limit in megabytes; above it writes are refused (`noeviction`). Default 128. */
  readonly maxMemoryMb?: number;
  readonly install?: boolean;
  readonly say?: Say;
  readonly onOutput?: (piece: string) => void;
}

const READY_WITHIN_MS = 30_000;

/** A private instance that runs, or could be started again. */
export class EmbeddedRedis {
  private child: Child;
  private readonly lock: Lock;
  private readonly relaunch: () => Promise<Child>;
  /** URL with user and password; the user may run every command. */
  readonly url: string;
  readonly version: string;

  constructor(parts: { child: Child; lock: Lock; relaunch: () => Promise<Child>; url: string; version: string }) {
    this.child = parts.child;
    this.lock = parts.lock;
    this.relaunch = parts.relaunch;
    this.url = parts.url;
    this.version = parts.version;
  }

  get pid(): number {
    return this.child.pid;
  }

  get exited(): Child['exited'] {
    return this.child.exited;
  }

  get running(): boolean {
    return this.child.exit === null;
  }

  get lastOutput(): string {
    return this.child.output.tail();
  }

  /** Stops the server and lets go of the folder. */
  async stop(): Promise<void> {
    await this.child.stop('SIGTERM', 10_000);
    await this.lock.release();
  }

  /** SIGKILL; `restart()` brings it back, empty. */
  async kill(): Promise<void> {
    await this.child.kill();
  }

  /** Stops if it runs and starts on the same port with the same password, empty. */
  async restart(): Promise<void> {
    await this.child.stop('SIGTERM', 10_000);
    this.child = await this.relaunch();
  }

  /** Freezes it: connections stay open, nothing answers. */
  pause(): void {
    this.child.signalFamily('SIGSTOP');
  }

  resume(): void {
    this.child.signalFamily('SIGCONT');
  }

  /** Empties every database. */
  async flush(): Promise<void> {
    await redisCommand(this.url, 'FLUSHALL');
  }
}

/**
 * Starts the private Redis (or Valkey) of this folder; answers when it answers.
 * @throws FolderInUse when another live program runs it; MissingProgram; StartFailed with its last output.
 */
export async function startRedis(options: RedisOptions): Promise<EmbeddedRedis> {
  const program = await findRedis({ install: options.install, say: options.say });
  const kept = readKept(options.dir);
  const lock = await tryLock(`redis:${options.dir}`);
  if (lock === null) throw new FolderInUse(`Another program runs the Redis of ${options.dir}.`);
  try {
    const port = await freePort(options.port ?? kept.port);
    writeKept(options.dir, { ...kept, port });
    const url = `redis://default:${kept.password}@127.0.0.1:${port}/0`;
    const relaunch = () => launch(program.path, config(options, port, kept.password), url, options.onOutput);
    return new EmbeddedRedis({ child: await relaunch(), lock, relaunch, url, version: program.version });
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function config(options: RedisOptions, port: number, password: string): string {
  return [
    'bind 127.0.0.1',
    `port ${port}`,
    'protected-mode yes',
    `requirepass ${password}`,
    'daemonize no',
    'dir /',
    'save ""',
    'appendonly no',
    `databases ${options.databases ?? 16}`,
    `maxmemory ${options.maxMemoryMb ?? 128}mb`,
    'maxmemory-policy noeviction',
    'tcp-keepalive 60',
    '',
  ].join('\n');
}

/** The configuration goes in by standard input, so that the password stands in no file that others read, and in no `ps`. */
async function launch(path: string, input: string, url: string, onOutput?: (piece: string) => void): Promise<Child> {
  const account = serviceAccount(['redis', 'valkey', 'postgres']);
  const child = await Child.start({
    command: path,
    args: ['-'],
    input,
    cwd: '/',
    env: childEnvironment(),
    onParentDeath: 'SIGTERM',
    ...(account === null ? {} : { account }),
    ...(onOutput === undefined ? {} : { onOutput }),
  });
  const ready = await poll(async () => child.exit !== null || (await answers(url)), { within: READY_WITHIN_MS });
  if (child.exit !== null || ready === null) {
    await child.kill();
    throw new StartFailed('Redis did not come up', child.output.tail(20));
  }
  return child;
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await redisCommand(url, 'PING')) === 'PONG';
  } catch (error) {
    if (/WRONGPASS|NOAUTH/.test(String(error))) throw error;
    return false;
  }
}
