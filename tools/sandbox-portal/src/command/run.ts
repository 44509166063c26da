import { BadInput, errorCode } from '@nexora/sandbox-kit';
import { OfficeRefused } from '../office/refused.ts';
import { Vendor } from '../office/vendor.ts';
import { commands, type Desk } from './commands.ts';
import { Misused, usage } from './usage.ts';

/** Where the command line reads and writes. */
export interface Surroundings extends Omit<Desk, 'vendor'> {
  /** Folder of the sandbox portal when no word names one. */
  readonly dir: string | undefined;
}

/** Takes `--dir <folder>` out of the words, wherever it stands. Errors: Misused. */
function withoutDir(words: readonly string[]): { dir: string | undefined; rest: string[] } {
  const at = words.findIndex((word) => word === '--dir' || word.startsWith('--dir='));
  if (at < 0) return { dir: undefined, rest: [...words] };
  const [word = '', next] = words.slice(at);
  const isJoined = word !== '--dir';
  const dir = isJoined ? word.slice('--dir='.length) : next;
  if (dir === undefined || dir === '') throw new Misused('--dir must name the folder of the sandbox portal');
  return { dir, rest: words.toSpliced(at, isJoined ? 1 : 2) };
}

async function run(words: readonly string[], surroundings: Surroundings): Promise<void> {
  const { dir = surroundings.dir, rest } = withoutDir(words);
  const [name = '', ...args] = rest;
  if (rest.some((word) => word === '--help' || word === '-h')) return surroundings.print(`${usage}\n`);
  const command = commands.get(name);
  if (command === undefined) throw new Misused(name === '' ? '' : `there is no command "${name}"`);
  // The words are judged before anything is opened or made.
  const work = command(args);
  if (!dir) throw new Misused('--dir must name the folder of the sandbox portal');
  await work({ ...surroundings, vendor: await Vendor.open(dir) });
}

/** A fault of ours tells where it is; what the vendor or the file system says is enough by itself. */
function sentenceOf(error: unknown): string {
  const { message, stack } = error as Error;
  const isTold = error instanceof OfficeRefused || error instanceof BadInput || errorCode(error) !== undefined;
  return `${isTold ? message : (stack ?? message)}\n`;
}

/** Runs a command of the vendor's office. Answers the exit code: 0 done, 2 misused, 1 for everything else. */
export async function runCommand(words: readonly string[], surroundings: Surroundings): Promise<0 | 1 | 2> {
  try {
    await run(words, surroundings);
    return 0;
  } catch (error) {
    if (!(error instanceof Misused)) {
      surroundings.remark(sentenceOf(error));
      return 1;
    }
    surroundings.remark(error.message === '' ? `${usage}\n` : `${error.message}\n${usage}\n`);
    return 2;
  }
}
