import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Notes. */
export class Notes__stamp__ implements MigrationInterface {
  readonly name = 'Notes__stamp__';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE __schema__.note (
        id         uuid PRIMARY KEY,
        written_at timestamptz NOT NULL DEFAULT agents.now()
      )`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
