import { given, noOthers, type Run } from './command.ts';
import { sheetOf } from './sheet.ts';
import { withDesk } from './with-desk.ts';

/** The licence on one screen; as JSON exactly what the gateway answers. */
export const show: Run = async (args, { write }) => {
  const all = given(args, [], ['json']);
  noOthers(all);
  const state = await withDesk((desk) => desk.show());
  write(all.flags.has('json') ? `${JSON.stringify(state, null, 2)}\n` : sheetOf(state));
};
