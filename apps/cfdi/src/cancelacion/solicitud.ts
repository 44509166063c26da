import { createHash, sign, verify, X509Certificate, type KeyObject } from 'node:crypto';
import type { Certificado } from '@nexora/comprobante';
import { canonico, texto } from './canonico.ts';
import type { Motivo } from './motivos.ts';

/** What is asked of the tax authority. */
export interface Solicitud {
  readonly rfc: string;
  /** Folio fiscal of the comprobante to be cancelled. */
  readonly uuid: string;
  readonly motivo: Motivo;
  /** Folio fiscal of the comprobante that takes its place; with motivo 01 and no other. */
  readonly folioSustitucion: string | null;
  /** Local time of the middle of Mexico, `2026-11-21T09:30:05`. */
  readonly fecha: string;
}

/** A signed request: these bytes and no others go to the PAC. */
export interface SolicitudFirmada {
  readonly bytes: Buffer;
  /** Of `bytes`, in hex. */
  readonly sha256: string;
  readonly noCertificado: string;
}

const CANCELACION = 'http://cancelacfd.sat.gob.mx';
const XMLDSIG = 'http://www.w3.org/2000/09/xmldsig#';
const C14N = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';
/** Declared on the root as the tax authority's own examples do; Canonical XML carries them into SignedInfo. */
const SURROUNDINGS = [
  ['xmlns:xsd', 'http://www.w3.org/2001/XMLSchema'],
  ['xmlns:xsi', 'http://www.w3.org/2001/XMLSchema-instance'],
] as const;

/**
 * Writes and signs a request (Anexo 20, III; XMLDSig enveloped, C14N 1.0, RSA-SHA1 as that annex prescribes). The
 * document is written in its canonical form from the start, so that no canonicalizer is needed to sign it.
 * @throws Error when the signature does not verify: the key is not the certificate's
 */
export function firmaSolicitud(solicitud: Solicitud, certificado: Certificado, key: KeyObject): SolicitudFirmada {
  const digest = createHash('sha1').update(documento(solicitud, '')).digest('base64');
  const info = signedInfo(digest);
  const signature = sign('RSA-SHA1', Buffer.from(canonica(info), 'utf8'), key);
  if (!verify('RSA-SHA1', Buffer.from(canonica(info), 'utf8'), certificado.publicKey, signature)) {
    throw new Error('The signature of the request does not verify by the certificate.');
  }
  const text = documento(solicitud, envoltura(info, signature.toString('base64'), certificado));
  const bytes = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${text}`, 'utf8');
  return {
    bytes,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    noCertificado: certificado.numero,
  };
}

/** The request around a signature, or around none: what the signature is over. */
function documento({ rfc, uuid, motivo, folioSustitucion, fecha }: Solicitud, signature: string): string {
  const folio = canonico(
    'Folio',
    [
      ...(folioSustitucion === null ? [] : [['FolioSustitucion', folioSustitucion.toUpperCase()] as const]),
      ['Motivo', motivo],
      ['UUID', uuid.toUpperCase()],
    ],
    [],
  );
  const named = [['xmlns', CANCELACION], ...SURROUNDINGS, ['Fecha', fecha], ['RfcEmisor', rfc]] as const;
  return canonico('Cancelacion', named, [canonico('Folios', [], [folio]), signature]);
}

/** What SignedInfo holds. */
function signedInfo(digest: string): readonly string[] {
  const algorithm = (tag: string, uri: string): string => canonico(tag, [['Algorithm', uri]], []);
  const reference = canonico(
    'Reference',
    [['URI', '']],
    [
      canonico('Transforms', [], [algorithm('Transform', `${XMLDSIG}enveloped-signature`)]),
      algorithm('DigestMethod', `${XMLDSIG}sha1`),
      canonico('DigestValue', [], [digest]),
    ],
  );
  return [algorithm('CanonicalizationMethod', C14N), algorithm('SignatureMethod', `${XMLDSIG}rsa-sha1`), reference];
}

/** SignedInfo as it is signed: by itself, with every namespace that it stands in. */
function canonica(info: readonly string[]): string {
  return canonico('SignedInfo', [['xmlns', XMLDSIG], ...SURROUNDINGS], info);
}

function envoltura(info: readonly string[], signature: string, certificado: Certificado): string {
  const x509 = new X509Certificate(Buffer.from(certificado.base64, 'base64'));
  const issuerSerial = canonico(
    'X509IssuerSerial',
    [],
    [
      canonico('X509IssuerName', [], [texto(enUnaLinea(x509.issuer))]),
      canonico('X509SerialNumber', [], [BigInt(`0x${x509.serialNumber}`).toString()]),
    ],
  );
  const data = canonico('X509Data', [], [issuerSerial, canonico('X509Certificate', [], [certificado.base64])]);
  return canonico(
    'Signature',
    [['xmlns', XMLDSIG]],
    [canonico('SignedInfo', [], info), canonico('SignatureValue', [], [signature]), canonico('KeyInfo', [], [data])],
  );
}

/** Name of the issuer in the form of RFC 2253, last part first; Node gives the parts one per line, escaped already. */
function enUnaLinea(issuer: string): string {
  return issuer.split('\n').reverse().join(',');
}
