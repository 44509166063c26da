import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { openObjectStore, storageSettings } from '@nexora/storage';
import { Months, type Month } from '../../store/months.ts';
import { codeOf, demand, Faulty, given, single, Usage, type Run } from './command.ts';
import { settingsOf, withDatabase } from './store.ts';

/** Packs a month of an issuer, into object storage or into a file. */
export const pack: Run = async (args, { write }) => {
  const all = given(args, ['rfc', 'out']);
  const month = single(all, 'un mes como 2026-10');
  if (!/^20\d\d-(0[1-9]|1[0-2])$/.test(month)) throw new Usage('El mes es como 2026-10.');
  const which = { emisor: demand(all, 'rfc'), month };
  const { out } = all.options;
  const store = await openObjectStore(settingsOf(storageSettings));
  try {
    await withDatabase(async (sql) => {
      const months = new Months(sql, store);
      const { documents, place } = out === undefined ? await stored(months, which) : await saved(months, which, out);
      if (documents === 0) throw new Faulty(`${which.emisor} no timbró nada en ${month}.`);
      write(`${documents} comprobantes en ${place}\n`);
    });
  } finally {
    await store.close();
  }
};

interface Done {
  readonly documents: number;
  readonly place: string;
}

async function stored(months: Months, which: Month): Promise<Done> {
  const { documents, key } = await months.pack(which);
  return { documents, place: key ?? '' };
}

/** Under another name until it is whole. */
async function saved(months: Months, which: Month, out: string): Promise<Done> {
  const rows = await months.rows(which);
  if (rows.length === 0) return { documents: 0, place: '' };
  const part = `${out}.part`;
  try {
    await pipeline(months.zip(rows), createWriteStream(part));
    await rename(part, out);
  } catch (error) {
    await rm(part, { force: true });
    throw new Usage(`No se pudo escribir ${out} (${codeOf(error)}).`);
  }
  return { documents: rows.length, place: out };
}
