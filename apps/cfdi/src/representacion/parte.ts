import type { Etiquetas } from './etiquetas.ts';
import type { Representacion } from './lectura.ts';
import type { Lienzo } from './lienzo.ts';

/** What every part of the drawing gets. */
export interface Parte {
  readonly lienzo: Lienzo;
  readonly r: Representacion;
  readonly e: Etiquetas;
}
