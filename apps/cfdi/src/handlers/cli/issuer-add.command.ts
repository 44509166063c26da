import { reglasDelEmisor } from '@nexora/comprobante';
import { demand, Faulty, given, noOthers, type Run } from './command.ts';
import { withIssuers } from './store.ts';

/** Adds an issuer, or changes its data. */
export const addIssuer: Run = async (args, { write }) => {
  const all = given(args, ['rfc', 'nombre', 'regimen', 'zona']);
  noOthers(all);
  const rfc = demand(all, 'rfc');
  const regimenFiscal = demand(all, 'regimen');
  const zonaHoraria = all.options['zona'] ?? null;
  const issuer = { rfc, nombre: demand(all, 'nombre'), regimenFiscal, zonaHoraria };
  const faltas = reglasDelEmisor(issuer, new Date().toISOString().slice(0, 10));
  if (faltas.length > 0) throw new Faulty(faltas.map(({ message, remedy }) => `${message} ${remedy}`).join('\n'));
  await withIssuers((issuers) => issuers.put(issuer));
  write(`Emisor ${rfc} registrado.\n`);
};
