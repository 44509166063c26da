import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { describeWhen, satResource, satResources } from '@nexora/testing';
import { assertFits, assertSeals, CsdRefused, openKey, readCertificado } from './csd.ts';

const at = new Date('2026-11-21T12:00:00Z');
const file = (name: string): Buffer => readFileSync(satResource(`csd/${name}`));
const MORAL = 'vigente-moral-EKU9003173C9/30001000000500003416';
const FIEL = 'fiel-moral-EKU9003173C9/30001000000500003415';
const FISICA = 'vigente-fisica-CACX7605101P8/30001000000500003316';

function reason(body: () => unknown): string {
  try {
    body();
    return 'taken';
  } catch (error) {
    if (error instanceof CsdRefused) return error.reason;
    throw error;
  }
}

/** Files that people hand over in place of the tax authority's, with what must be said of each. */
const MISTAKEN: readonly (readonly [what: string, bytes: Buffer, cer: RegExp, key: RegExp])[] = [
  ['an empty file', Buffer.alloc(0), /\.cer está vacío/, /\.key está vacío/],
  ['a text', Buffer.from('hola, soy un texto\r\n'), /es un texto/, /es un texto/],
  ['PEM', Buffer.from('-----BEGIN CERTIFICATE-----\nMIIB\n'), /PEM.*openssl x509/, /PEM.*original/],
  ['PKCS#12', Buffer.from('308209d10201033082098f06092a864886f70d010701', 'hex'), /PKCS#12/, /PKCS#12/],
  ['other bytes', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0]), /no es un certificado/, /no es una llave/],
  ['broken DER', Buffer.from('30820601ffff', 'hex'), /dañado|no es un certificado/, /no es una llave/],
];

describe('a file that is no certificate or key', () => {
  it.each(MISTAKEN)('%s is told as what it is, with the remedy', (_what, bytes, cer, key) => {
    expect(said(() => readCertificado(bytes))).toMatch(cer);
    expect(said(() => openKey(bytes, 'x'))).toMatch(key);
  });

  it('is refused with a sentence and not with a library error', () => {
    expect(reason(() => readCertificado(Buffer.from('hola')))).toBe('unreadable');
    expect(reason(() => openKey(Buffer.from('hola'), 'x'))).toBe('key');
  });
});

describeWhen(satResources)("the tax authority's test certificates", () => {
  const password = (): string => file('password.txt').toString().trim();

  it.each([
    [MORAL, 'EKU9003173C9', '30001000000500003416', true],
    [FISICA, 'CACX7605101P8', '30001000000500003316', true],
    [FIEL, 'EKU9003173C9', '30001000000500003415', false],
    ['vencido-moral-H_E951128469/30001000000400002463', 'H&E951128469', '30001000000400002463', true],
    ['vencido-moral-ONO120726RX3/30001000000400002464', 'OÑO120726RX3', '30001000000400002464', true],
    ['vencido-fisica-IANL750210963/30001000000400002449', 'IAÑL750210963', '30001000000400002449', true],
    ['pac-sat-pruebas/30001000000500003456', 'SPR190613I52', '30001000000500003456', true],
  ])('%s is read: RFC %s, number %s', (name, rfc, numero, isCsd) => {
    expect(readCertificado(file(`${name}.cer`))).toMatchObject({ rfc, numero, isCsd });
  });

  it('seal for their own RFC while they are valid, and never otherwise', () => {
    const csd = readCertificado(file(`${MORAL}.cer`));
    expect(reason(() => assertSeals(csd, 'EKU9003173C9', at))).toBe('taken');
    expect(reason(() => assertSeals(csd, 'CACX7605101P8', at))).toBe('other-rfc');
    expect(reason(() => assertSeals(csd, 'EKU9003173C9', new Date('2023-05-18T11:43:50Z')))).toBe('not-yet-valid');
    expect(reason(() => assertSeals(csd, 'EKU9003173C9', new Date('2027-05-18T11:43:52Z')))).toBe('expired');
    expect(reason(() => assertSeals(readCertificado(file(`${FIEL}.cer`)), 'EKU9003173C9', at))).toBe('efirma');
  });

  it('are not opened when they ask for more rounds than any real key has', () => {
    const key = file(`${MORAL}.key`);
    const rounds = key.indexOf(Buffer.from([0x02, 0x02, 0x08, 0x00])); // 2,048
    expect(rounds).toBeGreaterThan(0);
    const endless = Buffer.concat([
      key.subarray(0, rounds),
      Buffer.from('02047fffffff', 'hex'),
      key.subarray(rounds + 4),
    ]);
    expect(reason(() => openKey(endless, password()))).toBe('key');
  });

  it('open with the password, and only with their own key', () => {
    const csd = readCertificado(file(`${MORAL}.cer`));
    const key = openKey(file(`${MORAL}.key`), password());
    expect(reason(() => assertFits(csd, key))).toBe('taken');
    expect(reason(() => assertFits(csd, openKey(file(`${FISICA}.key`), password())))).toBe('key');
    expect(reason(() => assertFits(csd, generateKeyPairSync('ed25519').privateKey))).toBe('key');
    expect(reason(() => openKey(file(`${MORAL}.key`), 'wrong'))).toBe('password');
    expect(said(() => openKey(file(`${MORAL}.key`).subarray(0, 1_000), password()))).toMatch(/incompleto/);
    const plain = key.export({ format: 'der', type: 'pkcs8' });
    expect(said(() => openKey(plain, password()))).toMatch(/no lleva contraseña/);
    expect(reason(() => openKey(file(`${MORAL}.cer`), password()))).toBe('key');
  });

  it('never repeat a password in what they say', () => {
    const message = said(() => openKey(file(`${MORAL}.key`), 'secreto-1234'));
    expect(message).toMatch(/contraseña/);
    expect(message).not.toContain('secreto');
  });
});

function said(body: () => unknown): string {
  try {
    body();
    return '';
  } catch (error) {
    return error instanceof Error ? `${error.message}${error.stack ?? ''}` : String(error);
  }
}
