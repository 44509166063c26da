import { globSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format, resolveConfig } from 'prettier';
import {
  houseSettings,
  renderEnvExample,
  renderSettingsPage,
  renderTelemetryPage,
  type SettingsSchema,
  type SettingsSection,
} from '@nexora/runtime';

/** A generated file: its path from the root, and what it should say. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** Every generated page, from the sources under `root`. */
export async function pages(root: string): Promise<Page[]> {
  const sections = await settingsSections(root);
  return [
    await markdown(root, 'docs/telemetry.md', renderTelemetryPage()),
    await markdown(root, 'docs/settings.md', renderSettingsPage(sections)),
    { path: '.env.example', text: renderEnvExample(sections) },
  ];
}

/** As the format gate wants it. */
async function markdown(root: string, path: string, text: string): Promise<Page> {
  return { path, text: await format(text, { ...(await resolveConfig(join(root, path))), parser: 'markdown' }) };
}

/** The house first, then every `<room>.settings.ts` of libs and apps, in the order of their paths. */
async function settingsSections(root: string): Promise<SettingsSection[]> {
  const files = ['libs', 'apps']
    .flatMap((folder) => globSync(`${folder}/*/src/**/*.settings.ts`, { cwd: root }).sort())
    .filter((path) => !path.includes('/runtime/'));
  const rooms = await Promise.all(files.map((path) => sectionOf(root, path)));
  return [{ title: 'Every process', schema: houseSettings }, ...rooms];
}

async function sectionOf(root: string, path: string): Promise<SettingsSection> {
  const exported = Object.values((await import(pathToFileURL(join(root, path)).href)) as Record<string, unknown>);
  return { title: titleOf(path), schema: Object.assign({}, ...exported.filter(isSchema)) as SettingsSchema };
}

function titleOf(path: string): string {
  const [folder, room = ''] = path.split('/');
  return folder === 'apps' ? `${room} (app)` : `${room} (library)`;
}

function isSchema(value: unknown): value is SettingsSchema {
  const settings = typeof value === 'object' && value !== null ? Object.values(value) : [];
  return settings.length > 0 && settings.every((setting) => isSetting(setting));
}

function isSetting(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'schema' in value && 'doc' in value && 'example' in value;
}
