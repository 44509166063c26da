import {
  assertFits,
  assertSeals,
  cierraSobre,
  CsdRefused,
  labelDelCsd,
  openKey,
  readCertificado,
  reglasDelEmisor,
  type CsdFault,
  type DatosDelEmisor,
} from '@nexora/comprobante';
import { AWAY_RETRY_SECONDS } from '../http/problem-of.ts';
import { Problem, retryAfter } from '../http/problem.ts';
import type { ClosedCsd } from './issuers.queries.ts';

/** What a caller hands in. */
export interface HandedCsd {
  /** Base64 of the .cer file. */
  readonly certificate: string;
  /** Base64 of the .key file. */
  readonly privateKey: string;
  readonly password: string;
}

/** Field that a person must mend for each reason. */
const FIELD: Readonly<Record<CsdFault, string>> = {
  unreadable: 'certificate',
  efirma: 'certificate',
  expired: 'certificate',
  'not-yet-valid': 'certificate',
  'other-rfc': 'certificate',
  password: 'password',
  key: 'privateKey',
};

/**
 * Judges a CSD by the rules of the command line and closes its key into an envelope for the agent. The opened key lives
 * in this call only: the gateway cannot open what it has closed.
 * @throws Problem 422 in Spanish with the field that is wrong; 503 before the agent has said where it takes envelopes
 */
export function closedCsd(rfc: string, given: HandedCsd, at: { now: Date; direccion: Buffer | null }): ClosedCsd {
  const certificate = Buffer.from(given.certificate, 'base64');
  const { certificado, secret } = judged(rfc, certificate, given, at.now);
  if (at.direccion === null) {
    const detail = 'El agente de timbrado aún no ha arrancado por primera vez. Enciéndalo y vuelva a enviar el CSD.';
    throw new Problem('http.unavailable', detail, { headers: retryAfter(AWAY_RETRY_SECONDS) });
  }
  const { numero, validFrom, validTo } = certificado;
  const sobre = cierraSobre(at.direccion, secret, labelDelCsd(rfc, numero));
  secret.fill(0);
  return { rfc, numero, certificate, sobre, validFrom, validTo, direccion: at.direccion };
}

function judged(rfc: string, certificate: Buffer, { privateKey, password }: HandedCsd, now: Date) {
  try {
    const certificado = readCertificado(certificate);
    assertSeals(certificado, rfc, now);
    const key = openKey(Buffer.from(privateKey, 'base64'), password);
    assertFits(certificado, key);
    return { certificado, secret: key.export({ format: 'der', type: 'pkcs8' }) };
  } catch (error) {
    if (!(error instanceof CsdRefused)) throw error;
    const errors = [{ path: FIELD[error.reason], message: error.message, code: `cfdi.csd-${error.reason}` }];
    throw new Problem('cfdi.csd-refused', error.message, { errors });
  }
}

/** @throws Problem 422 that names every fault in the data of an issuer */
export function judgeIssuer(datos: DatosDelEmisor, now: Date): void {
  const faltas = reglasDelEmisor(datos, now.toISOString().slice(0, 10));
  const [first] = faltas;
  if (first === undefined) return;
  throw new Problem('http.unprocessable', `${first.message} ${first.remedy}`, { errors: faltas });
}
