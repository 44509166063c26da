import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ejemploDeIngreso } from '@nexora/comprobante';
import { CfdiHouse } from './cfdi-house.conformance.ts';

let house: CfdiHouse;
beforeAll(async () => {
  house = await CfdiHouse.open();
}, 120_000);
afterAll(() => house.close());

describe('the largest comprobante that is admitted', () => {
  it('is stamped and drawn under the memory that ships, and others with it', async () => {
    const [line] = ejemploDeIngreso().conceptos ?? [];
    const conceptos = Array.from({ length: 10_000 }, () => line!);
    const large = await house.submit(house.document({ conceptos }));
    const small = await house.submit();
    const agent = await house.start();
    await house.becomes(small, 'listo', 60_000);
    const shown = await house.becomes(large, 'listo', 240_000);
    expect(shown).toMatchObject({ total: '1159884.00', attempts: 1, error: null });
    expect(await house.stamps(large)).toEqual([shown.uuid]);
    expect(agent.output).not.toContain('"event":"lost"');
    expect(await house.sql('SELECT FROM agents.job_listing WHERE losses > 0')).toEqual([]);
  }, 300_000);
});
