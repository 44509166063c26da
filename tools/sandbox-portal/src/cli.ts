import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { BadInput } from '@nexora/sandbox-kit';
import { commands } from './command/commands.ts';
import { Misused, usage } from './command/usage.ts';
import { OfficeRefused } from './office/refused.ts';
import { Vendor } from './office/vendor.ts';

/** The sandbox's directory. Errors: Misused. */
function directoryIn(args: readonly string[]): string {
  const { values } = parseArgs({ args: [...args], options: { dir: { type: 'string' } }, strict: false });
  const dir = typeof values.dir === 'string' ? values.dir : process.env.SANDBOX_DIR;
  if (dir === undefined || dir === '') throw new Misused('--dir must name the folder of the sandbox portal');
  return dir;
}

async function run([name = '', ...args]: readonly string[]): Promise<void> {
  if ([name, ...args].some((word) => word === '--help' || word === '-h'))
    return void process.stdout.write(`${usage}\n`);
  const command = commands.get(name);
  if (command === undefined) throw new Misused(name === '' ? '' : `there is no command "${name}"`);
  // The words are judged before anything is opened or made.
  const work = command(args);
  await work({
    vendor: await Vendor.open(directoryIn(args)),
    cwd: process.cwd(),
    print: (line) => void process.stdout.write(line),
    remark: (line) => void process.stderr.write(line),
    readInput: () => text(process.stdin),
  });
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  const isMisused = error instanceof Misused;
  const isRefused = error instanceof OfficeRefused || error instanceof BadInput;
  const lines = isMisused ? [error.message, usage] : [isRefused ? error.message : (error as Error).stack];
  console.error(lines.filter((line) => line !== '').join('\n'));
  process.exitCode = isMisused ? 2 : 1;
}
