import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Injectable } from '@nestjs/common';
import type { FuentesDelDibujo } from '../representacion/dibujo.ts';
import { plainFont } from '../representacion/fuente.ts';

const require = createRequire(import.meta.url);

/** The fonts of the representación impresa, read when the first PDF is drawn. */
@Injectable()
export class Fuentes {
  #loaded: FuentesDelDibujo | undefined;

  /** Font files: DejaVu, which has every letter of Spanish and may be embedded. */
  load(): FuentesDelDibujo {
    this.#loaded ??= { normal: font('DejaVuSansCondensed'), bold: font('DejaVuSansCondensed-Bold') };
    return this.#loaded;
  }
}

function font(name: string): Buffer {
  return plainFont(readFileSync(require.resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`)));
}
