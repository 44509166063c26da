import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@nexora/testing';
import { CfdiHouse } from '../cfdi-house.conformance.ts';

let house: CfdiHouse;

beforeAll(async () => {
  house = await CfdiHouse.open();
  await house.start();
}, 120_000);
afterEach(async () => {
  await house.sandbox.client.pac('none');
  await house.sandbox.client.pac('receiver:none');
  await house.sandbox.client.pac('sat:ok');
  await house.sandbox.client.internet('restore');
});
afterAll(() => house.close());

describe('a cancellation', () => {
  it('is asked for once, acknowledged, and done when the tax authority says so', async () => {
    const id = await house.submit();
    const { uuid } = await house.becomes(id, 'listo');
    await house.sql(`SELECT agents.cancel_comprobante($1, '02')`, [id]);
    await house.becomes(id, 'cancelado');
    const log = (await house.sandbox.client.cancellations()).filter((one) => one.uuid === uuid);
    expect(log.map(({ code }) => code)).toEqual(['201']);
    await until(
      async () =>
        (await house.sql('SELECT FROM cfdi.cancelacion WHERE acuse_key IS NOT NULL AND comprobante = $1', [id]))
          .length === 1,
      { within: 5000, what: 'acuse' },
    );
  });
});
