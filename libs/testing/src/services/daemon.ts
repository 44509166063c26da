// The process that owns the shared test services. Started by the first test that needs them, ends when nobody has
// used them for a while. Killed, it takes Postgres and Redis along (the kernel tells them).
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorCode, removePostgres, startPostgres, startRedis, startS3, type EmbeddedS3 } from '@nexora/embedded';
import { environmentFile, leaseAddress, root, testFolder } from './place.ts';

const IDLE_MS = Number(process.env['NEXORA_TEST_IDLE_SECONDS'] ?? 120) * 1_000;
const REDIS_DATABASES = 256;

interface Record {
  readonly pid: number;
  readonly folder: string;
  readonly env: { [name: string]: string };
}

/** Connections and the process ids of their owners: one process may hold several. */
const leases = new Map<Socket, string>();
let stopping = false;
let idle: NodeJS.Timeout | undefined;
let s3: Promise<EmbeddedS3 | { skipped: string }> | undefined;

const { promise: ready, resolve: becomeReady } = Promise.withResolvers<void>();
const server = createServer((visitor) => void take(visitor));
await new Promise<void>((resolve) => {
  // Another daemon was quicker: that one serves everybody.
  server.once('error', () => process.exit(0));
  server.listen(leaseAddress, resolve);
});
removeLeftovers();
const folder = mkdtempSync(join(tmpdir(), 'nexora-test-'));
chmodSync(folder, 0o711); // Postgres runs as another account when we are root
const say = (line: string) => console.error(line);
const postgres = await startPostgres({ dataDir: join(folder, 'postgres'), durability: 'fast', say });
const redis = await startRedis({ dir: join(folder, 'redis'), databases: REDIS_DATABASES, maxMemoryMb: 512, say });
writeRecord({
  pid: process.pid,
  folder,
  env: {
    NEXORA_TEST_POSTGRES_URL: postgres.adminUrl,
    NEXORA_TEST_REDIS_URL: redis.url,
    NEXORA_TEST_REDIS_DATABASES: String(REDIS_DATABASES),
  },
});
becomeReady();
watchIdle();
void Promise.race([postgres.exited, redis.exited]).then(() => stop('a service ended by itself'));
for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, () => void stop(name));

/** A visitor tells its pid, gets "ready" and may ask: `s3` (answer: a line of JSON), `stop` (heard when nobody else is here). */
async function take(visitor: Socket): Promise<void> {
  leases.set(visitor, '');
  clearTimeout(idle);
  visitor.on('error', () => visitor.destroy());
  visitor.on('close', () => {
    leases.delete(visitor);
    watchIdle();
  });
  visitor.setEncoding('utf8').on('data', (words: string) => {
    for (const word of words.trim().split('\n')) void obey(word, visitor);
  });
  await ready;
  // Whoever comes while it ends must start the next one, not work on servers that are about to go.
  if (stopping) visitor.destroy();
  else visitor.write('ready\n');
}

async function obey(word: string, visitor: Socket): Promise<void> {
  if (word.startsWith('pid ')) leases.set(visitor, word);
  if (word === 's3') visitor.write(`${JSON.stringify(await startOneS3())}\n`);
  if (word !== 'stop') return;
  if (new Set(leases.values()).size > 1) visitor.write('in use\n');
  else await stop('asked to');
}

async function startOneS3(): Promise<{ [name: string]: string }> {
  s3 ??= startS3({ dir: join(folder, 's3'), cacheDir: join(root, '.nexora', 'cache'), say });
  const started = await s3;
  if ('skipped' in started) return { NEXORA_TEST_S3_SKIPPED: started.skipped };
  return {
    NEXORA_TEST_S3_ENDPOINT: started.endpoint,
    NEXORA_TEST_S3_ACCESS_KEY: started.accessKey,
    NEXORA_TEST_S3_SECRET_KEY: started.secretKey,
  };
}

function watchIdle(): void {
  clearTimeout(idle);
  if (leases.size > 0) return;
  idle = setTimeout(() => void stop('idle'), IDLE_MS);
}

async function stop(why: string): Promise<void> {
  if (stopping) return;
  stopping = true;
  console.error(`stopping: ${why}`);
  const started = await s3;
  const ends = [postgres.stop('immediate'), redis.stop()];
  if (started !== undefined && 'stop' in started) ends.push(started.stop());
  await Promise.allSettled(ends);
  removeLeftovers();
  process.exit(0);
}

function writeRecord(record: Record): void {
  mkdirSync(testFolder, { recursive: true });
  writeFileSync(environmentFile, JSON.stringify(record), { mode: 0o600 });
}

/** The folder of a daemon that was killed (ours is the only one now), and ours at the end. */
function removeLeftovers(): void {
  mkdirSync(testFolder, { recursive: true });
  try {
    const former = JSON.parse(readFileSync(environmentFile, 'utf8')) as Record;
    removePostgres(join(former.folder, 'postgres'));
    rmSync(former.folder, { recursive: true, force: true });
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' && !(error instanceof SyntaxError)) throw error;
  }
  rmSync(environmentFile, { force: true });
}
