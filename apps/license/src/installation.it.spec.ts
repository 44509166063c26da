import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { DeskHouse } from './desk-house.conformance.ts';

let house: DeskHouse;

beforeAll(async () => {
  house = await DeskHouse.open();
}, 60_000);

afterAll(() => house.close());

beforeEach(() => house.reset());

/** What each new process finds this installation to be. */
async function installation(): Promise<string> {
  const { binding } = await house.desk().fingerprint();
  return binding[2];
}

const emptied = (): Promise<unknown> => house.owner.query({ text: 'DELETE FROM license.state' });
const lost = (): Promise<void> => rm(house.dir, { recursive: true });

it('the id of the installation is made at the first start, and kept in two places', async () => {
  await house.desk().cycle.run('start');
  const made = await installation();
  await house.desk().cycle.run('start');
  expect(await installation()).toBe(made);
  await emptied();
  await house.desk().cycle.run('start');
  expect(await installation()).toBe(made);
  await lost();
  await house.desk().cycle.run('start');
  expect(await installation()).toBe(made);
});

it('an installation of which both places are gone is another one', async () => {
  await house.desk().cycle.run('start');
  const made = await installation();
  await emptied();
  await lost();
  await house.desk().cycle.run('start');
  expect(await installation()).not.toBe(made);
});
