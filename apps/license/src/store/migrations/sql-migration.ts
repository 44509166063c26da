import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A function that acts for its owner, by names of this schema alone. */
export const DEFINER = 'SECURITY DEFINER SET search_path = license, pg_temp';

/**
 * A migration that runs SQL. Forward only: what shall be different comes as a later migration.
 * @param stamp UTC, `YYYYMMDDhhmm`. @param what Few words in kebab case.
 */
export function sqlMigration(
  stamp: string,
  what: string,
  up: (runner: QueryRunner) => Promise<void>,
): new () => MigrationInterface {
  const [year, month, day, hour, minute] = [0, 4, 6, 8, 10].map((at) => Number(stamp.slice(at, at === 0 ? 4 : at + 2)));
  const time = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute);
  return class implements MigrationInterface {
    readonly name = `${what}-${time}`;
    up = up;
    down(): Promise<void> {
      throw new Error(`The migration "${what}" cannot be undone: migrations go forward only.`);
    }
  };
}
