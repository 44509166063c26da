import { verify } from 'node:crypto';
import { cadenaOriginal } from './cadena.ts';
import { readCertificate, type SealingCertificate } from './certificate.ts';
import { instantOf, zonesOf } from './dates.ts';
import { attribute, childrenOf, type XmlElement } from './document.ts';
import { Refusal } from './refusal.ts';
import type { Trust } from './trust.ts';

const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** The certificate that came with the comprobante, looked at but not yet believed. */
export function certificateOf(root: XmlElement): SealingCertificate {
  const certificate = readCertificate(attribute(root, 'Certificado'));
  if (certificate.number !== attribute(root, 'NoCertificado')) {
    throw new Refusal('CFDI40106', `NoCertificado no es ${certificate.number}`);
  }
  return certificate;
}

/** Errors: Refusal 308 not issued by the authority, 306 not a CSD, 303 another RFC's. */
export function checkCertificate(root: XmlElement, certificate: SealingCertificate, trust: Trust): void {
  if (!trust.issued(certificate)) throw new Refusal('308', `Certificado ${certificate.number}`);
  if (!certificate.isCsd) throw new Refusal('306', `Certificado ${certificate.number}`);
  const rfc = childrenOf(root, 'Emisor').map((issuer) => attribute(issuer, 'Rfc'))[0];
  if (certificate.rfc !== rfc) throw new Refusal('303', `El certificado ${certificate.number} es de otro RFC`);
}

/** Errors: Refusal 305 when Fecha lies outside the certificate's validity. */
export function checkValidity(root: XmlElement, certificate: SealingCertificate): void {
  const instants = zonesOf(attribute(root, 'LugarExpedicion')).map((zone) => instantOf(attribute(root, 'Fecha'), zone));
  const inside = instants.some((instant) => instant >= certificate.notBefore && instant <= certificate.notAfter);
  if (!inside) {
    const period = `${certificate.notBefore.toISOString()} a ${certificate.notAfter.toISOString()}`;
    throw new Refusal('305', `Vigencia: ${period}`);
  }
}

/** Errors: Refusal 302 when Sello is no base64, CFDI40102 when it does not belong to the cadena original. */
export function checkSeal(root: XmlElement, certificate: SealingCertificate): void {
  const sello = attribute(root, 'Sello').replace(/[\t\n\r ]+/g, '');
  if (!base64.test(sello)) throw new Refusal('302', 'Sello no está en base64');
  const cadena = cadenaOriginal(root);
  const fits = verify(
    'RSA-SHA256',
    Buffer.from(cadena, 'utf8'),
    certificate.x509.publicKey,
    Buffer.from(sello, 'base64'),
  );
  if (!fits) throw new Refusal('CFDI40102', `Cadena original que calcula el PAC: ${cadena}`);
}
