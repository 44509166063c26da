import { parseArgs, type ParseArgsConfig } from 'node:util';
import { Misused } from './usage.ts';

/** What was put behind a command: its options and its words. */
export interface Given {
  /** Value of an option that may be given once; undefined when it is not. */
  text(name: string): string | undefined;
  /** Every value of an option that may be given many times. */
  texts(name: string): readonly string[];
  /** A whole number from 0. Errors: Misused. */
  number(name: string): number | undefined;
  has(name: string): boolean;
  readonly words: readonly string[];
}

type Options = NonNullable<ParseArgsConfig['options']>;

/** Reads options and exactly as many words as `takes` names. Errors: Misused. */
export function givenIn(args: readonly string[], options: Options, takes: readonly string[] = []): Given {
  const { values, positionals } = parsed(args, options);
  const [missing] = takes.slice(positionals.length);
  if (missing !== undefined) throw new Misused(`the ${missing} is missing`);
  if (positionals.length > takes.length) throw new Misused(`"${positionals[takes.length]}" is too much`);
  const text = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    text,
    texts: (name) => (Array.isArray(values[name]) ? values[name].map(String) : []),
    number: (name) => numberIn(name, text(name)),
    has: (name) => values[name] === true,
    words: positionals,
  };
}

function parsed(args: readonly string[], options: Options): ReturnType<typeof parseArgs> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new Misused(error instanceof Error ? error.message : String(error));
  }
}

function numberIn(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new Misused(`--${name} must be a whole number, not "${text}"`);
  return Number(text);
}
