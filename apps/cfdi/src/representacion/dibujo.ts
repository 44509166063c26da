import { letra } from '@nexora/comprobante';
import { cabecera, datos } from './cabecera.ts';
import { etiquetas, type Idioma } from './etiquetas.ts';
import type { Representacion } from './lectura.ts';
import { Lienzo, type FuentesDelDibujo } from './lienzo.ts';
import type { Parte } from './parte.ts';
import { sellos } from './sellos.ts';
import { tabla } from './tabla.ts';
import { totales } from './totales.ts';

export type { FuentesDelDibujo } from './lienzo.ts';

/** How a representación impresa is drawn. */
export interface Estilo {
  readonly fuentes: FuentesDelDibujo;
  readonly idioma: Idioma;
  /** Colour of headings, `#rrggbb`. */
  readonly color?: string;
}

/**
 * Draws the representación impresa of a stamped comprobante with everything that Anexo 20 asks of it. The same XML
 * gives the same bytes.
 * @returns the PDF
 */
export async function dibuja(r: Representacion, { fuentes, idioma, color = '#1f4e79' }: Estilo): Promise<Buffer> {
  const e = etiquetas(idioma);
  const lienzo = new Lienzo({ fuentes, color, title: `CFDI ${r.timbre('UUID')}`, date: fechaOf(r) });
  const parte: Parte = { lienzo, r, e };
  cabecera(parte);
  datos(parte);
  tabla(parte);
  const alPie = sellos(parte);
  totales(parte, enLetra(r), alPie.height);
  alPie.draw();
  lienzo.footers((page, pages) => `${e.leyenda}    ${e.pagina} ${page} ${e.de} ${pages}`);
  return lienzo.end();
}

function enLetra(r: Representacion): string {
  return letra(r.encabezado('Total'), r.encabezado('Moneda'));
}

function fechaOf(r: Representacion): Date {
  return new Date(`${r.timbre('FechaTimbrado') || r.encabezado('Fecha')}Z`);
}
