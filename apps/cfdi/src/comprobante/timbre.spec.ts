import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { calculaImportes, ejemploDeIngreso, readXml } from '@nexora/comprobante';
import { cadenaDelTimbre } from './cadena-original.ts';
import { conAddenda } from './con-addenda.ts';
import { CFDI, TFD } from './espacios.ts';
import { sella } from './sellado.ts';
import { firma } from './sello.ts';
import { believe, type Sent } from './timbre.ts';

const issuer = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const sat = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const SAT_NUMBER = '3'.repeat(20);
const documento = ejemploDeIngreso();
const partes = {
  documento,
  importes: calculaImportes(documento),
  emisor: { rfc: 'EKU9003173C9', nombre: 'ESCUELA KEMPER URGATE', regimenFiscal: '601' },
  fecha: '2026-11-21T06:00:00',
  certificado: { numero: '1'.repeat(20), base64: 'AA==' },
};
const sealed = sella(partes, issuer);
const another = sella({ ...partes, fecha: '2026-11-21T06:00:01' }, issuer);
const sent: Sent = {
  bytes: sealed.bytes,
  sello: sealed.sello,
  cadena: sealed.cadena,
  sealedAt: new Date('2026-11-21T12:00:00Z'),
  now: new Date('2026-11-21T12:00:10Z'),
  satKeys: new Map([[SAT_NUMBER, createPublicKey(sat)]]),
};
const UUID = '5FB2822E-396D-4725-8521-CDC4BDD20CCF';

/** A stamp as a PAC makes it, with attributes changed or (by '') taken away, and sealed unless told otherwise. */
function tfd(changes: Readonly<Record<string, string>> = {}): string {
  const values: Record<string, string> = {
    Version: '1.1',
    UUID,
    FechaTimbrado: '2026-11-21T06:00:05',
    RfcProvCertif: 'SPR190613I52',
    SelloCFD: sealed.sello,
    NoCertificadoSAT: SAT_NUMBER,
    ...changes,
  };
  const written = (all: Readonly<Record<string, string>>): string =>
    `<tfd:TimbreFiscalDigital xmlns:tfd="${TFD}"${Object.entries(all)
      .map(([name, value]) => (value === '' ? '' : ` ${name}="${value}"`))
      .join('')}/>`;
  const sello = firma(cadenaDelTimbre(readXml(written(values)).root), sat);
  return written({ SelloSAT: sello, ...values });
}
function stamped(stamps = tfd(), bytes = sealed.bytes): string {
  const inside = `<cfdi:Complemento>${stamps}</cfdi:Complemento></cfdi:Comprobante>`;
  return bytes.toString('utf8').replace('</cfdi:Comprobante>', inside);
}

