import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Documento } from '@nexora/comprobante';
import { makeDemoIssuer, makeTestCertificates } from '@nexora/testing';
import { CfdiHouse } from '../../cfdi-house.conformance.ts';
import { runCli } from './run-cli.ts';

let house: CfdiHouse;
const before = { ...process.env };

beforeAll(async () => {
  house = await CfdiHouse.open();
  await house.start();
  Object.assign(process.env, house.env());
}, 120_000);
afterAll(async () => {
  process.env = before;
  await house.close();
});

async function cli(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const code = await runCli(args, { write: (text) => void (out += text), complain: (text) => void (err += text) });
  return { code, out, err };
}

function file(document: Documento): string {
  const path = join(house.folder, `${document.externalId}.json`);
  writeFileSync(path, JSON.stringify(document));
  return path;
}

const UUID = /^[0-9a-f-]{36}$/;
const rows = () => house.sql<{ id: string }>('SELECT id FROM cfdi.comprobante ORDER BY id');

describe('npm run cfdi -- stamp', () => {
  it('prints the UUID and where the XML is; called again, and twice at once, it is the same one stamp', async () => {
    const path = file(house.document());
    const out = join(house.folder, 'timbrado.xml');
    const [one, two] = await Promise.all([cli('stamp', path), cli('stamp', path, '--out', out)]);
    const [uuid, place] = one.out.split('\n');
    expect([one.code, two.code, one.err]).toEqual([0, 0, '']);
    expect(uuid).toMatch(UUID);
    expect(place).not.toBe('');
    expect(two.out).toBe(`${uuid}\n${out}\n`);
    expect((await cli('stamp', path)).out.split('\n')[0]).toBe(uuid);
    expect(readFileSync(out, 'utf8').toLowerCase()).toContain(uuid);
    expect(await cli('verify', out)).toMatchObject({ code: 0, out: expect.stringContaining(`Timbre ${uuid}`) });
    const [{ id }] = (await rows()) as [{ id: string }];
    expect(await house.stamps(id)).toHaveLength(1);
  }, 60_000);

  it('ends with 1 and stores nothing when a rule, the issuer or the content refuses', async () => {
    const known = house.document();
    await house.becomes(await house.submit(known), 'listo'); // its request would meet what the next test arms
    const stored = await rows();
    for (const [document, says] of [
      [house.document({ formaPago: 'XX' }), /^formaPago: .*c_FormaPago/],
      [house.document({ emisor: 'CACX7605101P8' }), /no está registrado/],
      [{ ...known, condicionesDePago: 'Crédito' }, /externalId y otro contenido.*Use otro/],
    ] as const) {
      expect(await cli('stamp', file(document))).toMatchObject({ code: 1, out: '', err: expect.stringMatching(says) });
    }
    expect(await rows()).toEqual(stored);
  }, 60_000);

  it('ends with 1 when the PAC refuses, and stamps once the file was mended', async () => {
    const document = house.document();
    await house.sandbox.client.pac('code:CFDI40145', 1);
    const refused = await cli('stamp', file(document));
    expect(refused).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/CFDI40145/) });
    expect((await cli('stamp', file({ ...document, condicionesDePago: 'Crédito' }))).code).toBe(0);
  }, 60_000);

  it('ends with 4 while the PAC cannot stamp; the comprobante waits in the queue', async () => {
    await house.sandbox.client.pac('no-stamps', 1);
    const document = house.document();
    const waiting = await cli('stamp', file(document), '--wait', '2');
    expect(waiting).toMatchObject({ code: 4, out: '', err: expect.stringMatching(/aún sin timbrar.*sin duplicarlo/) });
  }, 60_000);
});

describe('npm run cfdi -- csd add', () => {
  it('stores nothing of a CSD that cannot seal, nor its password anywhere', async () => {
    const dir = join(house.folder, 'sandbox');
    const [own, others] = [await makeDemoIssuer(dir), await makeTestCertificates(dir)];
    const empty = join(house.folder, 'vacio');
    writeFileSync(empty, '');
    const stored = await house.sql('SELECT numero, sealed_key FROM cfdi.csd');
    for (const one of [
      others.efirma,
      others.expired,
      others.notYetValid,
      others.otherRfc,
      { ...own, key: others.otherRfc.key, passwordFile: others.otherRfc.passwordFile },
      { ...own, passwordFile: others.otherRfc.cer },
      { ...own, passwordFile: empty },
      { ...own, cer: empty },
      { ...own, key: empty },
      { ...own, cer: own.key, key: own.cer },
    ]) {
      const files = ['--cer', one.cer, '--key', one.key, '--password-file', one.passwordFile];
      const { code, out, err } = await cli('csd', 'add', '--rfc', own.rfc, ...files);
      expect([code, out]).toEqual([1, '']);
      expect(err).toMatch(/[.)]\n$/);
      expect(err).not.toContain(readFileSync(own.passwordFile, 'utf8').trim());
    }
    expect(await house.sql('SELECT numero, sealed_key FROM cfdi.csd')).toEqual(stored);
  });
});

describe('npm run cfdi -- issuer list, issuer style, pack', () => {
  it('tell what the house has, without any key', async () => {
    const listed = await cli('issuer', 'list');
    expect(listed.out).toMatch(
      /^EKU9003173C9 {2}ESCUELA KEMPER URGATE\n.*\n.*\n(.*\n)* {2}CSD \d{20} hasta .*en uso\n$/,
    );
    const [issuer] = JSON.parse((await cli('issuer', 'list', '--json')).out) as [{ csds: object[] }];
    expect(Object.keys(issuer.csds[0]!).sort()).toEqual(['daysLeft', 'inUse', 'numero', 'rfc', 'validFrom', 'validTo']);
    expect((await cli('issuer', 'style', '--rfc', 'EKU9003173C9', '--color', '#aa3311', '--idioma', 'en')).code).toBe(
      0,
    );
    expect((await cli('issuer', 'style', '--rfc', 'XAXX010101000', '--idioma', 'en')).code).toBe(1);
  });

  it('pack a month into a file, and say when there is none', async () => {
    const out = join(house.folder, 'mes.zip');
    const [{ month }] = (await house.sql(
      'SELECT left(max(fecha), 7) AS month FROM cfdi.comprobante WHERE uuid IS NOT NULL',
    )) as [{ month: string }];
    expect(await cli('pack', month, '--rfc', 'EKU9003173C9', '--out', out)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^\d+ comprobantes en .*mes\.zip\n$/),
    });
    expect(readFileSync(out).subarray(0, 2).toString()).toBe('PK');
    expect(await cli('pack', '2020-01', '--rfc', 'EKU9003173C9')).toMatchObject({ code: 1 });
    expect(await cli('pack', '2020-13', '--rfc', 'EKU9003173C9')).toMatchObject({ code: 2 });
  });
});
