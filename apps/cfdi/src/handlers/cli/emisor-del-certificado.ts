import { personaOf } from '@nexora/comprobante';
import type { Certificado } from '../../comprobante/csd.ts';
import type { Emisor } from '../../comprobante/xml.ts';

/** The form of a company at the end of its name, which a CFDI 4.0 leaves out. */
const FORMA =
  /,? +(S\.?A\.?( ?P\.?I\.?| ?B\.?)?( DE C\.?V\.?)?|S\.? ?DE ?R\.?L\.?( ?M\.?I\.?)?( DE C\.?V\.?)?|S\.?A\.?S\.?( DE C\.?V\.?)?|S\.?C\.?|A\.?C\.?|S\.?P\.?R\.? DE R\.?[LI]\.?( DE C\.?V\.?)?|I\.?A\.?P\.?)$/i;
/** What most issuers of each sort are: General de Ley, and business and professional activities. */
const REGIMEN = { moral: '601', fisica: '612' } as const;

/** Issuer as far as a certificate knows it: the régimen does not stand in it and is the most usual one. */
export function emisorDelCertificado({ rfc, nombre }: Certificado): Emisor {
  const persona = personaOf(rfc);
  const sinForma = persona === 'moral' ? nombre.replace(FORMA, '') : nombre;
  return { rfc, nombre: sinForma.trim(), regimenFiscal: REGIMEN[persona] };
}
