import { isRfc, ZONAS } from '@nexora/comprobante';
import { demand, given, Usage, type Command } from './command.ts';
import { withIssuers } from './store.ts';

/** Adds an issuer, or changes its data. */
export const addIssuer: Command = {
  words: ['issuer', 'add'],
  takes: '--rfc <rfc> --nombre <nombre> --regimen <clave> [--zona America/…]',
  does: 'Registra un emisor, o cambia sus datos (usa DATABASE_URL y CFDI_KEY_ENCRYPTION_KEY).',
  run: async (args, { write }) => {
    const all = given(args, ['rfc', 'nombre', 'regimen', 'zona']);
    const rfc = demand(all, 'rfc');
    if (!isRfc(rfc)) throw new Usage('--rfc no tiene la forma de un RFC.');
    const regimenFiscal = demand(all, 'regimen');
    if (!/^[0-9]{3}$/.test(regimenFiscal)) throw new Usage('--regimen es una clave de tres dígitos, por ejemplo 601.');
    const zonaHoraria = all.options['zona'] ?? null;
    if (zonaHoraria !== null && !ZONAS.includes(zonaHoraria)) throw new Usage(`--zona es una de ${ZONAS.join(', ')}.`);
    const nombre = demand(all, 'nombre');
    await withIssuers((issuers) => issuers.put({ rfc, nombre, regimenFiscal, zonaHoraria }));
    write(`Emisor ${rfc} registrado.\n`);
  },
};
