import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withLock, type Say } from '@nexora/embedded';
import { root } from '../home.ts';
import { runStep } from './run-step.ts';

const STAMP = join(root, '.cache', 'built-from');
const SOURCES = ['{apps,libs}/*/src/**/*', '{apps,libs}/*/package.json', 'package-lock.json', '.swcrc'];

/** Builds apps and libraries when their sources changed since the last build, or a result is missing. */
export async function buildIfStale(say: Say, signal: AbortSignal): Promise<void> {
  await withLock(`build:${root}`, async () => {
    const hash = hashOfSources();
    if (isBuilt(hash)) return;
    say('Building the apps.');
    await runStep({
      what: 'the build',
      signal,
      args: [join(root, 'node_modules/nx/dist/bin/nx.js'), 'run-many', '-t', 'build'],
      env: { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false', FORCE_COLOR: '0' },
    });
    mkdirSync(dirname(STAMP), { recursive: true });
    writeFileSync(STAMP, hash);
  });
}

/** Folders under `apps/` that can be started, in alphabetical order. */
export function startableApps(): string[] {
  return globSync('apps/*/src/main.ts', { cwd: root })
    .map((file) => file.split('/')[1] ?? '')
    .sort();
}

function isBuilt(hash: string): boolean {
  const stamped = existsSync(STAMP) && readFileSync(STAMP, 'utf8') === hash;
  return stamped && startableApps().every((app) => existsSync(join(root, 'apps', app, 'dist', 'main.js')));
}

function hashOfSources(): string {
  const hash = createHash('sha256');
  for (const file of globSync(SOURCES, { cwd: root, withFileTypes: true }).filter((entry) => entry.isFile())) {
    if (/\.(spec|conformance)\.tsx?$/.test(file.name)) continue;
    const path = join(file.parentPath, file.name);
    hash.update(path.slice(root.length)).update(readFileSync(path));
  }
  return hash.digest('hex');
}
