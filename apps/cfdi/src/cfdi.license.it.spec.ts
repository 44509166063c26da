import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as takes } from 'node:timers/promises';
import { CfdiHouse } from './cfdi-house.conformance.ts';

let house: CfdiHouse;
beforeAll(async () => {
  house = await CfdiHouse.open();
  await house.start();
}, 120_000);
beforeEach(() => report('valid'));
afterAll(() => house.close());

const report = (mode: string, why: string | null = null) =>
  house.sql('SELECT agents.report_license($1, $2)', [mode, why]);

describe('while the licence is limited', () => {
  it('a new comprobante is taken in, waits with a sentence, and is stamped by itself afterwards', async () => {
    await report('limited', 'file expired');
    const ids = [await house.submit(), await house.submit()];
    for (const id of ids) {
      expect(await house.status(id)).toMatchObject({
        estado: 'en_espera',
        motivo_espera: expect.stringContaining('La licencia venció'),
      });
    }
    await takes(1_500); // longer than a poll: nothing may happen, and nothing announces that
    for (const id of ids) expect(await house.requests(id)).toEqual([]);
    await report('valid');
    for (const id of ids) {
      const { uuid } = await house.becomes(id, 'listo', 10_000);
      expect(await house.stamps(id)).toEqual([uuid]);
      expect(await house.outcomes(id)).toEqual(['stamped']);
    }
  });

  it('one whose request went out is asked after, stamped once, stored and printed', async () => {
    await house.sandbox.client.pac('drop-after', 1);
    const id = await house.submit();
    await house.becomesDoubtful(id);
    await report('revoked', 'revoked');
    await house.retry(id);
    const { uuid } = await house.becomes(id, 'listo');
    expect(await house.stamps(id)).toEqual([uuid]);
  });

  it('one that was refused, and is tried again by a person, waits as a new one does', async () => {
    await house.sandbox.client.pac('code:301', 1);
    const id = await house.submit();
    await house.becomes(id, 'rechazado');
    await report('invalid', 'no license');
    await house.retry(id);
    await takes(1_500);
    expect(await house.status(id)).toMatchObject({ estado: 'en_espera' });
    expect(await house.requests(id)).toHaveLength(1);
    await report('valid');
    await house.becomes(id, 'listo');
  });
});
