import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cierraSobre, labelDelCsd } from '@nexora/comprobante';
import type { ObjectStore } from '@nexora/storage';
import { makeTestCertificates, type DemoIssuer } from '@nexora/testing';
import type { CfdiSettings } from '../cfdi.settings.ts';
import { csdProbe } from '../csd-health.ts';
import { CfdiHouse } from '../cfdi-house.conformance.ts';
import { CsdRefused, openKey } from '../comprobante/csd.ts';
import { monthBefore } from '../handlers/pack-months.handler.ts';
import { CsdWarnings } from './csd-warnings.ts';
import { Issuers } from './issuers.ts';
import { Months } from './months.ts';
import { Vault } from './vault.ts';

let house: CfdiHouse;
let store: ObjectStore;
let warnings: CsdWarnings;
let months: Months;

beforeAll(async () => {
  house = await CfdiHouse.open();
  store = await house.storage();
  warnings = new CsdWarnings(house.admin);
  months = new Months(house.admin, store);
}, 120_000);
afterAll(async () => {
  await store.close();
  await house.close();
});

/** So much of the certificate's time is left. */
const left = (interval: string) => house.sql(`UPDATE cfdi.csd SET valid_to = agents.now() + $1::interval`, [interval]);
const taken = async () => (await house.admin.transaction((tx) => warnings.take(tx))).map(({ days }) => days);

describe('several CSDs of an issuer', () => {
  it('seal each in its time, the newest where two are valid', async () => {
    const others = await makeTestCertificates(join(house.folder, 'sandbox'));
    const opened = ({ key, passwordFile }: DemoIssuer) =>
      openKey(readFileSync(key), readFileSync(passwordFile, 'utf8').trim());
    const now = new Date();
    const [first, expired, second] = [
      (await house.issuers.csdFor('EKU9003173C9', now))!.certificado,
      await house.issuers.putCsd(readFileSync(others.expired.cer), opened(others.expired)),
      await house.issuers.putCsd(readFileSync(others.foreign.cer), opened(others.foreign)),
    ];
    const picked = async (at: Date) => (await house.issuers.csdFor('EKU9003173C9', at))?.certificado.numero;
    const since = (numero: string, interval: string) =>
      house.sql('UPDATE cfdi.csd SET valid_from = now() - $2::interval WHERE numero = $1', [numero, interval]);
    await since(second.numero, '1 day');
    expect(await picked(now)).toBe(second.numero);
    await since(first.numero, '1 hour');
    expect(await picked(now)).toBe(first.numero);
    expect(await picked(new Date(expired.validTo.getTime() - 1_000))).toBe(expired.numero);
    await house.sql('DELETE FROM cfdi.csd WHERE numero <> $1', [first.numero]);
  });

  it('seal when their key came in an envelope, and never with the key of another certificate', async () => {
    const vault = new Vault(house.keyOfKeys);
    await house.issuers.openMailbox();
    const [{ numero, rfc }] = (await house.sql('SELECT numero, rfc FROM cfdi.csd')) as [
      { numero: string; rfc: string },
    ];
    const key = (await house.issuers.csdFor(rfc, new Date()))!.key;
    const handIn = (secret: Buffer) =>
      house.sql(`SELECT agents.put_csd(rfc, numero, certificate, $1, valid_from, valid_to, $2) FROM cfdi.csd`, [
        cierraSobre(vault.direccion, secret, labelDelCsd(rfc, numero)),
        vault.direccion,
      ]);
    await handIn(key.export({ format: 'der', type: 'pkcs8' }));
    const fresh = () => new Issuers(house.admin, { CFDI_KEY_ENCRYPTION_KEY: house.keyOfKeys } as CfdiSettings);
    expect((await fresh().csdFor(rfc, new Date()))?.key.equals(key)).toBe(true);
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    await handIn(privateKey.export({ format: 'der', type: 'pkcs8' }));
    await expect(fresh().csdFor(rfc, new Date())).rejects.toThrow(CsdRefused);
    await handIn(key.export({ format: 'der', type: 'pkcs8' }));
  });
});

