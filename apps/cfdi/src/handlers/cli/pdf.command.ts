import { writeFileSync } from 'node:fs';
import { dibuja } from '../../representacion/dibujo.ts';
import { readRepresentacion } from '../../representacion/lectura.ts';
import { readFuentes } from '../../store/fuentes.ts';
import { codeOf, fileAt, given, Usage, type Run } from './command.ts';

/** Draws the representación impresa of a stamped comprobante. */
export const pdf: Run = async (args) => {
  const { positionals, options } = given(args, ['idioma', 'color']);
  const [from, to, ...others] = positionals;
  if (from === undefined || to === undefined || others.length > 0)
    throw new Usage('Escriba el XML y el PDF de salida.');
  const { idioma = 'es', color } = options;
  if (idioma !== 'es' && idioma !== 'en') throw new Usage('--idioma es es o en.');
  if (color !== undefined && !/^#[0-9a-f]{6}$/i.test(color)) throw new Usage('--color es como #1f4e79.');
  const representacion = readRepresentacion(fileAt(from));
  const style = { fuentes: readFuentes(), idioma, ...(color === undefined ? {} : { color }) } as const;
  const drawn = await dibuja(representacion, style);
  try {
    writeFileSync(to, drawn);
  } catch (error) {
    throw new Usage(`No se puede escribir ${to} (${codeOf(error)}).`);
  }
};
