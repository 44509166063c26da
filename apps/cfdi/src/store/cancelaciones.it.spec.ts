import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database, sqlState } from '@nexora/database';
import { freshDatabase, type MigratedDatabase } from '@nexora/testing';

const DENIED = '42501';
const ID = '01234567-89ab-7cde-8f01-23456789abcd';
let house: MigratedDatabase;
const opened: Database[] = [];

beforeAll(async () => {
  house = await freshDatabase();
});
afterAll(async () => {
  await Promise.all(opened.map((one) => one.close()));
  await house.drop();
});

/** What a login is told for a statement: an SQLSTATE, or nothing when it may. */
async function told(who: 'client' | 'sync' | 'admin-gateway', text: string): Promise<string | undefined> {
  const db = await Database.open({ url: house.urlFor(who), poolSize: 1 });
  opened.push(db);
  try {
    await db.query({ text });
    return undefined;
  } catch (error) {
    return sqlState(error);
  }
}

describe('cancelling is for the gateway alone', () => {
  it.each([
    `SELECT agents.cancel_comprobante('${ID}', '02')`,
    `SELECT agents.check_comprobante('${ID}')`,
    'SELECT * FROM agents.comprobante_sat',
    'SELECT * FROM agents.cancellation_attempts',
    'SELECT * FROM agents.stamps_left',
  ])('%s', async (text) => {
    expect(await told('client', text)).toBe(DENIED);
    expect(await told('sync', text)).toBe(DENIED);
    expect([undefined, 'NX404']).toContain(await told('admin-gateway', text));
  });

  it('and the tables are for the agent alone', async () => {
    for (const table of ['cancelacion', 'intento_de_cancelacion', 'estado_sat', 'saldo_de_timbres']) {
      expect(await told('admin-gateway', `SELECT FROM cfdi.${table}`)).toBe(DENIED);
    }
  });
});
