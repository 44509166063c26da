/** Certificates and keys: the rules are shared with the gateway, which judges a CSD before it takes it. */
export { assertFits, assertSeals, CsdRefused, openKey, readCertificado, type Certificado } from '@nexora/comprobante';
