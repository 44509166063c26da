import { assertSeals, openKey, readCertificado } from '../../comprobante/csd.ts';
import { demand, Faulty, fileAt, given, type Command } from './command.ts';
import { withIssuers } from './store.ts';

/** Adds a CSD to an issuer; the key is stored encrypted, the password is not stored at all. */
export const addCsd: Command = {
  words: ['csd', 'add'],
  takes: '--rfc <rfc> --cer <f> --key <f> --password-file <f>',
  does: 'Instala un certificado de sello digital (usa DATABASE_URL y CFDI_KEY_ENCRYPTION_KEY).',
  run: async (args, { write }) => {
    const all = given(args, ['rfc', 'cer', 'key', 'password-file']);
    const rfc = demand(all, 'rfc');
    const certificate = fileAt(demand(all, 'cer'));
    const certificado = readCertificado(certificate);
    assertSeals(certificado, rfc, new Date());
    const password = fileAt(demand(all, 'password-file'))
      .toString('utf8')
      .replace(/\r?\n$/, '');
    const key = openKey(fileAt(demand(all, 'key')), password);
    await withIssuers(async (issuers) => {
      if ((await issuers.find(rfc)) === null) throw new Faulty('El emisor no está registrado; use primero issuer add.');
      await issuers.putCsd(certificate, key);
    });
    write(`CSD ${certificado.numero} instalado; vence el ${certificado.validTo.toISOString().slice(0, 10)}.\n`);
  },
};
