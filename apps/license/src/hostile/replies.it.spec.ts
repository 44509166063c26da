import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { json } from './own-portal.conformance.ts';
import { World } from './world.conformance.ts';

// Good answers in bad hands: kept in a drawer, or on their way while the licence is changed for another.

let world: World;

beforeAll(async () => {
  world = await World.open();
});

afterAll(() => world.close());

beforeEach(async () => {
  await world.reset();
  await world.licensed();
  await world.offline('start');
});

it('an answer that lay in a drawer turns no time back, whatever the wall shows by then', async () => {
  const { licenseId: id, nonce } = await world.desk().request();
  world.portal.refuses = { code: 'unpaid', message: 'Falta un pago.' };
  const drawer = world.portal.reply({ id, nonce });
  world.portal.refuses = null;
  await world.days(20);
  await world.look('request');
  await world.days(36);
  await world.offline();
  expect(await world.state()).toMatchObject({ mode: 'grace', graceDaysLeft: 1 });
  await world.setWall(-55);
  await world.off(0);
  await world.install(drawer).catch(() => undefined);
  await world.off(0);
  await world.offline('start');
  expect(await world.state()).toMatchObject({ mode: 'grace', graceDaysLeft: 1, clock: { verdict: 'behind' } });
});

it('an answer on paper sets a wrong clock right, downwards too', async () => {
  await world.setWall(730);
  await world.off(0);
  await world.offline('start');
  expect(await world.state()).toMatchObject({ mode: 'limited' });
  const { licenseId: id, nonce } = await world.desk().request();
  await world.install(world.portal.reply({ id, nonce }));
  expect(await world.state()).toMatchObject({ mode: 'valid', clock: { verdict: 'ahead' } });
});

it('a refusal of one licence is none of another', async () => {
  const other = world.portal.license({ id: 'LIC-2', issuedAt: world.portal.inDays(0.0001) });
  world.portal.refuses = { code: 'revoked', message: '' };
  world.portal.offsetMs += 60_000;
  await world.look('request');
  expect(await world.state()).toMatchObject({ mode: 'revoked', id: 'LIC-1' });
  await world.install(other);
  expect(await world.state()).toMatchObject({ mode: 'valid', id: 'LIC-2' });
});

it('a renewal that was on its way while another licence was put in does not take its place', async () => {
  const other = world.portal.license({ id: 'LIC-2' });
  world.portal.onRenew = async (question, response) => {
    await world.install(other);
    json(response, world.portal.reply(question));
  };
  expect(await world.look('request')).toMatchObject({ mode: 'valid', renewed: false });
  expect(await world.state()).toMatchObject({ mode: 'valid', id: 'LIC-2' });
});
