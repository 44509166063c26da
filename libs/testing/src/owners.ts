import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Migrations } from '@nexora/database';
import { root } from './services/place.ts';

/** Where a library or an app keeps its migrations: a module that exports one `Migrations` object. */
function migrationsFile(project: string): string {
  const folder = project.startsWith('apps/') ? 'src/store/migrations' : 'src/migrations';
  return join(root, project, folder, 'index.ts');
}

/** Folders under `apps/`: an agent made tomorrow is found without a list to edit. */
export function appNames(): string[] {
  return readdirSync(join(root, 'apps'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** Name by which the database knows an app: `nexora_<name>`. */
export function loginNameOf(app: string): string {
  return app.replace(/^admin-/, '');
}

/** Projects with migrations in the order in which they run: the ledger, then the apps. */
export function migratedProjects(): string[] {
  return ['libs/outbox', ...appNames().map((app) => `apps/${app}`)].filter((project) =>
    existsSync(migrationsFile(project)),
  );
}

/** Every migration of the house, libraries first. */
export async function allMigrations(): Promise<Migrations[]> {
  const modules = migratedProjects().map(async (project) => {
    const loaded = (await import(pathToFileURL(migrationsFile(project)).href)) as Readonly<Record<string, unknown>>;
    const found = Object.values(loaded).find(isMigrations);
    if (found === undefined) throw new Error(`${migrationsFile(project)} must export its migrations`);
    return found;
  });
  return Promise.all(modules);
}

function isMigrations(value: unknown): value is Migrations {
  return typeof value === 'object' && value !== null && 'schema' in value && 'migrations' in value;
}
