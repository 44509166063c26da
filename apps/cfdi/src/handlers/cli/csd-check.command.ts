import { assertSeals, readCertificado, type Certificado } from '../../comprobante/csd.ts';
import { demand, fileAt, given, noOthers, type Run } from './command.ts';
import { CSD_OPTIONS, csdFilesOf } from './csd-files.ts';

const DAY_MS = 86_400_000;

/** Tells what a certificate is and whether one can seal with it; stores nothing. */
export const checkCsd: Run = (args, { write }) => {
  const all = given(args, ['rfc', ...CSD_OPTIONS]);
  noOthers(all);
  const now = new Date();
  const certificado = readCertificado(fileAt(demand(all, 'cer')));
  write(factsOf(certificado, now));
  assertSeals(certificado, all.options['rfc'] ?? certificado.rfc, now);
  if (all.options['key'] === undefined) {
    write('Llave:      no se comprobó (use --key y --password-file)\n');
    return;
  }
  csdFilesOf(all);
  write('Llave:      corresponde al certificado, y la contraseña es correcta\n');
};

function factsOf({ numero, rfc, nombre, isCsd, validFrom, validTo }: Certificado, now: Date): string {
  const days = Math.floor((validTo.getTime() - now.getTime()) / DAY_MS);
  const left = days < 0 ? `venció hace ${-days} días` : `quedan ${days} días`;
  return [
    `Número:     ${numero}`,
    `RFC:        ${rfc}`,
    `Nombre:     ${nombre}`,
    `Tipo:       ${isCsd ? 'CSD (certificado de sello digital)' : 'e.firma'}`,
    `Vigencia:   ${day(validFrom)} a ${day(validTo)} (${left})`,
    '',
  ].join('\n');
}

function day(at: Date): string {
  return at.toISOString().slice(0, 10);
}