describe("a PAC's answer", () => {
  it('is believed when it is our Comprobante with our stamp', () => {
    expect(believe(stamped(), sent)).toMatchObject({
      kind: 'ours',
      timbre: { uuid: UUID.toLowerCase(), fechaTimbrado: '2026-11-21T06:00:05', noCertificadoSat: SAT_NUMBER },
      xml: Buffer.from(stamped()),
    });
  });

  it('is believed in bytes too, and in another dress of the same XML', () => {
    expect(believe(Buffer.from(stamped()), sent).kind).toBe('ours');
    const dressed = stamped()
      .replaceAll('cfdi:', 'c:')
      .replace('xmlns:cfdi', 'xmlns:c')
      .replace('?>', '?>\n<!-- x -->\n');
    expect(believe(dressed, sent).kind).toBe('ours');
  });

  it('is believed without the certificate that SelloSAT needs, when that is not known', () => {
    expect(believe(stamped(tfd({ SelloSAT: 'AAAA' })), { ...sent, satKeys: new Map() }).kind).toBe('ours');
  });

  it.each([
    ['is empty', ''],
    ['is HTML', '<html><body>503<br></body></html>'],
    ['is cut off', stamped().slice(0, -30)],
    ['holds no stamp', sealed.bytes.toString()],
    ['holds two stamps', stamped(tfd() + tfd({ UUID: UUID.replace('5', '6') }))],
    ['is another Comprobante with our seal in the stamp', stamped(tfd(), another.bytes)],
    ['has a changed figure', stamped().replace('Total="115.99"', 'Total="1115.99"')],
    ['has a UUID that is none', stamped(tfd({ UUID: '5FB2822E' }))],
    ['has the UUID of nothing', stamped(tfd({ UUID: '00000000-0000-0000-0000-000000000000' }))],
    ['has no UUID', stamped(tfd({ UUID: '' }))],
    ['was stamped before it was sealed', stamped(tfd({ FechaTimbrado: '2026-11-18T06:00:05' }))],
    ['was stamped in the far future', stamped(tfd({ FechaTimbrado: '2026-12-21T06:00:05' }))],
    ['has no time', stamped(tfd({ FechaTimbrado: 'hoy' }))],
    ['has a day that no calendar has', stamped(tfd({ FechaTimbrado: '2026-11-21T24:00:00' }))],
    ['has another version', stamped(tfd({ Version: '1.0' }))],
    ['has a seal of the SAT that does not verify', stamped(tfd({ SelloSAT: 'AAAA' }))],
    ['is something else altogether', '<a/>'],
    ['has a stamp elsewhere', stamped().replaceAll('cfdi:Complemento', 'cfdi:Addenda')],
    ['has something else before the stamp', stamped('<x xmlns="urn:x"/>' + tfd())],
    ['has a stamp with something in it', stamped(tfd().replace('/>', '><x/></tfd:TimbreFiscalDigital>'))],
    ['goes on after its end', `${stamped()}<cfdi:Comprobante/>`],
  ])('is not believed when it %s', (_what, answer) => {
    expect(believe(answer, sent).kind).toBe('unbelievable');
    expect(believe(Buffer.from(answer), sent).kind).toBe('unbelievable');
  });

  it('is told apart when nothing but its time speaks against it', () => {
    const late = tfd({ FechaTimbrado: '2026-12-21T06:00:05' });
    expect(believe(stamped(late), { ...sent, satKeys: new Map() })).toMatchObject({ isOfTime: true });
    expect(believe(stamped(late.replace('Version="1.1"', 'Version="1.0"')), sent)).not.toHaveProperty('isOfTime');
  });

  it.each([
    ['our bytes and a stamp', stamped()],
    ['two Complementos', stamped(`${tfd()}</cfdi:Complemento><cfdi:Complemento>`)],
    ['a comment and white space', stamped(`<!-- x -->\n${tfd()}\n`)],
    ['a byte order mark', `\uFEFF${stamped()}`],
    ['an addenda', stamped().replace('</cfdi:Comprobante>', '<cfdi:Addenda><a/></cfdi:Addenda></cfdi:Comprobante>')],
    ["another's stamp", stamped(tfd({ SelloCFD: another.sello }))],
  ])('is judged alike whether our own bytes in it are read again or not: %s', (_what, answer) => {
    const { bytes: _, ...readWhole } = sent;
    expect(believe(answer, sent)).toEqual(believe(answer, readWhole));
  });

  it("tells another's stamp from one that cannot be believed", () => {
    expect(believe(stamped(tfd({ SelloCFD: another.sello })), sent).kind).toBe('foreign');
    expect(believe(stamped(tfd({ SelloCFD: another.sello }), another.bytes), sent).kind).toBe('foreign');
  });
});

describe('an addenda', () => {
  it('goes in before the end of the root and leaves every other byte and the seal alone', () => {
    const xml = Buffer.from(stamped());
    const added = conAddenda(xml, "<p:pedido xmlns:p='urn:p' n='&#241;'/>");
    const tail = '<cfdi:Addenda><p:pedido xmlns:p="urn:p" n="ñ"/></cfdi:Addenda></cfdi:Comprobante>';
    expect(added.toString()).toBe(stamped().replace(/<\/cfdi:Comprobante>$/, tail));
    expect(believe(added, sent).kind).toBe('ours');
    expect(readXml(added).root.children.at(-1)).toMatchObject({ uri: CFDI, local: 'Addenda' });
  });

  it('is no change when there is none', () => {
    const xml = Buffer.from(stamped());
    expect(conAddenda(xml, undefined)).toBe(xml);
  });
});
