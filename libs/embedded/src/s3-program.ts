import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findOnPath, isExecutable } from './child.ts';
import type { Say } from './install.ts';
import { withLock } from './lock.ts';

const MODULE = 'github.com/versity/versitygw';
const VERSION = 'v1.8.0';
const BUILD_WITHIN_MS = 10 * 60_000;

const sayOnStderr: Say = (line) => void process.stderr.write(`${line}\n`);

/** Path of the S3 server's program: built before, on PATH, or built now by Go; else the reason why there is none. */
export async function s3Program(cacheDir: string, say = sayOnStderr): Promise<string | { skipped: string }> {
  const built = join(cacheDir, `versitygw-${VERSION}`);
  if (isExecutable(built)) return built;
  const onPath = findOnPath('versitygw');
  if (onPath !== null) return onPath;
  const go = ['/usr/local/go/bin/go'].find(isExecutable) ?? findOnPath('go');
  if (go === null) return { skipped: 'no S3 server: neither versitygw nor Go is on this machine' };
  return withLock(`build:${built}`, async () => {
    if (existsSync(built)) return built;
    const failure = await build(go, cacheDir, built, say);
    return failure === null ? built : { skipped: `no S3 server: ${failure}` };
  });
}

/** Null when it was built, else why not. */
async function build(go: string, cacheDir: string, target: string, say: Say): Promise<string | null> {
  const bin = `${target}.building`;
  rmSync(bin, { recursive: true, force: true });
  mkdirSync(bin, { recursive: true });
  say(`Building the S3 server for the tests once (${MODULE} ${VERSION}); this takes a minute or two.`);
  const args = ['install', '-trimpath', '-ldflags=-s -w', `${MODULE}/cmd/versitygw@${VERSION}`];
  const failure = await run(go, args, { ...process.env, GOBIN: bin }, cacheDir);
  if (failure === null) renameSync(join(bin, 'versitygw'), target);
  rmSync(bin, { recursive: true, force: true });
  return failure;
}

function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv, cwd: string): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { env, cwd, stdio: ['ignore', 'ignore', 'pipe'], timeout: BUILD_WITHIN_MS });
    let output = '';
    child.stderr.setEncoding('utf8').on('data', (piece: string) => (output = (output + piece).slice(-500)));
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code) =>
      resolve(code === 0 ? null : `the build failed: ${output.trim().replaceAll('\n', ' ')}`),
    );
  });
}
