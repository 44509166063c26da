/** A passage of an earlier text, and what stands there from now on. */
type Change = readonly [before: string, after: string];

/**
 * A function of an earlier migration, with passages of it changed, as a statement that replaces it: so a later
 * migration says what differs and keeps no second copy of the rest.
 * @param migration SQL of the migration that made it, or last replaced it; that never changes again.
 * @param name Of the function, without its schema.
 * @throws Error when function or passage is not there exactly once.
 */
export function revised(migration: string, name: string, changes: readonly Change[]): string {
  return replacing(migration, `FUNCTION agents\\.${name}\\([^]*?\\n[^\\n]*\\$\\$;`, changes);
}

/** The same for a view: Postgres takes it when its former columns stay as they are and new ones come last. */
export function revisedView(migration: string, name: string, changes: readonly Change[]): string {
  return replacing(migration, `VIEW agents\\.${name} AS[^]*?;`, changes);
}

function replacing(migration: string, what: string, changes: readonly Change[]): string {
  const former = onlyOne(migration, new RegExp(`CREATE (?:OR REPLACE )?${what}`, 'g'));
  const text = changes.reduce((sql, [before, after]) => {
    onlyOne(sql, before);
    return sql.replace(before, () => after);
  }, former);
  return text.replace(/^CREATE (?:OR REPLACE )?/, 'CREATE OR REPLACE ');
}

function onlyOne(text: string, sought: RegExp | string): string {
  const found =
    typeof sought === 'string'
      ? text
          .split(sought)
          .slice(1)
          .map(() => sought)
      : text.match(sought);
  if (found?.length !== 1) throw new Error(`${found?.length ?? 0} times in the earlier migration: ${String(sought)}`);
  return found[0] as string;
}
