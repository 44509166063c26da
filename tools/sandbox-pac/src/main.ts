import { flushCompileCache } from 'node:module';
import { AlreadyRunning } from './possession.ts';
import { Sandbox } from './sandbox.ts';
import { readSettings, SettingsFault } from './settings.ts';

/** Not to be started again as it is: a setting, or another process in the same directory. */
const badSettings = 78;

function die(error: unknown): never {
  const refused = error instanceof SettingsFault || error instanceof AlreadyRunning;
  console.error(refused ? error.message : error);
  process.exit(refused ? badSettings : 1);
}

async function start(): Promise<void> {
  const settings = readSettings(process.env);
  let stopping = false;
  // Requests that the end breaks off cannot be kept any more: that is no fault then.
  const sandbox = await Sandbox.start(settings, (error) => (stopping ? undefined : die(error)));
  const stop = (): void => {
    stopping = true;
    void sandbox.stop().then(() => process.exit(0), die);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  if (settings.followStdin) process.stdin.once('end', stop).resume();
  console.log(JSON.stringify(sandbox.ready));
  // With NODE_COMPILE_CACHE the next start needs no type stripping, which holds over 30 MB; a kill must not lose that.
  flushCompileCache();
}

start().catch(die);
