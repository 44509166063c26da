import { parseArgs, type ParseArgsConfig } from 'node:util';

/** Where a command writes. */
export interface Output {
  readonly write: (text: string) => void;
  readonly complain: (text: string) => void;
}

/** Does the work of a command. */
export type Run = (args: readonly string[], output: Output) => Promise<void>;

/** One command of the tool. */
export interface Command {
  readonly word: string;
  /** What follows the word, for the usage. */
  readonly takes: string;
  /** Spanish, one sentence. */
  readonly does: string;
  /** Spanish: options and what is printed, for `--help`. */
  readonly help: readonly string[];
  /** Loads the work only when it is wanted: who asks for help needs no database. */
  readonly load: () => Promise<Run>;
}

/** The call is wrong: exit code 2. */
export class Usage extends Error {
  override readonly name = 'Usage';
}

/** It was not done, and why, in Spanish: exit code 1. */
export class NotDone extends Error {
  override readonly name = 'NotDone';
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
    const texts = Object.entries(values).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
    return {
      options: Object.fromEntries(texts),
      positionals,
      flags: new Set(flags.filter((name) => values[name] === true)),
    };
  } catch (error) {
    throw new Usage(optionFault(error));
  }
}

/** Node says it in English and at length. */
function optionFault(error: unknown): string {
  const name = /'(-{1,2}[^' =]+)/.exec(error instanceof Error ? error.message : '')?.[1] ?? '';
  if (codeOf(error) === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE')
    return `La opción ${name} lleva un valor, o no lo admite.`;
  return `No existe la opción ${name}.`;
}

/** A command that takes options only. @throws Usage */
export function noOthers({ positionals: [first] }: Given): void {
  if (first !== undefined) throw new Usage(`Sobra «${first}».`);
}

/** The only positional argument. @throws Usage */
export function single({ positionals }: Given, what: string): string {
  const [value = '', ...others] = positionals;
  if (value === '' || others.length > 0) throw new Usage(`Escriba ${what}, y nada más.`);
  return value;
}

/** What the system said about a file, in words. */
export function whyOf(error: unknown): string {
  const code = codeOf(error);
  const words: Readonly<Record<string, string>> = {
    ENOENT: 'no existe',
    EACCES: 'no hay permiso',
    EPERM: 'no hay permiso',
    EISDIR: 'es una carpeta',
    ENOTDIR: 'la carpeta no existe',
    ENOSPC: 'el disco está lleno',
    EROFS: 'el disco es de solo lectura',
  };
  return words[code] ?? code;
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'error';
}
