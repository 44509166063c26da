import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A migration that runs SQL. Forward only: what shall be different comes as a later migration.
 * @param stamp UTC, `YYYYMMDDhhmm`. @param what Few words in kebab case.
 */
export function sqlMigration(stamp: string, what: string, sql: string): new () => MigrationInterface {
  const time = Date.UTC(
    +stamp.slice(0, 4),
    +stamp.slice(4, 6) - 1,
    +stamp.slice(6, 8),
    +stamp.slice(8, 10),
    +stamp.slice(10, 12),
  );
  return class implements MigrationInterface {
    readonly name = `${what}-${time}`;
    async up(runner: QueryRunner): Promise<void> {
      await runner.query(sql);
    }
    down(): Promise<void> {
      throw new Error(`The migration "${what}" cannot be undone: migrations go forward only.`);
    }
  };
}
