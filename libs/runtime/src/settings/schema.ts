import { z } from 'zod';

/** One setting: an environment variable that knows its own meaning. */
export interface Setting<T extends z.ZodType = z.ZodType> {
  /** Judges and converts the text. Ranges belong here: they end in the error and in the documentation. */
  readonly schema: T;
  /** Value when the variable is unset or empty. Without this key the setting is required. */
  readonly default?: z.output<T>;
  /** Unit of a number, as a plural word: `hours`, `bytes`. */
  readonly unit?: string;
  /** True for what must never be shown, in no log, error or page. */
  readonly secret?: boolean;
  /** What it does, for the operator, in one or two sentences. */
  readonly doc: string;
  /** A value that would be accepted; for a secret an invented one. */
  readonly example: string;
}

/** The settings of a process or a library, by name of the variable. */
export type SettingsSchema = Readonly<Record<string, Setting>>;

/** The values that `loadSettings` answers for a schema. */
export type SettingsOf<S extends SettingsSchema> = { readonly [K in keyof S]: z.output<S[K]['schema']> };

const NAME = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/;

/**
 * Declares settings; spread other schemas in to join them.
 * @throws TypeError for a name that is no environment variable, for a pair NAME and NAME_FILE (the second would be read
 *   as the file of the first), and for `z.coerce.boolean()`, which takes the text `false` for true: use `flag()`.
 */
export function defineSettings<T extends Record<string, z.ZodType>>(schema: {
  readonly [K in keyof T]: Setting<T[K]>;
}): {
  readonly [K in keyof T]: Setting<T[K]>;
} {
  for (const [name, setting] of Object.entries<Setting>(schema)) {
    if (!NAME.test(name)) throw new TypeError(`${name} is no name for a setting; write it like CFDI_RETRY_MAX_HOURS.`);
    if (Object.hasOwn(schema, `${name}_FILE`))
      throw new TypeError(`${name}_FILE already means "${name}, read from a file".`);
    if (setting.schema instanceof z.ZodBoolean) throw new TypeError(`${name}: use flag() for yes or no.`);
  }
  return schema;
}

/** What is wrong with one setting. The fault never repeats the value. */
export interface Mistake {
  readonly name: string;
  /** Completes the sentence "NAME …": `must be at most 72 hours`. */
  readonly fault: string;
  readonly example: string;
}

/** All mistakes of the settings at once. A process that meets it exits with 78 (EX_CONFIG). */
export class SettingsError extends Error {
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly Mistake[]) {
    const lines = mistakes.map(({ name, fault, example }) => `- ${name} ${fault}. For example: ${name}=${example}`);
    super(`${mistakes.length === 1 ? 'A setting is' : `${mistakes.length} settings are`} wrong:\n${lines.join('\n')}`);
    this.name = 'SettingsError';
    this.mistakes = mistakes;
  }
}