describe('warnings before a CSD ends', () => {
  it('come at 60, 30, 7 and 1 days, each once', async () => {
    for (const [interval, days] of [
      ['61 days 1 hour', []],
      ['61 days', [60]],
      ['60 days', []],
      ['31 days 1 minute', []],
      ['31 days', [30]],
      ['8 days 1 minute', []],
      ['7 days 23 hours', [7]],
      ['2 days 1 minute', []],
      ['2 days', [1]],
      ['1 hour', []],
      ['-1 hour', []],
    ] as const) {
      await left(interval);
      expect([interval, await taken()]).toEqual([interval, days]);
      expect(await taken()).toEqual([]);
    }
  });

  it('are never late when they are looked for once a day, whatever the hour at which the CSD ends', async () => {
    for (const hour of ['1 minute', '12 hours', '23 hours 59 minutes']) {
      await house.sql('DELETE FROM cfdi.csd_aviso');
      await left(`70 days ${hour}`);
      const told: { days: number; daysLeft: number }[] = [];
      for (let day = 0; day <= 71; day += 1) {
        await house.sql(`SELECT agents.set_clock($1 * interval '24 hours')`, [day]);
        told.push(...(await house.admin.transaction((tx) => warnings.take(tx))));
      }
      await house.sql('SELECT agents.set_clock(NULL)');
      expect(told.map(({ days, daysLeft }) => [days, daysLeft])).toEqual([60, 30, 7, 1].map((days) => [days, days]));
    }
  });

  it('tell only the nearest after a time off, and nothing once there is a successor', async () => {
    await house.sql('DELETE FROM cfdi.csd_aviso');
    await left('5 days');
    expect(await taken()).toEqual([7]);
    expect(await taken()).toEqual([]);
    await house.sql('DELETE FROM cfdi.csd_aviso');
    await house.sql(`INSERT INTO cfdi.csd (numero, rfc, certificate, sealed_key, valid_from, valid_to)
      SELECT '30001000000999999999', rfc, certificate, sealed_key, agents.now(), agents.now() + interval '4 years' FROM cfdi.csd`);
    expect(await taken()).toEqual([]);
    await house.sql(`DELETE FROM cfdi.csd WHERE numero = '30001000000999999999'`);
  });

  it('show in the health of the agent and as a metric by number, never by RFC', async () => {
    const told: unknown[] = [];
    const probe = csdProbe(warnings, { emit: (event, fields) => void told.push([event, fields]) });
    const [{ numero }] = (await house.sql<{ numero: string }>('SELECT numero FROM cfdi.csd')) as [{ numero: string }];
    await left('5 days 1 hour');
    const { signal } = new AbortController();
    expect(await probe.check(signal)).toEqual({ status: 'up', detail: `CSD ${numero}: quedan 5 días` });
    expect(told).toEqual([['csd-days-left', { certificate: numero, daysLeft: 5 }]]);
    await left('-1 hour');
    expect(await probe.check(signal)).toMatchObject({ status: 'down', detail: expect.stringContaining('venció') });
    await left('1 year');
    const from = (interval: string) =>
      house.sql(`UPDATE cfdi.csd SET valid_from = agents.now() + $1::interval`, [interval]);
    await from('2 days');
    expect(await probe.check(signal)).toMatchObject({
      status: 'down',
      detail: expect.stringMatching(/todavía no es vigente: vale desde el \d{4}-\d\d-\d\d/),
    });
    await from('-1 day');
  });
});

describe('a month of an issuer', () => {
  const emisor = 'EKU9003173C9';
  const stamped = async (fecha: string, keys: { xmlKey?: string; pdfKey?: string } = {}) => {
    const id = await house.submit();
    await house.sql(
      `UPDATE cfdi.comprobante SET estado = 'timbrado', uuid = gen_random_uuid(), sha256 = 'aa', sealed_at = now(),
              fecha = $2, fecha_timbrado = $2, xml = 'in postgres', xml_key = $3, pdf_key = $4 WHERE id = $1`,
      [id, fecha, keys.xmlKey ?? null, keys.pdfKey ?? null],
    );
  };

  it('is packed under one key with what stands in storage and what Postgres still keeps, and again', async () => {
    await store.put('cfdi/t/a.xml', Buffer.from('stored xml'), { contentType: 'application/xml' });
    await store.put('cfdi/t/a.pdf', Buffer.from('stored pdf'), { contentType: 'application/pdf' });
    await stamped('2026-09-30T23:59:59');
    await stamped('2026-10-01T00:00:00', { xmlKey: 'cfdi/t/a.xml', pdfKey: 'cfdi/t/a.pdf' });
    await stamped('2026-10-31T23:59:59');
    await stamped('2026-11-01T00:00:00');
    expect(await months.issuersIn('2026-10')).toEqual([emisor]);
    const packed = await months.pack({ emisor, month: '2026-10' });
    expect(packed).toMatchObject({ key: `cfdi/${emisor}/2026/2026-10.zip`, documents: 2 });
    const bytes = (await store.get(packed.key!)).body;
    const zip = bytes.toString('latin1');
    expect(zip.match(/xml\/[0-9a-f-]{36}\.xml/g)).toHaveLength(2 * 2); // before each, and in the directory
    for (const part of ['stored pdf', 'indice.csv']) expect(zip).toContain(part);
    expect(await months.pack({ emisor, month: '2026-10' })).toEqual(packed);
    expect((await store.get(packed.key!)).body.equals(bytes)).toBe(true);
  });

  it('without a stamped comprobante is packed as nothing', async () => {
    expect(await months.pack({ emisor, month: '2025-01' })).toEqual({ key: null, documents: 0, bytes: 0 });
    expect(await months.issuersIn('2025-01')).toEqual([]);
  });

  it('is never half there: a document that is gone fails the whole and leaves the former zip', async () => {
    const before = (await store.get(`cfdi/${emisor}/2026/2026-10.zip`)).body;
    await stamped('2026-10-15T10:00:00', { xmlKey: 'cfdi/t/no-such.xml' });
    await expect(months.pack({ emisor, month: '2026-10' })).rejects.toThrow();
    expect((await store.get(`cfdi/${emisor}/2026/2026-10.zip`)).body.equals(before)).toBe(true);
    await expect(buffer(months.zip(await months.rows({ emisor, month: '2026-10' })))).rejects.toThrow();
  });

  it('is the one before by the clock of the middle of Mexico', () => {
    expect(monthBefore(new Date('2026-11-04T11:00:00Z'))).toBe('2026-10');
    expect(monthBefore(new Date('2026-01-04T11:00:00Z'))).toBe('2025-12');
    expect(monthBefore(new Date('2026-11-01T03:00:00Z'))).toBe('2026-09');
  });
});
