import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What is measured is what ships, so that is built first. @throws Error when the build fails */
export function buildProduct(): void {
  const bootstrap = fileURLToPath(new URL('../../bootstrap/run.mjs', import.meta.url));
  const { status } = spawnSync(process.execPath, [bootstrap, 'build'], {
    stdio: ['ignore', process.stderr, process.stderr],
  });
  if (status !== 0) throw new Error(`the build failed (exit code ${status ?? 'none'})`);
}
