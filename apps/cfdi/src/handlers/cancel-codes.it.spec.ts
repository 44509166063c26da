import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@nexora/testing';
import { CfdiHouse } from '../cfdi-house.conformance.ts';
import { Cancelling } from './cancelling.conformance.ts';

let house: CfdiHouse;
let cancelling: Cancelling;

beforeAll(async () => {
  house = await CfdiHouse.open();
  cancelling = new Cancelling(house);
  await house.start();
}, 120_000);
afterEach(() => cancelling.settle());
afterAll(() => house.close());

/** Time until the job runs again, in hours. */
async function restHours(job: string): Promise<number> {
  const text = `SELECT date_part('epoch', run_at - agents.now()) / 3600 AS hours FROM agents.job_listing WHERE id = $1`;
  return (await house.sql<{ hours: number }>(text, [job]))[0]!.hours;
}

describe('a request to cancel that the tax authority refuses', () => {
  it.each([
    ['203', null, /otro RFC/],
    ['204', null, /no se puede cancelar.*relacionados/s],
    ['207', 'motivo', /motivo de cancelación/],
    ['212', 'folioSustitucion', /sustituye/],
    ['799', null, /cinco solicitudes/],
    ['305', null, /CSD no es válido.*Instale un CSD vigente/s],
  ])('with %s leaves the comprobante listo, and says why', async (code, field, said) => {
    const { id, uuid } = await cancelling.listo();
    await house.sandbox.client.pac(`code:${code}`, 1);
    await cancelling.ask(id);
    const { error, job_id: job } = await house.becomes(id, 'listo');
    expect(error).toMatchObject({ code: 'cfdi.cancellation-refused', field });
    expect(`${error?.message} ${error?.remedy}`).toMatch(said);
    expect(error?.message).toContain(code);
    const shown = await cancelling.shown(id);
    expect(shown).toMatchObject({ cancelacion: 'rechazada', acuse: null });
    expect(await cancelling.codes(uuid)).toEqual([code]);
    expect(await house.sql('SELECT state FROM agents.job_listing WHERE id = $1', [job])).toEqual([{ state: 'done' }]);
  });

  it.each(['206', '213', '309', '401', 'XX12345'])(
    'with %s, which nobody listed, leaves it listo with the words of the PAC, and the PAC is not taken for failing',
    async (code) => {
      const several = await Promise.all([cancelling.listo(), cancelling.listo(), cancelling.listo()]);
      await house.sandbox.client.pac(`code:${code}`, several.length * 2);
      for (const { id } of several) await cancelling.ask(id);
      for (const { id } of several) {
        const { error } = await house.becomes(id, 'listo');
        expect(error).toMatchObject({ code: 'cfdi.cancellation-refused', field: null });
        expect(error?.message).toMatch(new RegExp(`no aceptó.*${code}`));
      }
      await house.sandbox.client.pac('none');
      // The next one is stamped at once: no breaker is open.
      const { id } = await cancelling.listo();
      expect(await house.outcomes(id)).toEqual(['stamped']);
    },
  );

  it('with 301, a fault of ours, is a dead letter marked as such', async () => {
    const { id } = await cancelling.listo();
    await house.sandbox.client.pac('code:301', 1);
    const job = await cancelling.ask(id);
    expect((await house.becomes(id, 'listo')).error?.message).toMatch(/error del programa/);
    const dead = 'SELECT state FROM agents.job_listing WHERE id = $1';
    expect(await house.sql(dead, [job])).toEqual([{ state: 'dead' }]);
  });

  it('with 205 is tried again while the comprobante is young: the tax authority gets it later', async () => {
    const { id, uuid } = await cancelling.listo();
    await house.sandbox.client.pac('code:205', 2);
    const job = await cancelling.ask(id);
    const shown = await cancelling.rests(id, job);
    expect(shown.error?.message).toMatch(/todavía no conoce/);
    expect((await house.status(id)).estado).toBe('cancelacion_pedida');
    await cancelling.hurry(job);
    await until(async () => (await cancelling.codes(uuid)).length === 2, { within: 20_000, what: 'a second try' });
    await cancelling.rests(id, job);
    await cancelling.hurry(job);
    await house.becomes(id, 'cancelado');
    expect(await cancelling.codes(uuid)).toEqual(['205', '205', '201']);
    expect(new Set((await cancelling.requests(uuid)).map(({ sha256 }) => sha256)).size).toBe(1);
  });

  it('with 205 after 72 hours is for a person', async () => {
    const { id } = await cancelling.listo();
    await house.sandbox.client.pac('code:205');
    const job = await cancelling.ask(id);
    await cancelling.rests(id, job);
    await house.sql(`UPDATE cfdi.comprobante SET fecha_timbrado = '2026-01-01T00:00:00' WHERE id = $1`, [id]);
    await house.sql(`UPDATE cfdi.cancelacion SET asked_at = asked_at - interval '73 h' WHERE comprobante = $1`, [id]);
    await cancelling.hurry(job);
    expect((await house.becomes(id, 'listo')).error?.message).toMatch(/72 horas/);
  });

  it('with 798 goes out again after 72 hours by itself', async () => {
    const { id } = await cancelling.listo();
    await house.sandbox.client.pac('code:798', 1);
    const job = await cancelling.ask(id);
    expect((await cancelling.rests(id, job)).error?.message).toMatch(/72 horas/);
    expect(Math.round(await restHours(job))).toBe(72);
    await cancelling.hurry(job);
    await house.becomes(id, 'cancelado');
  });

  it('because of the account waits, and is tried again by itself every 15 minutes', async () => {
    const { id } = await cancelling.listo();
    await house.sandbox.client.pac('no-stamps', 1);
    const job = await cancelling.ask(id);
    expect((await cancelling.rests(id, job)).error?.message).toMatch(/cuenta del PAC/);
    expect(Math.round((await restHours(job)) * 60)).toBe(15);
    await cancelling.hurry(job);
    await house.becomes(id, 'cancelado');
  });

  it('as asked before (202) is taken: what somebody else asked is followed, too', async () => {
    const { id } = await cancelling.listo();
    await house.sandbox.client.pac('code:202', 1);
    await cancelling.ask(id);
    expect((await cancelling.taken(id)).acuse).not.toBeNull();
  });
});

