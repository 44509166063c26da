import { XmlFault } from '@nexora/comprobante';
import { SettingsError } from '@nexora/runtime';
import { CsdRefused } from '../../comprobante/csd.ts';
import { Invalid, Unsupported } from '../../comprobante/recorrido.ts';
import { cadena } from './cadena.command.ts';
import { Faulty, Usage, type Command, type Output } from './command.ts';
import { addCsd } from './csd-add.command.ts';
import { addIssuer } from './issuer-add.command.ts';
import { letraCommand } from './letra.command.ts';
import { pdf } from './pdf.command.ts';
import { seal } from './seal.command.ts';
import { verify } from './verify.command.ts';

const COMMANDS: readonly Command[] = [cadena, seal, verify, letraCommand, pdf, addIssuer, addCsd];

/** Exit codes that other programs rely on. */
const GOOD = 0;
const INVALID = 1;
const BAD_USAGE = 2;
const UNSUPPORTED = 3;

/**
 * Runs one command of the CFDI tool.
 * @returns its exit code: 0 good, 1 invalid document, 2 bad usage, 3 unsupported complemento
 */
export async function runCli(args: readonly string[], output: Output): Promise<number> {
  const command = COMMANDS.find(({ words }) => words.every((word, index) => args[index] === word));
  if (command === undefined) {
    output.complain(usage());
    return BAD_USAGE;
  }
  try {
    await command.run(args.slice(command.words.length), output);
    return GOOD;
  } catch (error) {
    if (error instanceof Usage || error instanceof SettingsError) {
      output.complain(`${error.message}\n\n${lineOf(command)}\n`);
      return BAD_USAGE;
    }
    if (error instanceof Unsupported) {
      output.complain(`${error.message}\n`);
      return UNSUPPORTED;
    }
    if (isInvalid(error)) {
      output.complain(`${error instanceof XmlFault ? `El XML ${error.message}.` : error.message}\n`);
      return INVALID;
    }
    throw error;
  }
}

function isInvalid(error: unknown): error is Error {
  return [Faulty, Invalid, XmlFault, CsdRefused].some((type) => error instanceof type);
}

function lineOf({ words, takes }: Command): string {
  return `  npm run --silent cfdi -- ${words.join(' ')} ${takes}`;
}

function usage(): string {
  return `Uso:\n${COMMANDS.map((command) => `${lineOf(command)}\n      ${command.does}`).join('\n')}\n`;
}
