import { readXml } from '@nexora/comprobante';
import { cadenaDelTimbre, cadenaOriginal } from '../../comprobante/cadena-original.ts';
import { TFD } from '../../comprobante/espacios.ts';
import { fileAt, given, single, type Command } from './command.ts';

/** The cadena original of a comprobante, or of a stamp that stands alone; nothing else, no line end. */
export const cadena: Command = {
  words: ['cadena'],
  takes: '<archivo.xml | ->',
  does: 'Escribe la cadena original de un CFDI 4.0 o de un timbre.',
  run: (args, { write }) => {
    const { root } = readXml(fileAt(single(given(args, []), 'un archivo XML')));
    write(root.uri === TFD ? cadenaDelTimbre(root) : cadenaOriginal(root));
  },
};
