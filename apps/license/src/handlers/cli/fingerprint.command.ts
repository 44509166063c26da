import type { Fingerprint } from '../../desk.ts';
import { given, noOthers, type Run } from './command.ts';
import { withDesk } from './with-desk.ts';
import { unreadWords } from './words.ts';

const NAMES: Readonly<Record<Fingerprint['facts'][number]['name'], string>> = {
  'machine-id': 'equipo',
  serial: 'serie',
  installation: 'instalación',
};

/** What this machine is to the portal: digests only. */
export const fingerprint: Run = async (args, { write }) => {
  const all = given(args, [], ['json']);
  noOthers(all);
  const found = await withDesk((desk) => desk.fingerprint());
  write(all.flags.has('json') ? `${JSON.stringify(found)}\n` : sheet(found));
};

function sheet({ facts, match, unread }: Fingerprint): string {
  const lines = facts.map(({ name, digest, read, source }) => {
    const from = read ? (source ?? '') : 'no se pudo leer en este equipo';
    return `${NAMES[name].padEnd(12)} ${digest}  ${from}`.trimEnd();
  });
  const verdict =
    match === null ? 'La licencia no está ligada a un equipo.' : `Coinciden ${match} de 3 con la licencia.`;
  const warning = unread.length === 0 ? [] : [`Aviso: ${unreadWords(unread)}.`];
  return `${[...lines, verdict, ...warning].join('\n')}\n`;
}
