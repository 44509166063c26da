import { execFileSync } from 'node:child_process';
import { createHash, generateKeyPairSync, X509Certificate, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openKey, readCertificado, type Certificado } from '@nexora/comprobante';
import { makeDemoIssuer } from '@nexora/testing';
import { XmlDocument, type XmlElement } from 'libxml2-wasm';
import { firmaSolicitud, type Solicitud } from './solicitud.ts';

const UUID = 'fe4e71b0-8959-4fb9-8091-f5ac4fb0fef8';
const SUSTITUTO = '0e4c30b8-11d8-40d8-894d-ef8b32eb4bdf';
const NS = { c: 'http://cancelacfd.sat.gob.mx', d: 'http://www.w3.org/2000/09/xmldsig#' };
const folder = mkdtempSync(join(tmpdir(), 'solicitud-'));
let certificado: Certificado;
let key: KeyObject;

beforeAll(async () => {
  const issuer = await makeDemoIssuer(folder);
  certificado = readCertificado(readFileSync(issuer.cer));
  key = openKey(readFileSync(issuer.key), readFileSync(issuer.passwordFile, 'utf8').trim());
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

function signed(changes: Partial<Solicitud> = {}): Buffer {
  const solicitud: Solicitud = {
    rfc: 'EKU9003173C9',
    uuid: UUID,
    motivo: '02',
    folioSustitucion: null,
    fecha: '2026-11-21T09:30:05',
    ...changes,
  };
  return firmaSolicitud(solicitud, certificado, key).bytes;
}

describe('the request to cancel', () => {
  it('says who asks, when, for which comprobante and why', () => {
    const text = signed({ motivo: '01', folioSustitucion: SUSTITUTO }).toString('utf8');
    expect(text).toContain(
      '<Cancelacion xmlns="http://cancelacfd.sat.gob.mx" xmlns:xsd="http://www.w3.org/2001/XMLSchema" ' +
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" Fecha="2026-11-21T09:30:05" RfcEmisor="EKU9003173C9">' +
        `<Folios><Folio FolioSustitucion="${SUSTITUTO.toUpperCase()}" Motivo="01" UUID="${UUID.toUpperCase()}"></Folio></Folios>`,
    );
    expect(signed().toString('utf8')).not.toContain('FolioSustitucion');
  });

  it('is the same, byte by byte, whenever the same is signed again', () => {
    expect(signed().equals(signed())).toBe(true);
  });

  it.each(['EKU9003173C9', 'A&B900101AB1', 'ÑAÑ900101AB1'])(
    'of %s verifies with C14N by libxml2 and the signature by the command line of OpenSSL',
    (rfc) => {
      const doc = XmlDocument.fromBuffer(signed({ rfc, motivo: '01', folioSustitucion: SUSTITUTO }));
      const text = (path: string): string => doc.get(path, NS)?.content ?? '';
      const info = (doc.get('//d:SignedInfo', NS) as XmlElement).canonicalizeToString();
      const cer = Buffer.from(text('//d:X509Certificate'), 'base64');
      expect(verifiesByOpenssl(info, text('//d:SignatureValue'), cer)).toMatch(/^Verified OK/);
      expect(text('//d:X509SerialNumber')).toBe(BigInt(`0x${new X509Certificate(cer).serialNumber}`).toString());

      (doc.get('//d:Signature', NS) as XmlElement).remove();
      const digest = createHash('sha1').update(doc.canonicalizeToString()).digest('base64');
      expect(info).toContain(`<DigestValue>${digest}</DigestValue>`);
      doc.dispose();
    },
  );

  it('is refused with a key that is another than the certificate’s', () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const solicitud = { rfc: 'X', uuid: UUID, motivo: '02', folioSustitucion: null, fecha: '' } as const;
    expect(() => firmaSolicitud(solicitud, certificado, other)).toThrow(/certificate/);
  });
});

function verifiesByOpenssl(signedText: string, signature: string, cer: Buffer): string {
  const at = (name: string, bytes: string | Buffer): string => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };
  const pem = new X509Certificate(cer).publicKey.export({ format: 'pem', type: 'spki' });
  const args = ['dgst', '-sha1', '-verify', at('pub.pem', pem)];
  const files = ['-signature', at('sig', Buffer.from(signature, 'base64')), at('info', signedText)];
  return execFileSync('openssl', [...args, ...files], { encoding: 'utf8' });
}
