import { readFileSync } from 'node:fs';
import { parseArgs, type ParseArgsConfig } from 'node:util';

/** Where a command writes. */
export interface Output {
  readonly write: (text: string) => void;
  readonly complain: (text: string) => void;
}

/** One command of the tool. */
export interface Command {
  readonly words: readonly string[];
  /** What follows the words, for the usage. */
  readonly takes: string;
  /** Spanish, one sentence. */
  readonly does: string;
  readonly run: (args: readonly string[], output: Output) => Promise<void> | void;
}

/** The call is wrong: exit code 2. */
export class Usage extends Error {
  override readonly name = 'Usage';
}

/** The document is wrong: exit code 1. */
export class Faulty extends Error {
  override readonly name = 'Faulty';
}

/** What stood on the command line. */
export interface Given {
  readonly options: Readonly<Record<string, string | undefined>>;
  readonly positionals: readonly string[];
}

/** Reads options with a value and positional arguments. @throws Usage */
export function given(args: readonly string[], names: readonly string[]): Given {
  const options: NonNullable<ParseArgsConfig['options']> = Object.fromEntries(
    names.map((name) => [name, { type: 'string' as const }]),
  );
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    return { options: values as Record<string, string | undefined>, positionals };
  } catch (error) {
    throw new Usage(error instanceof Error ? error.message : 'Opción desconocida.');
  }
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

/** A file's bytes; `-` is standard input. @throws Usage when it cannot be read */
export function fileAt(path: string): Buffer {
  try {
    return readFileSync(path === '-' ? 0 : path);
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'error';
    throw new Usage(`No se puede leer ${path} (${why}).`);
  }
}
