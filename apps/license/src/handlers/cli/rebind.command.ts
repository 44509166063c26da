import { given, NotDone, noOthers, type Run } from './command.ts';
import { withDesk } from './with-desk.ts';
import { modeWords } from './words.ts';

/** Asks the portal to bind the licence to this machine. */
export const rebind: Run = async (args, { write }) => {
  noOthers(given(args, []));
  const { mode, message, notRenewed } = await withDesk((desk) => desk.rebind());
  if (notRenewed !== null) throw new NotDone(`No se ligó la licencia a este equipo: ${notRenewed}.`);
  write(`La licencia quedó ligada a este equipo.\nModo: ${modeWords(mode)}. ${message}\n`);
};
