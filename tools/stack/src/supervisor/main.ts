// The supervisor behind `up --detach`: tells its parent how the start goes, then stays alone until it is told to stop.
import { flushCompileCache } from 'node:module';
import { Home } from '../home.ts';
import { AlreadyUp, Supervisor } from './supervisor.ts';

/** What it tells the command that started it. */
export type Told = { say: string } | { ready: true } | { failed: string; alreadyUp: boolean };

const home = new Home(String(process.argv[2]));
let ready = false;

// Both are a log on a disk that may be full; that must not end the house.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

function tell(told: Told): void {
  if (process.connected) process.send?.(told);
}

function say(line: string): void {
  console.log(`${new Date().toISOString()} ${line}`);
  tell({ say: line });
}

async function main(): Promise<void> {
  const supervisor = await Supervisor.take(home, say);
  const stop = (why: string) => {
    say(`Stopping (${why}).`);
    void supervisor.stop().then(() => process.exit(ready ? 0 : 1));
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stop(signal));
  process.on('disconnect', () => {
    if (!ready) stop('the command that started it has gone');
  });
  try {
    await supervisor.start();
    ready = true;
    tell({ ready: true });
    flushCompileCache();
    process.disconnect?.();
  } catch (error) {
    await supervisor.stop();
    throw error;
  }
}

main().catch((error: unknown) => {
  const failed = error instanceof Error ? error.message : String(error);
  console.error(failed);
  tell({ failed, alreadyUp: error instanceof AlreadyUp });
  process.exitCode = 1;
  if (process.connected) process.disconnect();
});
