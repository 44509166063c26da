import { join } from 'node:path';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { calculaImportes, horaLocal } from '@nexora/comprobante';
import { HouseClock } from '@nexora/runtime';
import { makeDemoIssuer, until } from '@nexora/testing';
import { CfdiHouse } from './cfdi-house.conformance.ts';
import { openKey, readCertificado } from './comprobante/csd.ts';
import { sella } from './comprobante/sellado.ts';
import { SwPac } from './pac/sw.pac.ts';

const isComplete = process.env['NEXORA_FAULTS'] === 'all';
const kills = isComplete ? 4 : 2;

let house: CfdiHouse;

beforeAll(async () => {
  house = await CfdiHouse.open();
}, 120_000);
afterEach(async () => {
  await house.stopAgents();
  await house.sandbox.client.pac('none');
  await house.sandbox.client.internet('restore');
}, 60_000);
afterAll(() => house.close());

/** One UUID, one sort of bytes at the PAC, and both documents there. */
async function isWhole(id: string): Promise<void> {
  const shown = await house.becomes(id, 'listo', 40_000);
  const requests = await house.requests(id);
  expect(requests.flatMap(({ uuid }) => uuid ?? [])).toEqual([shown.uuid]);
  expect(new Set(requests.map(({ sha256 }) => sha256)).size).toBe(1);
  expect((await house.object(shown.xml_key!)).toString()).toContain(shown.uuid);
  expect((await house.object(shown.pdf_key!)).length).toBeGreaterThan(5_000);
  expect(await house.sql('SELECT FROM agents.job WHERE state IN ($1, $2)', ['dead', 'in_doubt'])).toEqual([]);
}

describe('a comprobante is stamped once and kept', () => {
  it('when the agent is killed again and again while it stamps', async () => {
    const ids = await Promise.all(Array.from({ length: 12 }, () => house.submit()));
    for (let times = 0; times < kills; times += 1) {
      const agent = await house.start();
      await until(
        async () =>
          (await house.sandbox.client.log()).filter(({ customid }) => ids.includes(customid!)).length > times * 2,
        { within: 30_000, what: 'a request' },
      );
      await agent.kill9();
    }
    await house.start();
    for (const id of ids) await isWhole(id);
  }, 240_000);
});

describe('a comprobante that kills its process whenever it is taken up', () => {
  it('dies alone, says so in its row, stays away from the pick-up, and goes on with a retry once the cause is gone', async () => {
    const marker = join(house.folder, 'again-and-again.marker');
    const armed = { NEXORA_FAILPOINT: `cfdi.before-seal:${marker}` };
    const id = await house.submit();
    const { job_id: job } = await house.status(id);
    const dead = `SELECT FROM agents.job_listing WHERE id = $1 AND state = 'dead'`;
    const isDead = async () => (await house.sql(dead, [job])).length === 1;
    let lives = 0;
    for (; !(await isDead()); lives += 1) {
      rmSync(marker, { force: true });
      const agent = await house.start(armed);
      let isGone = false;
      void agent.exited.then(() => (isGone = true));
      await until(async () => isGone || (await isDead()), { within: 30_000, what: 'the process or the job to end' });
    }
    expect(lives).toBeLessThanOrEqual(7);
    const other = await house.submit();
    writeFileSync(marker, '');
    await house.becomes(other, 'listo', 30_000);
    await house.pickUp();
    const { error } = await house.becomes(id, 'rechazado');
    expect(error).toMatchObject({ code: 'agents.worker-lost', message: expect.stringContaining('El programa falló') });
    expect(await house.requests(id)).toEqual([]);
    await house.retry(id);
    await isWhole(id);
  }, 180_000);
});

describe('a stamp that is not ours', () => {
  it('puts the comprobante into review; asked again, the PAC gets the same bytes and no other', async () => {
    const id = await house.submit();
    await stampAnotherUnder(id);
    await house.start();
    const shown = await house.becomes(id, 'revision', 30_000);
    expect(shown.error).toMatchObject({ code: 'cfdi.foreign-stamp' });
    const [before] = await house.sql('SELECT sha256 FROM cfdi.comprobante WHERE id = $1', [id]);
    const tries = (await house.outcomes(id)).length;
    await house.retry(id);
    await until(async () => (await house.outcomes(id)).length > tries, { within: 20_000, what: 'another question' });
    await house.becomes(id, 'revision');
    const [after] = await house.sql('SELECT sha256 FROM cfdi.comprobante WHERE id = $1', [id]);
    expect(after).toEqual(before);
    expect((await house.status(id)).uuid).toBeNull();
    await house.sql('SELECT agents.cancel(job) FROM cfdi.comprobante WHERE id = $1', [id]);
  }, 120_000);
});

describe('a CSD that the PAC refuses', () => {
  it('stops the issuer; with another CSD the comprobante is sealed anew', async () => {
    await house.sandbox.client.pac('code:305', 1);
    await house.start();
    const id = await house.submit();
    const shown = await house.becomes(id, 'en_espera', 30_000);
    expect(shown.motivo_espera).toMatch(/^Emisor en pausa: El CSD no es válido para timbrar/);
    await house.sql(`SELECT agents.unhold('cfdi.stamp', NULL, 'EKU9003173C9')`);
    await house.retry(id);
    const { uuid } = await house.becomes(id, 'listo', 30_000);
    expect(await house.stamps(id)).toEqual([uuid]);
    expect(await house.outcomes(id)).toEqual(['refused', 'stamped']);
    expect(await house.sql('SELECT reason FROM cfdi.sello_archivado WHERE comprobante = $1', [id])).toEqual([
      { reason: 'certificate refused: 305' },
    ]);
  }, 120_000);
});

/** Lets the PAC stamp another document under this row's customid, so that it answers with a stamp that is not ours. */
async function stampAnotherUnder(id: string): Promise<void> {
  const issuer = await makeDemoIssuer(join(house.folder, 'sandbox'));
  const documento = house.document();
  const { bytes } = sella(
    {
      documento,
      importes: calculaImportes(documento),
      emisor: { rfc: issuer.rfc, nombre: issuer.nombre, regimenFiscal: issuer.regimen },
      fecha: horaLocal(new Date(), 'America/Mexico_City'),
      certificado: readCertificado(readFileSync(issuer.cer)),
    },
    openKey(readFileSync(issuer.key), readFileSync(issuer.passwordFile, 'utf8').trim()),
  );
  const { pacUrl: url, user, password } = house.sandbox;
  const options = { name: 'sandbox', url, user, password, token: '', timeoutMs: 5_000, emptyMs: 1_000 };
  await new SwPac(options, new HouseClock()).stamp({ customid: id, bytes }, new AbortController().signal);
}
