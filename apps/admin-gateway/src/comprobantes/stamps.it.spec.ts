import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { gatewayUnderTest, type GatewayUnderTest } from '../testing/gateway.conformance.ts';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await gatewayUnderTest({});
});
afterAll(() => gateway.stop());

it('GET /api/admin/stamps tells the stamps left of every account, and since when there are few', async () => {
  const read = () => gateway.call('GET', '/api/admin/stamps', { as: 'viewer' });
  expect(await read()).toMatchObject({ status: 200, body: { items: [], nextCursor: null } });
  await gateway.sql(
    `INSERT INTO cfdi.saldo_de_timbres (pac, rfc, restantes, checked_at, low_since)
     VALUES ('sw', '', 42, agents.now(), agents.now()), ('finkok', 'EKU9003173C9', NULL, agents.now(), NULL)`,
  );
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/);
  expect((await read()).body).toEqual({
    items: [
      { pac: 'finkok', rfc: 'EKU9003173C9', left: null, checkedAt: time, lowSince: null },
      { pac: 'sw', rfc: null, left: 42, checkedAt: time, lowSince: time },
    ],
    nextCursor: null,
  });
});
