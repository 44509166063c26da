import { NotDone, Usage, type Command, type Output } from './command.ts';
import { COMMANDS } from './commands.ts';

/** Exit codes that other programs rely on. */
const GOOD = 0;
const NOT_DONE = 1;
const BAD_USAGE = 2;

const HELP: ReadonlySet<string | undefined> = new Set(['--help', '-h']);

/**
 * Runs one command of the licence tool.
 * @returns its exit code: 0 done, 1 refused or not possible (why stands on stderr), 2 bad usage
 */
export async function runCli(args: readonly string[], output: Output): Promise<number> {
  const [word, ...own] = args;
  if (HELP.has(word)) {
    output.write(usage());
    return GOOD;
  }
  const command = COMMANDS.find((each) => each.word === word);
  if (command === undefined) {
    output.complain(`${word === undefined ? '' : `No existe «${word}».\n\n`}${usage()}`);
    return BAD_USAGE;
  }
  if (own.some((one) => HELP.has(one))) {
    output.write(`${command.does}\n\n${lineOf(command)}\n\n${command.help.map((line) => `  ${line}\n`).join('')}`);
    return GOOD;
  }
  return work(command, own, output);
}

async function work(command: Command, args: readonly string[], output: Output): Promise<number> {
  try {
    const run = await command.load();
    await run(args, output);
    return GOOD;
  } catch (error) {
    if (error instanceof Usage) {
      output.complain(`${error.message}\n\n${lineOf(command)}\n`);
      return BAD_USAGE;
    }
    if (!(error instanceof NotDone)) throw error;
    output.complain(`${error.message}\n`);
    return NOT_DONE;
  }
}

function lineOf({ word, takes }: Command): string {
  return `  npm run --silent license -- ${word} ${takes}`.trimEnd();
}

function usage(): string {
  return `Uso:\n${COMMANDS.map((command) => `${lineOf(command)}\n      ${command.does}`).join('\n')}\n`;
}
