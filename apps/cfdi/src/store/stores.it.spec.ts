import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runCli } from '../handlers/cli/run-cli.ts';
import { CfdiHouse } from '../cfdi-house.conformance.ts';
import { CsdRefused, readCertificado } from '../comprobante/csd.ts';
import { Issuers } from './issuers.ts';
import { Pauses } from './pauses.ts';
import { Stranded } from './stranded.ts';
import { VaultClosed } from './vault.ts';
import { makeDemoIssuer, makeTestCertificates, type DemoIssuer, type TestCertificates } from '@nexora/testing';
import { join } from 'node:path';
import type { CfdiSettings } from '../cfdi.settings.ts';

let house: CfdiHouse;
let demo: DemoIssuer;
let others: TestCertificates;

beforeAll(async () => {
  house = await CfdiHouse.open();
  const dir = join(house.folder, 'sandbox');
  [demo, others] = [await makeDemoIssuer(dir), await makeTestCertificates(dir)];
}, 120_000);
afterAll(() => house.close());

describe('issuers and CSDs', () => {
  const at = new Date();

  it('give the newest CSD that is valid at that time, its key opened', async () => {
    const csd = await house.issuers.csdFor(demo.rfc, at);
    expect(csd?.certificado).toMatchObject({ rfc: demo.rfc, isCsd: true });
    const own = createPublicKey(csd!.key).export({ format: 'der', type: 'spki' });
    expect(own.equals(csd!.certificado.publicKey.export({ format: 'der', type: 'spki' }))).toBe(true);
    expect(await house.issuers.csdFor(demo.rfc, new Date(at.getTime() + 20 * 365 * 86_400_000))).toBeNull();
    expect(await house.issuers.csdFor('XAXX010101000', at)).toBeNull();
  });

  it('keep no key in the clear', async () => {
    const [row] = await house.sql<{ sealed_key: Buffer }>('SELECT sealed_key FROM cfdi.csd LIMIT 1');
    const csd = await house.issuers.csdFor(demo.rfc, at);
    const secret = csd!.key.export({ format: 'der', type: 'pkcs8' });
    expect(row!.sealed_key.includes(secret.subarray(100, 140))).toBe(false);
  });

  it('stay closed with another key of the house', async () => {
    const other = new Issuers(house.admin, { CFDI_KEY_ENCRYPTION_KEY: Buffer.alloc(32) } as CfdiSettings);
    await expect(other.csdFor(demo.rfc, at)).rejects.toThrow(VaultClosed);
  });

  it('take no key that does not belong to the certificate', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    await expect(house.issuers.putCsd(readFileSync(demo.cer), privateKey)).rejects.toThrow(CsdRefused);
  });

  it('tell only the first of several stops', async () => {
    const pauses = new Pauses(house.admin);
    const pause = { code: 'AU2001', reason: 'sin timbres', minutes: 15 };
    const stop = (): Promise<boolean> => house.admin.transaction((tx) => pauses.pause(tx, demo.rfc, pause));
    expect([await stop(), await stop()]).toEqual([true, false]);
    expect(await house.sql('SELECT kind, scope FROM agents.holds')).toEqual([{ kind: 'cfdi.stamp', scope: demo.rfc }]);
    expect(await house.issuers.find(demo.rfc)).toMatchObject({ isPaused: true });
    const lift = (): Promise<boolean> => house.admin.transaction((tx) => pauses.lift(tx, demo.rfc));
    expect([await lift(), await lift()]).toEqual([true, false]);
    expect(await house.sql('SELECT kind FROM agents.holds')).toEqual([]);
  });
});

