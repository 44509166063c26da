import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { FuentesDelDibujo } from '../representacion/dibujo.ts';
import { Tipo } from '../representacion/tipografia/tipo.ts';

const require = createRequire(import.meta.url);

/** Reads the fonts of the representación impresa: DejaVu, which has every letter of Spanish and may be embedded. */
export function readFuentes(): FuentesDelDibujo {
  return { normal: tipo('DejaVuSansCondensed'), bold: tipo('DejaVuSansCondensed-Bold') };
}

function tipo(name: string): Tipo {
  return new Tipo(name, readFileSync(require.resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`)));
}
