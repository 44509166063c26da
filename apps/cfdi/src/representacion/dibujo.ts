import { cabecera, encabezadoDePagina } from './cabecera.ts';
import { COLOR_DE_LA_CASA } from './color.ts';
import { conceptos } from './conceptos.ts';
import { datos } from './datos.ts';
import type { Idioma } from './etiquetas.ts';
import type { Representacion } from './lectura.ts';
import { Lienzo, type FuentesDelDibujo, type Marca } from './lienzo.ts';
import { pagos } from './pagos.ts';
import { palabras, type Parte } from './parte.ts';
import { sellos } from './sellos.ts';
import { totales } from './totales.ts';

export type { FuentesDelDibujo } from './lienzo.ts';

/** How a representación impresa is drawn. */
export interface Estilo {
  readonly fuentes: FuentesDelDibujo;
  readonly idioma: Idioma;
  /** Colour of headings, `#rrggbb`. */
  readonly color?: string | null;
  /** PNG without transparency or JPEG. */
  readonly logo?: Buffer | null;
  /** Whether each page says that the comprobante is cancelled. */
  readonly isCancelled?: boolean;
  /** Is told of every line of text, for tests. */
  readonly traza?: (marca: Marca) => void;
}

/**
 * Draws the representación impresa of a stamped comprobante with everything that the rule 2.7.1.7 of the RMF and
 * Anexo 20 ask of it. The same XML and style give the same bytes.
 * @returns the PDF
 */
export async function dibuja(r: Representacion, estilo: Estilo): Promise<Buffer> {
  const { fuentes, idioma, color, logo = null, isCancelled = false, traza } = estilo;
  const lienzo = new Lienzo({
    fuentes,
    color: color ?? COLOR_DE_LA_CASA,
    title: `CFDI ${r.timbre('UUID')}`,
    author: r.emisor('Nombre'),
    lang: idioma === 'en' ? 'en' : 'es-MX',
    date: fechaOf(r),
    ...(traza === undefined ? {} : { traza }),
  });
  const parte: Parte = { lienzo, r, ...palabras(idioma) };
  lienzo.begin((page) => {
    if (isCancelled) lienzo.watermark(parte.e.cancelado);
    if (page > 1) encabezadoDePagina(parte);
  });
  cabecera(parte, logo);
  datos(parte);
  const sums = totales(parte);
  const seals = sellos(parte);
  const ending = sums.height + seals.height;
  conceptos(parte, r.pagos === null ? ending : 0);
  pagos(parte);
  if (lienzo.fits(ending)) lienzo.need(ending);
  sums.draw();
  seals.draw();
  pies(parte);
  return lienzo.end();
}

function pies(parte: Parte): void {
  const { lienzo, e } = parte;
  const place = { x: lienzo.left, width: lienzo.width, size: 7, color: lienzo.grey };
  lienzo.feet((page, pages, y) => {
    lienzo.text(e.leyenda, { ...place, y });
    lienzo.text(`CFDI 4.0  ·  ${e.pagina} ${page} ${e.de} ${pages}`, { ...place, y, align: 'right' });
  });
}

function fechaOf(r: Representacion): Date {
  return new Date(`${r.timbre('FechaTimbrado') || r.encabezado('Fecha')}Z`);
}
