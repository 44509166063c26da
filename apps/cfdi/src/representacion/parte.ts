import { textOf, type Catalogo } from '@nexora/comprobante';
import { CATALOGOS_EN } from './catalogos-en.ts';
import { etiquetas, type Etiquetas, type Idioma } from './etiquetas.ts';
import type { Representacion } from './lectura.ts';
import type { Lienzo } from './lienzo.ts';

/** What every part of the drawing gets. */
export interface Parte {
  readonly lienzo: Lienzo;
  readonly r: Representacion;
  readonly e: Etiquetas;
  /** `612 Personas Físicas con …`: a code with its wording; '' for ''. */
  readonly coded: (catalogo: Catalogo, code: string) => string;
}

/** A label and what stands beside it. */
export type Par = readonly [label: string, value: string];

/** Words and wordings of one language. */
export function palabras(idioma: Idioma): Pick<Parte, 'e' | 'coded'> {
  const wording = (catalogo: Catalogo, code: string): string =>
    (idioma === 'en' ? CATALOGOS_EN[catalogo]?.[code] : undefined) ?? textOf(catalogo, code).replace(/\.$/, '');
  return {
    e: etiquetas(idioma),
    coded: (catalogo, code) => {
      if (code === '') return '';
      const text = wording(catalogo, code);
      return text === code ? code : `${code} ${text}`;
    },
  };
}