describe('a request to cancel whose answer is lost', () => {
  it.each(['708', '500', 'html', 'drop-before', 'drop-after', 'cut'])(
    'by "%s" goes out again with the same bytes, and is taken once',
    async (word) => {
      const { id, uuid } = await cancelling.listo();
      await house.sandbox.client.pac(/^\d+$/.test(word) && word !== '500' ? `code:${word}` : word, 1);
      const job = await cancelling.ask(id);
      const shown = await cancelling.rests(id, job);
      expect(shown.error?.message).toMatch(/No se sabe si el SAT recibió/);
      await cancelling.hurry(job);
      await house.becomes(id, 'cancelado');
      const requests = await cancelling.requests(uuid);
      expect(requests.filter(({ code }) => code === '201')).toHaveLength(1);
      expect(new Set(requests.map(({ sha256 }) => sha256)).size).toBe(1);
      expect((await cancelling.shown(id)).acuse).not.toBeNull();
      expect(await cancelling.outcomes(id)).toEqual(['unknown', 'asked']);
    },
  );

  it('by a tax authority that does not answer never opens the breaker under which stamping would rest, too', async () => {
    const several = await Promise.all(Array.from({ length: 6 }, () => cancelling.listo()));
    await house.sandbox.client.pac('code:708', several.length);
    for (const { id } of several) await cancelling.rests(id, await cancelling.ask(id));
    for (const { id } of several) expect(await cancelling.outcomes(id)).toEqual(['unknown']);
    const { id } = await cancelling.listo();
    expect(await house.outcomes(id)).toEqual(['stamped']);
  });

  it('and that is refused afterwards is decided by the tax authority, never guessed', async () => {
    const { id } = await cancelling.listo();
    await house.sandbox.client.pac('drop-after', 1);
    const job = await cancelling.ask(id);
    await cancelling.rests(id, job);
    await house.sandbox.client.pac('sat:down');
    await house.sandbox.client.pac('code:799', 1);
    await cancelling.hurry(job);
    await until(async () => (await cancelling.outcomes(id)).length === 2, { within: 20_000, what: 'a second try' });
    expect((await cancelling.rests(id, job)).error?.message).toMatch(/falta saber/);
    await house.sandbox.client.pac('sat:ok');
    await house.sandbox.client.pac('code:799', 1);
    await cancelling.hurry(job);
    await house.becomes(id, 'cancelado');
    expect(await cancelling.outcomes(id)).toEqual(['unknown', 'refused', 'refused']);
  });

  it('is asked about meanwhile, and still brings its acknowledgement once the PAC answers again', async () => {
    const { id, uuid } = await cancelling.listo();
    await house.sandbox.client.pac('drop-after', 1);
    const job = await cancelling.ask(id);
    await cancelling.rests(id, job);
    await house.sandbox.client.pac('500', 1);
    await house.sql('UPDATE cfdi.cancelacion SET next_check_at = agents.now() WHERE comprobante = $1', [id]);
    await house.sql(`SELECT agents.run_schedule('cfdi.follow-cancellations')`);
    await house.becomes(id, 'cancelado');
    expect((await cancelling.shown(id)).acuse).toBeNull();
    await cancelling.hurry(job);
    await until(async () => (await cancelling.outcomes(id)).length === 2, { within: 20_000, what: 'a second try' });
    await cancelling.rests(id, job);
    await cancelling.hurry(job);
    await cancelling.shows(id, 'its acuse in storage', ({ acuse_key: key }) => key !== null);
    expect(await cancelling.outcomes(id)).toEqual(['unknown', 'unknown', 'asked']);
    expect((await cancelling.codes(uuid)).filter((code) => code === '201')).toHaveLength(1);
    expect((await house.status(id)).estado).toBe('cancelado');
  });

  it('without a line waits without an attempt, and goes out when the line is back', async () => {
    const { id, uuid } = await cancelling.listo();
    await house.sandbox.client.internet('cut');
    const job = await cancelling.ask(id);
    const shown = await cancelling.shows(id, 'why it waits', ({ error }) => error !== null);
    expect(shown.error?.message).toMatch(/No hay conexión/);
    await house.sandbox.client.internet('restore');
    await cancelling.hurry(job);
    await house.becomes(id, 'cancelado');
    expect(await cancelling.codes(uuid)).toEqual(['201']);
    expect((await cancelling.outcomes(id)).at(-1)).toBe('asked');
    const [{ attempts }] = (await house.sql('SELECT attempts FROM agents.job_listing WHERE id = $1', [job])) as [
      { attempts: number },
    ];
    expect(attempts).toBe(1);
  });
});
