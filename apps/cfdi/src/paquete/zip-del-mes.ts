import { PassThrough, type Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import { indice, nombreDe, type DelMes } from './indice.ts';

/** Opens a document of the month; it is read to its end or destroyed. */
export type Abre = (row: DelMes, which: 'xml' | 'pdf') => Promise<Readable>;

/**
 * The documents of a month as one zip that is read as it is made: one document is open at a time, so memory does not
 * grow with the documents. The same documents give the same entries in the same order, dated by their stamps.
 */
export function zipDelMes(rows: readonly DelMes[], abre: Abre): Readable {
  const zip = new ZipFile();
  const out = new PassThrough();
  // A document that cannot be read must end the whole zip: half of a month must not pass for the month.
  const fail = (error: Error): void => void out.destroy(error);
  zip.on('error', fail);
  zip.outputStream.on('error', fail);
  let current: Readable | undefined;
  out.once('close', () => current?.destroy());
  const opened: Abre = async (row, which) => {
    current = await abre(row, which);
    current.on('error', fail);
    if (out.destroyed) current.destroy();
    return current;
  };
  zip.addBuffer(indice(rows), 'indice.csv', { mtime: mtimeOf(rows.at(-1)) });
  for (const row of rows) {
    add(zip, row, 'xml', opened, fail);
    if (row.pdfKey !== null) add(zip, row, 'pdf', opened, fail);
  }
  zip.end();
  zip.outputStream.pipe(out);
  return out;
}

function add(zip: ZipFile, row: DelMes, which: 'xml' | 'pdf', abre: Abre, fail: (error: Error) => void): void {
  // A PDF is compressed inside.
  const options = { mtime: mtimeOf(row), compress: which === 'xml' };
  zip.addReadStreamLazy(nombreDe(row, which), options, (take) => {
    abre(row, which).then((stream) => take(null, stream), fail);
  });
}

/** Time of the stamp; its zone does not matter, only that it is the same each time. */
function mtimeOf(row: DelMes | undefined): Date {
  return new Date(`${row?.fechaTimbrado ?? row?.fecha ?? '2026-01-01T00:00:00'}Z`);
}
