import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Child } from './child.ts';
import { StartFailed } from './errors.ts';
import { freePort } from './ports.ts';
import { childEnvironment } from './postgres-files.ts';
import { s3Program } from './s3-program.ts';
import type { Say } from './install.ts';
import { poll } from './wait.ts';

/** An S3 server that verifies signatures and does multipart. */
export interface EmbeddedS3 {
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
  stop(): Promise<void>;
}

/** Why there is no S3 server. */
export interface NoS3 {
  readonly skipped: string;
}

/** How to start one. */
export interface S3Options {
  /** Folder of buckets and objects. */
  readonly dir: string;
  /** Folder that keeps the program once built; shared by all starts. */
  readonly cacheDir: string;
  readonly say?: Say;
}

/**
 * Starts an S3 server on the files of `dir`: the one that NEXORA_TEST_S3_ENDPOINT (with …_ACCESS_KEY, …_SECRET_KEY)
 * names, else a private one, built once with Go. Without Go or network it answers the reason instead of failing.
 */
export async function startS3(options: S3Options): Promise<EmbeddedS3 | NoS3> {
  const given = givenByEnvironment();
  if (given !== null) return given;
  const program = await s3Program(options.cacheDir, options.say);
  if (typeof program !== 'string') return program;
  const port = await freePort();
  const accessKey = randomBytes(10).toString('hex');
  const secretKey = randomBytes(20).toString('hex');
  const objects = join(options.dir, 'objects');
  const sidecar = join(options.dir, 'metadata');
  for (const folder of [objects, sidecar]) mkdirSync(folder, { recursive: true });
  const child = await Child.start({
    command: program,
    args: ['--port', `127.0.0.1:${port}`, '--quiet', 'posix', '--sidecar', sidecar, objects],
    env: { ...childEnvironment(), ROOT_ACCESS_KEY: accessKey, ROOT_SECRET_KEY: secretKey },
    cwd: options.dir,
    onParentDeath: 'SIGTERM',
  });
  const ready = await poll(async () => child.exit !== null || (await listens(port)), { within: 30_000 });
  if (child.exit !== null || ready === null) {
    await child.kill();
    throw new StartFailed('the S3 server did not come up', child.output.tail(20));
  }
  const stop = async () => void (await child.stop('SIGTERM', 5_000));
  return { endpoint: `http://127.0.0.1:${port}`, accessKey, secretKey, stop };
}

function givenByEnvironment(): EmbeddedS3 | null {
  const { NEXORA_TEST_S3_ENDPOINT: endpoint, NEXORA_TEST_S3_ACCESS_KEY: accessKey } = process.env;
  const { NEXORA_TEST_S3_SECRET_KEY: secretKey } = process.env;
  if (!endpoint || !accessKey || !secretKey) return null;
  return { endpoint, accessKey, secretKey, stop: () => Promise.resolve() };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(() => resolve(true)));
    socket.on('error', () => resolve(false));
  });
}
