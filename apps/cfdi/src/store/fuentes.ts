import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { FuentesDelDibujo } from '../representacion/dibujo.ts';
import { plainFont } from '../representacion/fuente.ts';

const require = createRequire(import.meta.url);

/** Reads the fonts of the representación impresa: DejaVu, which has every letter of Spanish and may be embedded. */
export function readFuentes(): FuentesDelDibujo {
  return { normal: font('DejaVuSansCondensed'), bold: font('DejaVuSansCondensed-Bold') };
}

function font(name: string): Buffer {
  return plainFont(readFileSync(require.resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`)));
}
