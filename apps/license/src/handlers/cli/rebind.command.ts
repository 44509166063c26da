import { given, NotDone, noOthers, type Run } from './command.ts';
import { withDesk } from './with-desk.ts';
import { modeWords } from './words.ts';

const NO_PORTAL = 'No hay dirección del portal de licencias (LICENSE_PORTAL_URL).';

/** Asks the portal to bind the licence to this machine. */
export const rebind: Run = async (args, { write }) => {
  noOthers(given(args, []));
  const { mode, message, renewed, missed, binding } = await withDesk(async (desk) => {
    const end = await desk.cycle.run('rebind');
    return { ...end, binding: (await desk.show()).binding };
  });
  if (!renewed) throw new NotDone(`No se ligó la licencia a este equipo. ${missed?.es ?? NO_PORTAL}`);
  const done = binding === null ? 'Se renovó; no se liga a ningún equipo.' : 'La licencia quedó ligada a este equipo.';
  write(`${done}\nModo: ${modeWords(mode)}. ${message}\n`);
};