describe('a stop by the PAC and one by a person', () => {
  const pause = { code: 'AU2001', reason: 'sin timbres', minutes: 15 };
  const issuer = () => house.sql('SELECT paused_code, paused_until FROM cfdi.issuer WHERE rfc = $1', [demo.rfc]);

  it('do not mix: what a person stopped no refusal shortens, and nobody asks the PAC for it', async () => {
    const pauses = new Pauses(house.admin);
    await house.sql('SELECT agents.pause_issuer($1, $2)', [demo.rfc, 'Inventario']);
    expect(await house.admin.transaction((tx) => pauses.pause(tx, demo.rfc, pause))).toBe(false);
    expect(await issuer()).toEqual([{ paused_code: 'person', paused_until: null }]);
    expect(await pauses.turn(demo.rfc)).toBe('wait');
    await house.sql('SELECT agents.resume_issuer($1)', [demo.rfc]);
    expect(await pauses.turn(demo.rfc)).toBe('free');
  });

  it('give the turn to ask to one when the pause is over, and to one when a person wants to know', async () => {
    const pauses = new Pauses(house.admin);
    const turns = () => Promise.all([1, 2, 3].map(() => pauses.turn(demo.rfc)));
    await house.admin.transaction((tx) => pauses.pause(tx, demo.rfc, pause));
    expect(await turns()).toEqual(['wait', 'wait', 'wait']);
    await house.sql('UPDATE cfdi.issuer SET probed_at = NULL WHERE rfc = $1', [demo.rfc]);
    expect((await turns()).sort()).toEqual(['probe', 'wait', 'wait']);
    await house.sql(
      `UPDATE cfdi.issuer SET paused_until = agents.now() - interval '1 s', probed_at = agents.now() - interval '15 min'
        WHERE rfc = $1`,
      [demo.rfc],
    );
    expect((await turns()).sort()).toEqual(['probe', 'wait', 'wait']);
    // Meanwhile the others are not even taken up; should the one that asks die, the next has its turn.
    const held = `SELECT until BETWEEN agents.now() + '1 min' AND agents.now() + '2 min' AS short FROM agents.holds`;
    expect(await house.sql(held)).toEqual([{ short: true }]);
    await house.sql('SELECT agents.resume_issuer($1)', [demo.rfc]);
  });
});

describe('npm run cfdi -- issuer add, csd add', () => {
  const run = async (...args: string[]): Promise<{ code: number; text: string }> => {
    let text = '';
    const take = (part: string): void => void (text += part);
    const before = { ...process.env };
    Object.assign(process.env, house.env());
    try {
      return { code: await runCli(args, { write: take, complain: take }), text };
    } finally {
      process.env = before;
    }
  };
  const files = (one: DemoIssuer): string[] => [
    '--cer',
    one.cer,
    '--key',
    one.key,
    '--password-file',
    one.passwordFile,
  ];

  it('seed an issuer that can be sealed for, and may be repeated', async () => {
    const { otherRfc } = others;
    const issuer = ['issuer', 'add', '--rfc', otherRfc.rfc, '--nombre', otherRfc.nombre, '--regimen', otherRfc.regimen];
    const csd = ['csd', 'add', '--rfc', otherRfc.rfc, ...files(otherRfc)];
    expect((await run(...csd)).code).toBe(1); // the issuer comes first
    for (const args of [issuer, csd, issuer, csd]) expect(await run(...args)).toMatchObject({ code: 0 });
    expect(await house.issuers.find(otherRfc.rfc)).toMatchObject({ nombre: otherRfc.nombre, zonaHoraria: null });
    const { numero } = readCertificado(readFileSync(otherRfc.cer));
    expect((await house.issuers.csdFor(otherRfc.rfc, new Date()))?.certificado.numero).toBe(numero);
  });

  it('refuse an e.firma, an expired one, one of the future and one of another RFC', async () => {
    for (const [one, says] of [
      [others.efirma, /e\.firma/],
      [others.expired, /venció/],
      [others.notYetValid, /todavía no/],
      [others.otherRfc, /otro RFC/],
    ] as const) {
      const { code, text } = await run('csd', 'add', '--rfc', demo.rfc, ...files(one));
      expect(code).toBe(1);
      expect(text).toMatch(says);
    }
  });

  it('say which setting is missing', async () => {
    const env = house.env();
    const saved = process.env['DATABASE_URL'];
    delete process.env['DATABASE_URL'];
    const said: string[] = [];
    const take = (part: string): void => void said.push(part);
    const args = ['issuer', 'add', '--rfc', demo.rfc, '--nombre', 'n', '--regimen', '601'];
    expect(await runCli(args, { write: take, complain: take })).toBe(2);
    if (saved !== undefined) process.env['DATABASE_URL'] = saved;
    expect(said.join('')).toMatch(/DATABASE_URL/);
    expect(said.join('')).not.toContain(env['CFDI_KEY_ENCRYPTION_KEY']);
  });
});

