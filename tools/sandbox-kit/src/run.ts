import { flushCompileCache } from 'node:module';
import { AlreadyRunning } from './possession.ts';
import { SettingsFault } from './settings.ts';

/** Not to be started again as it is: a setting, or another process in the same directory. */
const badSettings = 78;

/** A sandbox that listens. */
export interface Started {
  /** Printed as one line of JSON on stdout. */
  readonly ready: object;
  stop(): Promise<void>;
}

function die(error: unknown): never {
  const refused = error instanceof SettingsFault || error instanceof AlreadyRunning;
  console.error(refused ? error.message : error);
  process.exit(refused ? badSettings : 1);
}

/**
 * Runs a sandbox as the program of this process: says when it is ready, ends with code 0 after SIGTERM or SIGINT (with
 * SANDBOX_FOLLOW_STDIN=true also with its standard input: for tests, whose death must not leave it behind), with 78 for
 * settings that cannot be or a directory where another one runs, else with 1. `start` is told what to call when nothing
 * more can be kept.
 */
export async function runSandbox(start: (onFatal: (error: unknown) => void) => Promise<Started>): Promise<void> {
  let stopping = false;
  // Requests that the end breaks off cannot be kept any more: that is no fault then.
  const sandbox = await start((error) => (stopping ? undefined : die(error))).catch(die);
  const stop = (): void => {
    stopping = true;
    void sandbox.stop().then(() => process.exit(0), die);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  if (process.env.SANDBOX_FOLLOW_STDIN === 'true') process.stdin.once('end', stop).resume();
  console.log(JSON.stringify(sandbox.ready));
  // With NODE_COMPILE_CACHE the next start needs no type stripping, which holds over 30 MB; a kill must not lose that.
  flushCompileCache();
}
