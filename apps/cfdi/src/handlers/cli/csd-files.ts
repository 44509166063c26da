import type { KeyObject } from 'node:crypto';
import { assertFits, CsdRefused, openKey, readCertificado, type Certificado } from '../../comprobante/csd.ts';
import { demand, fileAt, type Given } from './command.ts';

/** A certificate and its key, as files on disk hold them. */
export interface CsdFiles {
  readonly certificado: Certificado;
  readonly certificate: Buffer;
  readonly key: KeyObject;
}

/** Options that name the files of a CSD. */
export const CSD_OPTIONS = ['cer', 'key', 'password-file'] as const;

/** Reads, opens and compares. @throws Usage when a file is not named or not there; CsdRefused */
export function csdFilesOf(all: Given): CsdFiles {
  const certificate = fileAt(demand(all, 'cer'));
  const certificado = readCertificado(certificate);
  const key = keyOf(all);
  assertFits(certificado, key);
  return { certificado, certificate, key };
}

/** The opened private key. @throws Usage, CsdRefused */
function keyOf(all: Given): KeyObject {
  return openKey(fileAt(demand(all, 'key')), passwordIn(fileAt(demand(all, 'password-file'))));
}

/** The only line of the password file: a byte order mark and the line end that editors add belong to nobody's password. */
function passwordIn(file: Buffer): string {
  const password = file
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .replace(/\r?\n$/, '');
  if (password !== '') return password;
  throw new CsdRefused(
    'password',
    'El archivo de la contraseña está vacío. Escriba en él la contraseña de la llave privada.',
  );
}
