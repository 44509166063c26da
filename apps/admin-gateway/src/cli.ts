import { DatabaseAway, Database } from '@nexora/database';
import { houseSettings, loadSettings, SettingsError } from '@nexora/runtime';
import { parseArgs } from 'node:util';
import { createToken } from './auth/create-token.ts';
import { isRole, ROLES } from './auth/roles.ts';

const USAGE = `usage: create-token --role ${ROLES.join('|')} [--name <what it is for>] [--days <until it expires>]`;

/** Commands for the operator's shell. What was asked for goes to standard output, and nothing else does. */
async function main(args: readonly string[]): Promise<number> {
  const command = commandOf(args);
  if (command === null) return fail(2, USAGE);
  try {
    const { DATABASE_URL } = loadSettings({ DATABASE_URL: houseSettings.DATABASE_URL });
    const database = await Database.open({ url: DATABASE_URL, applicationName: 'nexora create-token', poolSize: 2 });
    try {
      process.stdout.write(`${await createToken(database, command.role, command.options)}\n`);
    } finally {
      await database.close();
    }
    return 0;
  } catch (error) {
    if (error instanceof SettingsError) return fail(78, error.message);
    if (error instanceof RangeError || error instanceof DatabaseAway) return fail(1, error.message);
    throw error;
  }
}

function commandOf(args: readonly string[]) {
  try {
    const options = { role: { type: 'string' }, name: { type: 'string' }, days: { type: 'string' } } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const { role, name, days } = values;
    if (positionals.join() !== 'create-token' || role === undefined || !isRole(role)) return null;
    const given = { ...(name === undefined ? {} : { name }), ...(days === undefined ? {} : { days: Number(days) }) };
    return { role, options: given };
  } catch (error) {
    if (error instanceof TypeError) return null; // an option that parseArgs does not know
    throw error;
  }
}

function fail(code: number, sentence: string): number {
  process.stderr.write(`${sentence}\n`);
  return code;
}

process.exitCode = await main(process.argv.slice(2));
