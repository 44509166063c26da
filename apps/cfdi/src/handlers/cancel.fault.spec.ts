import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@nexora/testing';
import { CfdiHouse } from '../cfdi-house.conformance.ts';
import { CANCEL_FAILPOINTS } from '../failpoint.ts';
import { Cancelling } from './cancelling.conformance.ts';

/** All of them on demand; else the one where a doubt is born, and another by the seed. */
const seed = Number(process.env['NEXORA_SEED'] ?? 0);
const isComplete = process.env['NEXORA_FAULTS'] === 'all';
const places = CANCEL_FAILPOINTS.filter(
  (place, index) => isComplete || place === 'cfdi.after-cancel-answer' || index === seed % CANCEL_FAILPOINTS.length,
);

let house: CfdiHouse;
let cancelling: Cancelling;

beforeAll(async () => {
  house = await CfdiHouse.open();
  cancelling = new Cancelling(house);
}, 120_000);
afterEach(async () => {
  await house.stopAgents();
  await cancelling.settle();
}, 60_000);
afterAll(() => house.close());

/** Cancelled, by one request that the tax authority took, always with the same bytes, and acknowledged. */
async function isDone(id: string, uuid: string): Promise<void> {
  await house.becomes(id, 'cancelado', 40_000);
  const requests = await cancelling.requests(uuid);
  expect(requests.filter(({ code }) => code === '201')).toHaveLength(1);
  expect(new Set(requests.map(({ sha256 }) => sha256)).size).toBe(1);
  const [{ n }] = (await house.sql('SELECT count(*)::int AS n FROM cfdi.cancelacion WHERE comprobante = $1', [id])) as [
    { n: number },
  ];
  expect(n).toBe(1);
  expect((await cancelling.shown(id)).acuse).not.toBeNull();
  expect(await house.sql('SELECT FROM agents.job WHERE state IN ($1, $2)', ['dead', 'in_doubt'])).toEqual([]);
}

describe('a comprobante is cancelled once', () => {
  it.each(places)(
    'when the agent is killed at %s',
    async (place) => {
      const NEXORA_FAILPOINT = `${place}:${join(house.folder, `${place}.marker`)}`;
      const agent = await house.start({ NEXORA_FAILPOINT });
      const { id, uuid } = await cancelling.listo();
      await cancelling.ask(id);
      expect((await agent.exited).signal).toBe('SIGKILL');
      await house.start({ NEXORA_FAILPOINT });
      await isDone(id, uuid);
    },
    120_000,
  );

  it('when the agent is killed while the PAC is thinking, and the tax authority had the request', async () => {
    const agent = await house.start();
    const { id, uuid } = await cancelling.listo();
    await house.sandbox.client.pac('delay:60000', 1);
    await cancelling.ask(id);
    await until(async () => (await cancelling.codes(uuid)).length === 1, { within: 20_000, what: 'the request' });
    await agent.kill9();
    await house.start();
    await isDone(id, uuid);
    expect(await cancelling.outcomes(id)).toEqual([null, 'asked']);
    expect(await cancelling.codes(uuid)).toEqual(['201', '202']);
  }, 120_000);
});

describe('after a restore', () => {
  it('a request whose job is gone gets another by the schedule', async () => {
    await house.start();
    const { id, uuid } = await cancelling.listo();
    await house.sandbox.client.pac('500', 1);
    const job = await cancelling.ask(id);
    await cancelling.rests(id, job);
    await house.sql('DELETE FROM agents.job WHERE id = $1', [job]);
    await house.sql(`UPDATE cfdi.comprobante SET updated_at = agents.now() - interval '5 min' WHERE id = $1`, [id]);
    await house.sql(`SELECT agents.run_schedule('cfdi.follow-cancellations')`);
    await isDone(id, uuid);
  }, 120_000);
});
