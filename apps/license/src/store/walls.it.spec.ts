import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database, sqlState } from '@nexora/database';
import { freshDatabase, type MigratedDatabase } from '@nexora/testing';

let fresh: MigratedDatabase;
const open = new Map<string, Database>();

beforeAll(async () => {
  fresh = await freshDatabase();
  const owner = await Database.open({ url: fresh.url });
  open.set('owner', owner);
  for (const app of ['license', 'gateway', 'cfdi', 'client']) {
    open.set(app, await Database.open({ url: fresh.urlFor(app), poolSize: 1 }));
  }
  await owner.query({ text: `INSERT INTO license.history (what, after) VALUES ('mode', '{"mode": "valid"}')` });
}, 60_000);

afterAll(async () => {
  for (const database of open.values()) await database.close(1_000);
  await fresh.drop();
});

/** SQLSTATE with which the login is turned away; 'taken' when it is not. */
async function as(login: string, text: string): Promise<string | undefined> {
  try {
    await open.get(login)!.query({ text });
    return 'taken';
  } catch (error) {
    return sqlState(error);
  }
}

const DENIED = '42501';

describe('who may do what with the licence', () => {
  it.each([
    ['gateway', 'SELECT state FROM agents.license_state', 'taken'],
    ['gateway', 'SELECT agents.license_request()', 'taken'],
    ['gateway', 'SELECT * FROM license.state', DENIED],
    ['gateway', `SELECT agents.report_license('valid')`, 'NX003'],
    ['cfdi', 'SELECT state FROM agents.license_state', 'taken'],
    ['cfdi', 'SELECT agents.license_request()', DENIED],
    ['cfdi', 'SELECT * FROM license.history', DENIED],
    ['cfdi', `SELECT agents.report_license('valid')`, 'NX003'],
    ['client', 'SELECT state FROM agents.license_state', DENIED],
    ['client', 'SELECT agents.license_request()', DENIED],
    ['client', `SELECT agents.enqueue('license.sync', '{}')`, 'NX001'],
    ['license', 'SELECT state FROM agents.license_state', 'taken'],
    ['license', 'SELECT agents.license_request()', 'taken'],
  ])('%s: %s → %s', async (login, text, outcome) => {
    expect(await as(login, text)).toBe(outcome);
  });

  it.each(['license', 'owner'])('the history is written once: not even %s changes or removes a line', async (login) => {
    for (const text of [
      `UPDATE license.history SET after = '{"mode": "limited"}'`,
      'DELETE FROM license.history',
      'TRUNCATE license.history',
    ]) {
      expect(await as(login, text)).toBe('NX003');
    }
  });
});

describe('before anybody looked', () => {
  it('there is no licence, nobody has checked, and no request can be made', async () => {
    const [row] = await open.get('gateway')!.query<{ state: Record<string, unknown> }>({
      text: 'SELECT state FROM agents.license_state',
    });
    expect(row?.state).toMatchObject({
      mode: 'invalid',
      reason: 'no license',
      lastCheck: null,
      id: null,
      graceDaysLeft: null,
    });
    const [asked] = await open
      .get('gateway')!
      .query<{ request: unknown }>({ text: 'SELECT agents.license_request() AS request' });
    expect(asked?.request).toEqual({ licenseId: null, nonce: null, binding: null, portal: '' });
  });
});
