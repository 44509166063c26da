import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { openKey, readCertificado } from '@nexora/comprobante';
import { HouseClock } from '@nexora/runtime';
import { makeDemoIssuer, until } from '@nexora/testing';
import { estatusEnAcuse } from '../cancelacion/acuse.ts';
import { firmaSolicitud } from '../cancelacion/solicitud.ts';
import { CfdiHouse } from '../cfdi-house.conformance.ts';
import { SwPac } from '../pac/sw.pac.ts';
import { Cancelling } from './cancelling.conformance.ts';

let house: CfdiHouse;
let cancelling: Cancelling;

beforeAll(async () => {
  house = await CfdiHouse.open();
  cancelling = new Cancelling(house);
  // By Finkok's protocol; the codes of the spec beside this one go by SW's.
  await house.start({ PAC_URL: `${house.sandbox.pacUrl}/finkok` });
}, 120_000);
afterEach(() => cancelling.settle());
afterAll(() => house.close());

describe('a cancellation', () => {
  it('is asked for once, acknowledged, and done when the tax authority says so', async () => {
    const { id, uuid } = await cancelling.listo();
    await cancelling.ask(id);
    expect((await house.becomes(id, 'cancelado')).error).toBeNull();
    expect(await cancelling.codes(uuid)).toEqual(['201']);
    const shown = await cancelling.shows(id, 'its acuse in storage', ({ acuse_key: key }) => key !== null);
    expect(shown).toMatchObject({ cancelacion: 'aceptada', estado_sat: 'Cancelado' });
    expect(shown.acuse_key).toMatch(new RegExp(`^cfdi/EKU9003173C9/20\\d\\d/\\d\\d/${uuid}\\.cancelacion\\.xml$`));
    expect((await house.object(shown.acuse_key!)).equals(shown.acuse!)).toBe(true);
    expect(estatusEnAcuse(shown.acuse!.toString('utf8'), uuid)).toBe('201');
  });

  it('has the PDF drawn anew, so that it says so', async () => {
    const { id } = await cancelling.listo();
    const { pdf_key: key } = await house.status(id);
    const before = await house.object(key!);
    await cancelling.ask(id);
    await house.becomes(id, 'cancelado');
    await until(async () => !(await house.object(key!)).equals(before), { within: 20_000, what: 'another PDF' });
    expect((await house.status(id)).estado).toBe('cancelado');
  });

  it('with motivo 01 names the substitute that says it takes the place', async () => {
    const { id, uuid } = await cancelling.listo();
    const relacionados = [{ tipoRelacion: '04', uuids: [uuid] }];
    const { uuid: sustituto } = await cancelling.listo(house.document({ relacionados }));
    await cancelling.ask(id, '01', sustituto);
    await house.becomes(id, 'cancelado');
    const [request] = await cancelling.requests(uuid);
    expect(request).toMatchObject({ motivo: '01', code: '201' });
    const [row] = await house.sql<{ signed: Buffer }>('SELECT signed FROM cfdi.cancelacion WHERE comprobante = $1', [
      id,
    ]);
    expect(row?.signed.toString('utf8')).toContain(`FolioSustitucion="${sustituto.toUpperCase()}"`);
  });

  it('waits for the receiver, and is done when he accepts', async () => {
    await house.sandbox.client.pac('receiver:silence');
    const { id, uuid } = await cancelling.listo();
    await cancelling.ask(id);
    await cancelling.taken(id);
    await cancelling.check(id, 'En proceso');
    await cancelling.quiet(id);
    expect((await house.status(id)).estado).toBe('cancelacion_pedida');
    await house.sandbox.client.pac('receiver:accept');
    await cancelling.check(id, 'Cancelado con aceptación');
    await house.becomes(id, 'cancelado');
    expect(await cancelling.codes(uuid)).toEqual(['201']);
  });

  it('that the receiver rejects leaves it listo with the reason; a second request may be accepted', async () => {
    await house.sandbox.client.pac('receiver:reject');
    const { id, uuid } = await cancelling.listo();
    await cancelling.ask(id);
    const { error } = await house.becomes(id, 'listo');
    expect(error).toMatchObject({
      code: 'cfdi.cancellation-refused',
      message: expect.stringMatching(/receptor rechazó/),
    });
    await house.sandbox.client.pac('receiver:silence');
    await cancelling.ask(id, '03');
    expect((await cancelling.taken(id)).number).toBe(2);
    expect((await house.status(id)).error).toBeNull();
    await house.sandbox.client.pac('receiver:accept');
    await cancelling.check(id, 'Cancelado con aceptación');
    await house.becomes(id, 'cancelado');
    const requests = await cancelling.requests(uuid);
    expect(requests.map(({ code, motivo }) => [code, motivo])).toEqual([
      ['201', '02'],
      ['201', '03'],
    ]);
    const told = await house.sql<{ code: string }>('SELECT code FROM cfdi.suceso WHERE comprobante = $1 ORDER BY at', [
      id,
    ]);
    expect(told.map(({ code }) => code)).toEqual([
      'cancelacion-pedida',
      'cancelacion-rechazada',
      'cancelacion-pedida',
      'cancelado',
    ]);
  });

  it('that nobody answers is done when the time is over (plazo vencido)', async () => {
    await house.sandbox.client.pac('receiver:silence');
    const { id } = await cancelling.listo();
    await cancelling.ask(id);
    await cancelling.taken(id);
    await house.sandbox.client.clock(73 * 3_600);
    await cancelling.check(id, 'Plazo vencido');
    await house.becomes(id, 'cancelado');
  });

  it('keeps waiting while the tax authority does not find it, and while its consultation service is down', async () => {
    await house.sandbox.client.pac('sat:not-found');
    const { id } = await cancelling.listo();
    await cancelling.ask(id);
    await cancelling.shows(id, 'No Encontrado', ({ estado_sat: shown }) => shown === 'No Encontrado');
    await house.sandbox.client.pac('sat:down');
    const [{ job }] = (await house.sql('SELECT agents.check_comprobante($1) AS job', [id])) as [{ job: string }];
    await cancelling.rests(id, job);
    expect((await house.status(id)).estado).toBe('cancelacion_pedida');
    await house.sandbox.client.pac('sat:ok');
    await house.sql('SELECT agents.check_comprobante($1)', [id]);
    await house.becomes(id, 'cancelado');
  });

  it('is followed by a schedule: a question that is due is asked by itself', async () => {
    await house.sandbox.client.pac('receiver:silence');
    const { id } = await cancelling.listo();
    await cancelling.ask(id);
    await cancelling.taken(id);
    await house.sandbox.client.pac('receiver:accept');
    await house.sql(`UPDATE cfdi.cancelacion SET next_check_at = agents.now() WHERE comprobante = $1`, [id]);
    await house.sql(`SELECT agents.run_schedule('cfdi.follow-cancellations')`);
    await house.becomes(id, 'cancelado');
  });

  it('that was made in the portal of the tax authority is noticed when it is asked', async () => {
    const { id, uuid } = await cancelling.listo();
    const issuer = await makeDemoIssuer(join(house.folder, 'sandbox'));
    const key = openKey(readFileSync(issuer.key), readFileSync(issuer.passwordFile, 'utf8').trim());
    const solicitud = {
      rfc: issuer.rfc,
      uuid,
      motivo: '02',
      folioSustitucion: null,
      fecha: '2026-11-21T09:00:00',
    } as const;
    const { bytes: signed } = firmaSolicitud(solicitud, readCertificado(readFileSync(issuer.cer)), key);
    const { pacUrl: url, user, password } = house.sandbox;
    const options = { name: 'other', url, user, password, token: '', timeoutMs: 5_000, emptyMs: 1_000 };
    await new SwPac(options, new HouseClock()).cancel({ ...solicitud, signed }, new AbortController().signal);
    await house.sql('SELECT agents.check_comprobante($1)', [id]);
    await house.becomes(id, 'cancelado');
  });
});
