import { execSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { HouseClock } from '@nexora/runtime';
import { watchNetwork } from './network.ts';

/** Looks, lets an interface appear, and ends as soon as it is seen. */
async function seeOneCome(): Promise<void> {
  const over = new AbortController();
  const seen = watchNetwork(new HouseClock(), over.signal, () => over.abort());
  execSync('ip link add n0 type veth peer name n1 && ip addr add 10.1.2.3/24 dev n0');
  execSync('ip link set n0 up && ip link set n1 up');
  await seen;
}

// In a network of its own, which nobody else shares.
if (process.argv[2] === 'inside') await seeOneCome();
else {
  const again = [process.execPath, ...process.execArgv, fileURLToPath(import.meta.url), 'inside'];
  process.exitCode = spawnSync('unshare', ['-rn', '--', ...again], { stdio: 'inherit' }).status ?? 1;
}
