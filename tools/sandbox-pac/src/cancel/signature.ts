import { createHash, verify } from 'node:crypto';
import { readCertificate, type SealingCertificate } from '../pac/certificate.ts';
import { Refusal } from '../pac/refusal.ts';
import { canonicalize, descendant, textWithin, type CanonicalElement } from './c14n.ts';

const xmldsig = 'http://www.w3.org/2000/09/xmldsig#';
/** What Anexo 20 prescribes, by the element that names it. */
const algorithms: Readonly<Record<string, string>> = {
  CanonicalizationMethod: 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315',
  SignatureMethod: `${xmldsig}rsa-sha1`,
  Transform: `${xmldsig}enveloped-signature`,
  DigestMethod: `${xmldsig}sha1`,
};

function within(element: CanonicalElement, local: string): CanonicalElement {
  const found = descendant(element, xmldsig, local);
  if (found === undefined) throw new Refusal('301', `La firma no lleva ${local}`);
  return found;
}

function bytesIn(element: CanonicalElement, local: string): Buffer {
  return Buffer.from(textWithin(within(element, local)), 'base64');
}

function valueOf(element: CanonicalElement, name: string): string {
  return element.attributes.find((one) => one.name === name)?.value ?? '';
}

/**
 * The certificate by which a document is signed (XMLDSig, enveloped). Errors: Refusal 301 without a signature of the
 * prescribed form, 302 when digest or signature do not verify, CFDI40106 without a readable certificate.
 */
export function signerOf(root: CanonicalElement): SealingCertificate {
  const signature = within(root, 'Signature');
  const info = within(signature, 'SignedInfo');
  for (const [local, uri] of Object.entries(algorithms)) {
    if (valueOf(within(info, local), 'Algorithm') !== uri) throw new Refusal('301', `La firma usa otro ${local}`);
  }
  if (valueOf(within(info, 'Reference'), 'URI') !== '') throw new Refusal('301', 'La firma es de otro documento');
  const certificate = readCertificate(textWithin(within(signature, 'X509Certificate')));
  checkIssuerSerial(signature, certificate);
  const digest = createHash('sha1').update(canonicalize(root, signature)).digest();
  if (!digest.equals(bytesIn(info, 'DigestValue'))) throw new Refusal('302', 'La digestión no corresponde');
  const signed = Buffer.from(canonicalize(info), 'utf8');
  const isSigned = verify('RSA-SHA1', signed, certificate.x509.publicKey, bytesIn(signature, 'SignatureValue'));
  if (!isSigned) throw new Refusal('302', 'La firma no corresponde al certificado');
  return certificate;
}

function checkIssuerSerial(signature: CanonicalElement, certificate: SealingCertificate): void {
  const serial = textWithin(within(signature, 'X509SerialNumber'));
  const isOwn = serial === BigInt(`0x${certificate.x509.serialNumber}`).toString();
  if (!isOwn || textWithin(within(signature, 'X509IssuerName')) === '') {
    throw new Refusal('301', 'X509IssuerSerial no es del certificado');
  }
}
