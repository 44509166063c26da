import { readFileSync } from 'node:fs';
import { parseArgs, type ParseArgsConfig } from 'node:util';

/** Where a command writes. */
export interface Output {
  readonly write: (text: string) => void;
  readonly complain: (text: string) => void;
}

/** Does the work of a command. */
export type Run = (args: readonly string[], output: Output) => Promise<void> | void;

/** One command of the tool. */
export interface Command {
  readonly words: readonly string[];
  /** What follows the words, for the usage. */
  readonly takes: string;
  /** Spanish, one sentence. */
  readonly does: string;
  /** Spanish: options, examples and what is printed, for `--help`. */
  readonly help?: readonly string[];
  /** Loads the work only when it is wanted: an amount in words needs neither a database nor a PDF library. */
  readonly load: () => Promise<Run>;
}

/** The call is wrong, or what it needs is not there: exit code 2. */
export class Usage extends Error {
  override readonly name = 'Usage';
}

/** The document is wrong: exit code 1. */
export class Faulty extends Error {
  override readonly name = 'Faulty';
}

/** The document needs a complemento or a type that is not made here: exit code 3. */
export class NotSupported extends Error {
  override readonly name = 'NotSupported';
}

/** Taken, and not done yet; the same command again goes on: exit code 4. */
export class Pending extends Error {
  override readonly name = 'Pending';
}

/** What stood on the command line. */
export interface Given {
  readonly options: Readonly<Record<string, string | undefined>>;
  readonly positionals: readonly string[];
  /** Options without a value that were given. */
  readonly flags: ReadonlySet<string>;
}

/** Reads options with a value, flags and positional arguments. @throws Usage */
export function given(args: readonly string[], names: readonly string[], flags: readonly string[] = []): Given {
  const known: (readonly [string, { type: 'string' | 'boolean' }])[] = [
    ...names.map((name) => [name, { type: 'string' }] as const),
    ...flags.map((name) => [name, { type: 'boolean' }] as const),
  ];
  const options: NonNullable<ParseArgsConfig['options']> = Object.fromEntries(known);
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    const texts = Object.entries(values).filter(([, value]) => typeof value === 'string');
    const isSet = new Set(flags.filter((name) => values[name] === true));
    return { options: Object.fromEntries(texts) as Record<string, string>, positionals, flags: isSet };
  } catch (error) {
    throw new Usage(optionFault(error));
  }
}

/** Node says it in English and at length. */
function optionFault(error: unknown): string {
  const code = codeOf(error);
  const name = /'(-{1,2}[^' =]+)/.exec(error instanceof Error ? error.message : '')?.[1] ?? '';
  if (code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE') return `La opción ${name} lleva un valor, o no lo admite.`;
  return `No existe la opción ${name}.`;
}

/** The value of an option that must be given. @throws Usage */
export function demand({ options }: Given, name: string): string {
  const value = options[name];
  if (value === undefined || value === '') throw new Usage(`Falta --${name}.`);
  return value;
}

/** The only positional argument. @throws Usage */
export function single({ positionals }: Given, what: string): string {
  const [value, ...others] = positionals;
  if (value === undefined || others.length > 0) throw new Usage(`Escriba ${what}, y nada más.`);
  return value;
}

/** A command that takes options only. @throws Usage */
export function noOthers({ positionals: [first] }: Given): void {
  if (first !== undefined) throw new Usage(`Sobra «${first}».`);
}

/** A file's bytes; `-` is standard input. @throws Usage when it cannot be read */
export function fileAt(path: string): Buffer {
  try {
    return readFileSync(path === '-' ? 0 : path);
  } catch (error) {
    throw new Usage(`No se puede leer ${path} (${codeOf(error)}).`);
  }
}

/** The system's own word for what failed, `ENOENT`. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'error';
}
