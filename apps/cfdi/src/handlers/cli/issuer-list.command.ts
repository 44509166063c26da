import { textOf } from '@nexora/comprobante';
import type { CsdShown, IssuerShown } from '../../store/issuers.ts';
import { given, noOthers, type Run } from './command.ts';
import { withIssuers } from './store.ts';

/** Lists issuers and their CSDs; as JSON for programs. Never a key. */
export const listIssuers: Run = async (args, { write }) => {
  const all = given(args, [], ['json']);
  noOthers(all);
  await withIssuers(async (issuers) => {
    const found = await issuers.list();
    if (all.flags.has('json')) return write(`${JSON.stringify(found)}\n`);
    write(found.length === 0 ? 'No hay emisores. Registre uno con issuer add.\n' : found.map(linesOf).join('\n'));
  });
};

function linesOf({ rfc, nombre, regimenFiscal, zonaHoraria, pausedReason, csds }: IssuerShown): string {
  return [
    `${rfc}  ${nombre}`,
    `  Régimen ${regimenFiscal} (${textOf('regimenes_fiscales', regimenFiscal)})`,
    `  Zona horaria: ${zonaHoraria ?? 'por código postal'}`,
    ...(pausedReason === null ? [] : [`  En pausa: ${pausedReason}`]),
    ...(csds.length === 0 ? ['  Sin CSD: instale uno con csd add'] : csds.map(csdLine)),
    '',
  ].join('\n');
}

function csdLine({ numero, validTo, daysLeft, inUse }: CsdShown): string {
  const left = daysLeft < 0 ? 'vencido' : `quedan ${daysLeft} días`;
  return `  CSD ${numero} hasta ${validTo.toISOString().slice(0, 10)} (${left})${inUse ? ', en uso' : ''}`;
}
