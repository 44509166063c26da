import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database, sqlState } from '@nexora/database';
import { json } from './own-portal.conformance.ts';
import { World } from './world.conformance.ts';

// Whom the database lets touch the licence, and what two deeds at the same moment do to each other.

let world: World;

beforeAll(async () => {
  world = await World.open();
});

afterAll(() => world.close());

/** What Postgres and the functions of the house answer to who may not. */
const DENIED = ['42501', 'NX003'];

async function refusalOf(database: Database, text: string): Promise<string | undefined> {
  try {
    await database.query({ text });
    return 'allowed';
  } catch (error) {
    return sqlState(error);
  }
}

const DEEDS: readonly [string, string][] = [
  ['report a mode', `SELECT agents.report_license('valid')`],
  ['change the gate', `UPDATE agents.license_gate SET mode = 'valid'`],
  ['change the row', `UPDATE license.state SET mode = 'valid'`],
  ['empty the row', 'DELETE FROM license.state'],
  ['read the row, and the binding in it', 'SELECT * FROM license.state'],
  ['read the numbers of open questions', 'SELECT * FROM license.nonce'],
  ['add a number of an open question', `INSERT INTO license.nonce VALUES (repeat('0', 64), 'LIC-1', '{}')`],
  ['change the history', `UPDATE license.history SET what = 'mode'`],
  ['empty the history', 'TRUNCATE license.history'],
  ['take the waiting mark from a kind', `UPDATE agents.kind SET needs_license = false`],
];

describe.each(['cfdi', 'sync', 'admin-gateway', 'client', 'clock'])('the login of %s', (login) => {
  let database: Database;

  beforeAll(async () => {
    database = await Database.open({ url: world.house.fresh.urlFor(login) });
  });

  afterAll(() => database.close(1_000));

  it.each(DEEDS)('may not %s', async (_, text) => {
    expect(DENIED).toContain(await refusalOf(database, text));
  });
});

describe('the license agent’s own login', () => {
  it.each([
    ['change the history', `UPDATE license.history SET what = 'mode'`],
    ['remove from the history', 'DELETE FROM license.history'],
    ['empty the history', 'TRUNCATE license.history'],
    ['change the gate past its function', `UPDATE agents.license_gate SET mode = 'valid'`],
  ])('may not %s', async (_, text) => {
    await world.licensed();
    expect(DENIED).toContain(await refusalOf(world.house.database, text));
  });
});

describe('at the same moment', () => {
  it('a licence put in by hand while an older renewal is on its way: the newer stays', async () => {
    await world.reset();
    await world.licensed();
    const newer = world.portal.license({ issuedAt: world.portal.inDays(0.001), plan: 'max' });
    world.portal.onRenew = async (question, response) => {
      const older = world.portal.reply(question);
      await world.install(newer);
      json(response, older);
    };
    await world.look('request');
    expect(await world.state()).toMatchObject({ mode: 'valid', plan: 'max' });
  });

  it('a list that revokes, put in by hand while a renewal is on its way: the renewal does not undo it', async () => {
    await world.reset();
    await world.licensed();
    world.portal.onRenew = async (question, response) => {
      await world.install(world.portal.crl({ number: 5, revoked: ['LIC-1'] }));
      json(response, world.portal.reply(question));
    };
    await world.look('request');
    expect(await world.state()).toMatchObject({ mode: 'revoked', crl: { number: 5 } });
  });

  it('three people ask and three agents look: one visit at a time, and one state', async () => {
    await world.reset();
    await world.licensed();
    let atOnce = 0;
    let most = 0;
    world.portal.onRenew = async (question, response) => {
      most = Math.max(most, ++atOnce);
      await world.state();
      atOnce -= 1;
      json(response, world.portal.reply(question));
    };
    const looks = Array.from({ length: 6 }, (_, n) => world.look(n % 2 === 0 ? 'request' : 'start'));
    await Promise.all(looks);
    expect(most).toBe(1);
    expect(await world.state()).toMatchObject({ mode: 'valid' });
    expect(await world.house.told()).toEqual(['mode:valid']);
  });
});
