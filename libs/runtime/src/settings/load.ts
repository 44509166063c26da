import { readFileSync } from 'node:fs';
import { faultOf } from './faults.ts';
import { SettingsError, type Mistake, type Setting, type SettingsOf, type SettingsSchema } from './schema.ts';

/** Where settings come from: names and texts, as in `process.env`. */
export type SettingsSource = Readonly<Record<string, string | undefined>>;

type Outcome = { readonly value: unknown } | { readonly fault: string };

/**
 * Reads and judges all settings of a schema. For every NAME, NAME_FILE may name a file that holds the value (line ends
 * at its end are cut). An empty or blank text counts as unset.
 * @throws SettingsError with all mistakes at once.
 */
export function loadSettings<S extends SettingsSchema>(schema: S, source: SettingsSource = process.env): SettingsOf<S> {
  const values: Record<string, unknown> = {};
  const mistakes: Mistake[] = [];
  for (const [name, setting] of Object.entries(schema)) {
    const outcome = judge(setting, name, source);
    if ('value' in outcome) values[name] = outcome.value;
    else mistakes.push({ name, fault: outcome.fault, example: setting.example });
  }
  if (mistakes.length > 0) throw new SettingsError(mistakes);
  return Object.freeze(values) as SettingsOf<S>;
}

function judge(setting: Setting, name: string, source: SettingsSource): Outcome {
  const read = rawText(name, source);
  if ('fault' in read) return read;
  if (read.raw === undefined) return 'default' in setting ? { value: setting.default } : { fault: 'is not set' };
  const parsed = setting.schema.safeParse(read.raw);
  return parsed.success ? { value: parsed.data } : { fault: faultOf(parsed.error.issues, setting, read.raw) };
}

function rawText(
  name: string,
  source: SettingsSource,
): { readonly raw: string | undefined } | { readonly fault: string } {
  const direct = present(source[name]);
  const file = present(source[`${name}_FILE`]);
  if (file === undefined) return { raw: direct };
  if (direct !== undefined) return { fault: `and ${name}_FILE are both set; keep one` };
  try {
    return { raw: present(readFileSync(file, 'utf8').replace(/[\r\n]+$/, '')) };
  } catch (error) {
    // Only the cause, not the path: a secret may have been put there by mistake.
    return { fault: `cannot be read from the file that ${name}_FILE names (${(error as NodeJS.ErrnoException).code})` };
  }
}

function present(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text;
}