describe('the pick-up', () => {
  const store = new Stranded();
  const age = `updated_at = agents.now() - interval '5 min'`;
  const pickUp = () => house.admin.transaction((tx) => store.pickUp(tx, 10));

  it('gives a job to what goes on by itself and has none, and to nothing else', async () => {
    const [lost, young, busy, refused, stored, cancelled] = await Promise.all(
      Array.from({ length: 6 }, () => house.submit()),
    );
    await house.sql('UPDATE cfdi.comprobante SET job = NULL WHERE id = ANY ($1)', [[lost, young, refused]]);
    await house.sql('SELECT agents.cancel(job) FROM cfdi.comprobante WHERE id = $1', [cancelled]);
    await house.sql(`UPDATE cfdi.comprobante SET ${age} WHERE id = ANY ($1)`, [
      [lost, busy, refused, stored, cancelled],
    ]);
    await house.sql(`UPDATE cfdi.comprobante SET estado = 'rechazado' WHERE id = $1`, [refused]);
    await house.sql(
      `UPDATE cfdi.comprobante SET estado = 'timbrado', uuid = gen_random_uuid(), sha256 = 'aa', sealed_at = now(), job = NULL
        WHERE id = $1`,
      [stored],
    );
    expect(await pickUp()).toBe(2);
    const kinds = await house.sql(
      `SELECT j.kind FROM cfdi.comprobante c JOIN agents.job_listing j ON j.id = c.job
        WHERE c.id = ANY ($1) AND j.state = 'pending' ORDER BY j.kind`,
      [[lost, stored]],
    );
    expect(kinds).toEqual([{ kind: 'cfdi.stamp' }, { kind: 'cfdi.store' }]);
    expect(await pickUp()).toBe(0);
  });

  it('is done by the audit of the whole ledger as well, in the name of the sync agent', async () => {
    const lost = await house.submit();
    await house.sql(`UPDATE cfdi.comprobante SET job = NULL, ${age} WHERE id = $1`, [lost]);
    const audit = () =>
      house.admin.transaction(async (tx) => {
        await tx.query({ text: 'SET LOCAL SESSION AUTHORIZATION nexora_sync' });
        return tx.query({ text: 'SELECT adopted FROM agents.audit()' });
      });
    expect(await audit()).toEqual([{ adopted: [{ agent: 'cfdi', rows: 1 }] }]);
    expect(await audit()).toEqual([{ adopted: [] }]);
    expect(await house.status(lost)).toMatchObject({ estado: 'pendiente', job_id: expect.any(String) });
  });

  it('says of one that fails again and again without a word of its own that this is so', async () => {
    const [slow, lost, fresh] = await Promise.all(Array.from({ length: 3 }, () => house.submit()));
    const job = 'WHERE id = (SELECT job FROM cfdi.comprobante WHERE id = $1)';
    await house.sql(`UPDATE agents.job SET attempts = 1, last_error = '{"code": "agents.timeout"}' ${job}`, [slow]);
    await house.sql(`UPDATE agents.job SET losses = 2, last_error = '{"code": "agents.worker-lost"}' ${job}`, [lost]);
    await house.admin.transaction((tx) => store.failing(tx, 'falla', 10));
    for (const id of [slow, lost]) {
      expect(await house.status(id!)).toMatchObject({ estado: 'en_espera', motivo_espera: 'falla' });
    }
    expect(await house.status(fresh!)).toMatchObject({ motivo_espera: null });
  });
});

describe('the PDF', () => {
  it('is told of when it is there, and not again when it is drawn anew with the mark of a cancelled one', async () => {
    const id = await house.submit();
    await house.sql(
      `UPDATE cfdi.comprobante SET estado = 'almacenado', uuid = gen_random_uuid(), sha256 = 'aa', sealed_at = now(),
              xml_key = 'x' WHERE id = $1`,
      [id],
    );
    await house.sql(`INSERT INTO agents.subscription (event, kind) VALUES ('comprobante.listo', 'cfdi.pick-up')`);
    const told = async (): Promise<number> =>
      (await house.sql(`SELECT FROM agents.job WHERE payload->>'pdfKey' = 'p'`)).length;
    await house.sql(`SELECT cfdi.keep_pdf($1, 'p', NULL)`, [id]);
    expect([(await house.status(id)).estado, await told()]).toEqual(['listo', 1]);
    await house.sql(`UPDATE cfdi.comprobante SET estado = 'cancelado' WHERE id = $1`, [id]);
    await house.sql(`SELECT cfdi.keep_pdf($1, 'p', NULL)`, [id]);
    expect([(await house.status(id)).estado, await told()]).toEqual(['cancelado', 1]);
  });
});
