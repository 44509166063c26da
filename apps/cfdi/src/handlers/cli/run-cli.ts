import { XmlFault } from '@nexora/comprobante';
import { CsdRefused } from '../../comprobante/csd.ts';
import { Invalid, Unsupported } from '../../comprobante/recorrido.ts';
import { Faulty, NotSupported, Pending, Usage, type Command, type Output } from './command.ts';
import { COMMANDS } from './commands.ts';

/** Exit codes that other programs rely on. */
const GOOD = 0;
const INVALID = 1;
const BAD_USAGE = 2;
const UNSUPPORTED = 3;
/** `stamp` alone: handed over, and not stamped yet. */
const PENDING = 4;

const HELP: ReadonlySet<string | undefined> = new Set(['--help', '-h']);

/**
 * Runs one command of the CFDI tool.
 * @returns its exit code: 0 good, 1 invalid document, 2 bad usage, 3 unsupported complemento, 4 not stamped yet
 */
export async function runCli(args: readonly string[], output: Output): Promise<number> {
  if (HELP.has(args[0])) {
    output.write(usage(COMMANDS));
    return GOOD;
  }
  const command = COMMANDS.find(({ words }) => words.every((word, index) => args[index] === word));
  if (command === undefined) {
    const related = COMMANDS.filter(({ words }) => words[0] === args[0]);
    const isHelp = args.some((one) => HELP.has(one)) && related.length > 0;
    (isHelp ? output.write : output.complain)(usage(related.length > 0 ? related : COMMANDS));
    return isHelp ? GOOD : BAD_USAGE;
  }
  const own = args.slice(command.words.length);
  if (own.some((one) => HELP.has(one))) {
    output.write(helpOf(command));
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
    const [code, sentence] = endOf(error, command);
    output.complain(`${sentence}\n`);
    return code;
  }
}

/** What an error means to the caller; one that means nothing is ours, and is thrown on. */
function endOf(error: unknown, command: Command): readonly [code: number, sentence: string] {
  if (error instanceof Usage) return [BAD_USAGE, `${error.message}\n\n${lineOf(command)}`];
  if (error instanceof Unsupported || error instanceof NotSupported) return [UNSUPPORTED, error.message];
  if (error instanceof Pending) return [PENDING, error.message];
  if (error instanceof XmlFault) return [INVALID, `El XML ${error.message}.`];
  if ([Faulty, Invalid, CsdRefused].some((type) => error instanceof type)) return [INVALID, (error as Error).message];
  throw error;
}

function lineOf({ words, takes }: Command): string {
  return `  npm run --silent cfdi -- ${words.join(' ')} ${takes}`;
}

function usage(commands: readonly Command[]): string {
  return `Uso:\n${commands.map((command) => `${lineOf(command)}\n      ${command.does}`).join('\n')}\n`;
}

function helpOf(command: Command): string {
  const help = (command.help ?? []).map((line) => `  ${line}\n`).join('');
  const codes = 'Códigos de salida: 0 bien, 1 documento no válido, 2 mal uso, 3 complemento no admitido';
  const pending = command.words[0] === 'stamp' ? ', 4 aún sin timbrar' : '';
  return `${command.does}\n\n${lineOf(command)}\n\n${help}${help === '' ? '' : '\n'}${codes}${pending}.\n`;
}
