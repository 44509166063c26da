import { join } from 'node:path';
import type { Say } from '@nexora/embedded';
import type { DemoIssuer } from '@nexora/sandbox-pac';
import { loginNameOf } from '@nexora/testing/owners';
import { root } from '../home.ts';
import { databaseUrlFor, environmentOf, type House } from '../supervisor/environment.ts';
import type { MigrateAnswer, MigrateOrder } from './migrate.ts';
import { runStep, stepFile } from './run-step.ts';
import type { SeedOrder } from './seed.ts';

/** A house that is being started; the signal says that the start is given up. */
export type StartingHouse = House & { readonly signal: AbortSignal };

/** Login of the business's own program. */
export const CLIENT = 'client';

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
  const printed = await runStep({
    what: 'the migration',
    signal,
    args: stepFile('migrate.ts'),
    input: JSON.stringify(order),
  });
  const answer = JSON.parse(printed) as MigrateAnswer;
  if (answer.ran.length > 0) say(`Brought the database up to date (${answer.ran.length} migrations).`);
  return answer.logins;
}

/** Makes the demonstration issuer's certificate and key, once. */
export async function makeIssuer({ home, signal }: StartingHouse): Promise<DemoIssuer> {
  const args = stepFile('issuer.ts', home.file('sandbox-pac'));
  return JSON.parse(await runStep({ what: 'the demonstration certificate', args, signal })) as DemoIssuer;
}

/** Hands the issuer's certificate and key to the CFDI agent; done before, it changes nothing. */
export async function registerIssuer(issuer: DemoIssuer, house: StartingHouse): Promise<void> {
  const { rfc, nombre, regimen, cer, key, passwordFile } = issuer;
  const env = environmentOf('cfdi', 0, house);
  const commands = [
    ['issuer', 'add', '--rfc', rfc, '--nombre', nombre, '--regimen', regimen],
    ['csd', 'add', '--rfc', rfc, '--cer', cer, '--key', key, '--password-file', passwordFile],
  ];
  for (const command of commands) {
    const args = [join(root, 'apps/cfdi/dist/cli.js'), ...command];
    await runStep({
      what: `the demonstration issuer (${command.slice(0, 2).join(' ')})`,
      args,
      env,
      signal: house.signal,
    });
  }
}

/** Stores the demonstration business's comprobantes, as its own program would. */
export async function seedHouse(house: StartingHouse): Promise<void> {
  const order: SeedOrder = { url: databaseUrlFor(CLIENT, house) };
  await runStep({
    what: 'the demonstration business',
    args: stepFile('seed.ts'),
    input: JSON.stringify(order),
    signal: house.signal,
  });
}
