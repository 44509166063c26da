import { assertSeals } from '../../comprobante/csd.ts';
import { demand, Faulty, given, noOthers, type Run } from './command.ts';
import { CSD_OPTIONS, csdFilesOf } from './csd-files.ts';
import { withIssuers } from './store.ts';

/** Adds a CSD to an issuer; the key is stored encrypted, the password is not stored at all. */
export const addCsd: Run = async (args, { write }) => {
  const all = given(args, ['rfc', ...CSD_OPTIONS]);
  noOthers(all);
  const rfc = demand(all, 'rfc');
  const { certificado, certificate, key } = csdFilesOf(all);
  assertSeals(certificado, rfc, new Date());
  await withIssuers(async (issuers) => {
    if ((await issuers.find(rfc)) === null) throw new Faulty('El emisor no está registrado; use primero issuer add.');
    await issuers.putCsd(certificate, key);
  });
  write(`CSD ${certificado.numero} instalado; vence el ${certificado.validTo.toISOString().slice(0, 10)}.\n`);
};
