import type { Say } from '@nexora/embedded';
import { loginNameOf } from '@nexora/testing/owners';
import { CLIENT } from '../supervisor/environment.ts';
import type { MigrateAnswer, MigrateOrder } from './migrate-order.ts';
import { runStep, stepFile, type StartingHouse } from './run-step.ts';

/** Makes roles and brings every schema up to date. Answers the logins by name; empty when all share the given one. */
export async function migrateHouse(
  { home, state, signal }: StartingHouse,
  apps: readonly string[],
  say: Say,
): Promise<Readonly<Record<string, string>>> {
  const names = [...apps.map(loginNameOf), CLIENT];
  const order: MigrateOrder = {
    url: state.postgres?.url ?? '',
    passwords: Object.fromEntries(names.map((name) => [name, home.passwordOf(name)])),
  };
  const input = JSON.stringify(order);
  const printed = await runStep({ what: 'the migration', args: stepFile('migrate.ts'), input, signal });
  const answer = JSON.parse(printed) as MigrateAnswer;
  if (answer.ran.length > 0) say(`Brought the database up to date (${answer.ran.length} migrations).`);
  return answer.logins;
}
