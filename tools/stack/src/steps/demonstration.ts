import { join } from 'node:path';
import { ejemploDeIngreso } from '@nexora/comprobante';
import type { DemoIssuer } from '@nexora/sandbox-pac';
import pg from 'pg';
import { root } from '../home.ts';
import { databaseUrlFor, environmentOf, CLIENT } from '../supervisor/environment.ts';
import { runStep, stepFile, type StartingHouse } from './run-step.ts';
import { DEMO_PREFIX, SALES, type SeedOrder } from './seed-order.ts';

/**
 * Registers the demonstration issuer with the CFDI agent: certificate and key of the sandbox's own authority. Whether
 * it is there is asked first: at every later start that spares two processes.
 */
export async function registerIssuer(house: StartingHouse): Promise<void> {
  const { emisor } = ejemploDeIngreso();
  if (await isTrue(house, 'EXISTS (SELECT FROM agents.issuers WHERE rfc = $1 AND csd_valid_to > agents.now())', emisor))
    return;
  const { rfc, nombre, regimen, cer, key, passwordFile } = await makeIssuer(house);
  const commands = [
    ['issuer', 'add', '--rfc', rfc, '--nombre', nombre, '--regimen', regimen],
    ['csd', 'add', '--rfc', rfc, '--cer', cer, '--key', key, '--password-file', passwordFile],
  ];
  for (const command of commands) {
    const args = [join(root, 'apps/cfdi/dist/cli.js'), ...command];
    const what = `the demonstration issuer (${command.slice(0, 2).join(' ')})`;
    await runStep({ what, args, env: environmentOf('cfdi', 0, house), signal: house.signal });
  }
}

async function makeIssuer({ home, signal }: StartingHouse): Promise<DemoIssuer> {
  const args = stepFile('issuer.ts', home.file('sandbox-pac'));
  return JSON.parse(await runStep({ what: 'the demonstration certificate', args, signal })) as DemoIssuer;
}

/** Stores the demonstration business's comprobantes, as its own program would; those that are there stay. */
export async function seedHouse(house: StartingHouse): Promise<void> {
  const demos = '(SELECT count(*) FROM agents.comprobante_status WHERE starts_with(external_id, $1))';
  if (await isTrue(house, `${demos} >= ${SALES.length}`, DEMO_PREFIX)) return;
  const order: SeedOrder = { url: databaseUrlFor(CLIENT, house) };
  const input = JSON.stringify(order);
  await runStep({ what: 'the demonstration business', args: stepFile('seed.ts'), input, signal: house.signal });
}

async function isTrue({ state }: StartingHouse, question: string, value: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: state.postgres?.url });
  await client.connect();
  try {
    const { rows } = await client.query<{ answer: boolean }>(`SELECT ${question} AS answer`, [value]);
    return rows[0]?.answer === true;
  } finally {
    await client.end();
  }
}
