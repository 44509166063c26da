import { createReadStream } from 'node:fs';
import { given, NotDone, single, whyOf, type Run } from './command.ts';
import { modeWords } from './words.ts';
import { withDesk } from './with-desk.ts';

/** Twice the largest document that there is; what is larger is refused before it is read. */
const LARGEST_BYTES = 2 * 1_048_576;

const TAKEN = {
  license: 'Se instaló la licencia.',
  reply: 'Se instaló la respuesta del portal.',
  crl: 'Se instaló la lista de revocación.',
} as const;

/** Takes a licence, a reply or a revocation list; the mode is decided and stored when it ends. */
export const install: Run = async (args, { write }) => {
  const path = single(given(args, []), 'el archivo de la licencia');
  const bytes = await read(path);
  const { took, same, mode, message, refusal } = await withDesk((desk) => desk.install(bytes));
  const no = refusal === null ? '' : `El portal no la renovó: ${refusal.message.replace(/\p{Cc}/gu, ' ')}\n`;
  write(`${same ? 'Ya estaba instalada; nada cambió.' : TAKEN[took]}\n${no}Modo: ${modeWords(mode)}. ${message}\n`);
};

/** A file, or standard input for `-`. @throws NotDone when it cannot be read or is too large to be one of ours */
async function read(path: string): Promise<Buffer> {
  const source: AsyncIterable<Buffer> = path === '-' ? process.stdin : createReadStream(path);
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of source) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes > LARGEST_BYTES) break;
    }
  } catch (error) {
    throw new NotDone(`No se puede leer ${path}: ${whyOf(error)}. Nada cambió.`);
  }
  if (bytes > LARGEST_BYTES) throw new NotDone(`${path} es demasiado grande para ser una licencia. Nada cambió.`);
  return Buffer.concat(pieces);
}
