import { sqlState } from '@nexora/database';
import { Faulty, given, noOthers, single, Usage, type Run } from './command.ts';
import { withDatabase } from './store.ts';

const AT = '--at es una hora: 2026-11-21T18:30:00-06:00.';
/** invalid_datetime_format, datetime_field_overflow: a day that the calendar does not have. */
const NO_TIME: ReadonlySet<string> = new Set(['22007', '22008']);
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Tells the house that its database was restored: nothing older is sealed before it is known what became of it. */
export const markRestored: Run = async (args, { write }) => {
  const all = given(args, ['at']);
  noOthers(all);
  const { at = null } = all.options;
  if (at !== null && Number.isNaN(Date.parse(at))) throw new Usage(AT);
  const held = await counted('SELECT cfdi.mark_restored($1) AS n', at);
  write(`Comprobantes retenidos hasta buscar en el almacén si ya estaban timbrados: ${held}.\n`);
};

/** The owner answers for it that one comprobante, or none of those held back, was stamped before the restore. */
export const releaseRestored: Run = async (args, { write }) => {
  const all = given(args, [], ['todos']);
  const isAll = all.flags.has('todos');
  if (isAll) noOthers(all);
  const id = isAll ? null : single(all, 'el id de un comprobante, o --todos');
  if (id !== null && !UUID.test(id)) throw new Usage('El id de un comprobante tiene la forma de un UUID.');
  write(`Comprobantes liberados: ${await counted('SELECT cfdi.release_restored($1) AS n', id)}.\n`);
};

async function counted(text: string, value: string | null): Promise<number> {
  try {
    const [row] = await withDatabase((sql) => sql.query<{ n: number }>({ text, values: [value] }));
    return row?.n ?? 0;
  } catch (error) {
    if (error instanceof Error && sqlState(error)?.startsWith('NX4') === true) throw new Faulty(error.message);
    if (NO_TIME.has(sqlState(error) ?? '')) throw new Usage(AT);
    throw error;
  }
}
