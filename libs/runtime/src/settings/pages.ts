import { describeSettings, type SettingRow } from './describe.ts';
import type { SettingsSchema } from './schema.ts';

/** A part of the settings page: the settings that one app or library reads. */
export interface SettingsSection {
  readonly title: string;
  readonly schema: SettingsSchema;
}

const GENERATED = 'Generated from the settings schemas; change the schema, not this file.';

/**
 * Text of `.env.example`: every setting once, with its meaning. All stand commented out: a copy of the whole file must
 * change nothing, least of all put an example in the place of a server, a password or a key.
 */
export function renderEnvExample(sections: readonly SettingsSection[]): string {
  const lines = [
    `# ${GENERATED}`,
    '# As .env it changes nothing: take the # away from what you want to change. What is required `npm run up` chooses',
    '# by itself where it is left out. For every NAME, NAME_FILE may name a file that holds the value.',
  ];
  for (const { title, rows } of distinct(sections)) {
    lines.push('', `# --- ${title} ---`);
    for (const row of rows) lines.push(...envLines(row));
  }
  return `${lines.join('\n')}\n`;
}

/** Text of `docs/settings.md`: a table per section; a setting that several read stands in the first one only. */
export function renderSettingsPage(sections: readonly SettingsSection[]): string {
  const lines = [
    '# Settings',
    '',
    GENERATED,
    '',
    'All are environment variables. For every NAME, NAME_FILE may name a file that holds the value; an empty text counts',
    'as unset. Mistakes are reported at start, all at once, and the process exits with 78.',
  ];
  for (const { title, rows } of distinct(sections)) {
    lines.push('', `## ${title}`, '', '| name | default | allowed | meaning |', '|---|---|---|---|');
    for (const row of rows)
      lines.push(`| ${[code(row.name), fallback(row), range(row), meaning(row)].map(cell).join(' | ')} |`);
  }
  return `${lines.join('\n')}\n`;
}

function distinct(sections: readonly SettingsSection[]): { title: string; rows: SettingRow[] }[] {
  const seen = new Set<string>();
  return sections
    .map(({ title, schema }) => ({
      title,
      rows: describeSettings(schema).filter((row) => !seen.has(row.name) && seen.add(row.name)),
    }))
    .filter(({ rows }) => rows.length > 0);
}

function envLines(row: SettingRow): string[] {
  const notes = [row.required ? 'required' : '', range(row), row.secret ? 'secret' : ''].filter((note) => note !== '');
  const value = row.required ? row.example : row.default;
  return [`# ${row.doc}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`, `#${row.name}=${value}`];
}

function fallback(row: SettingRow): string {
  if (row.required) return 'required';
  return row.default === '' ? 'unset' : code(row.default);
}

function range(row: SettingRow): string {
  return [row.range, row.unit].filter((part) => part !== '').join(' ');
}

function meaning(row: SettingRow): string {
  return `${row.doc}${row.secret ? ' **Secret.**' : ''}${row.example === '' ? '' : ` Example: ${code(row.example)}`}`;
}

function code(text: string): string {
  return `\`${text}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
