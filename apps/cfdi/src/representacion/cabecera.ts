import { fechaHora } from './formato.ts';
import type { Lienzo, Parrafo } from './lienzo.ts';
import type { Par, Parte } from './parte.ts';

/** Room for the logo, in points. */
const LOGO = { width: 158, height: 66, below: 6 };
/** Between the two halves of the page; the receiver and the sums below keep to it. */
const GUTTER = 20;
const BAR = 22;
const LABEL = 0.42;

/** Title and number of the document: `FACTURA`, `A 1042`. */
function titulo({ r, e }: Parte): { readonly title: string; readonly number: string } {
  const type = r.encabezado('TipoDeComprobante');
  const title = r.global('Periodicidad') === '' ? (e.titulo[type as keyof typeof e.titulo] ?? type) : e.tituloGlobal;
  return { title, number: [r.encabezado('Serie'), r.encabezado('Folio')].filter((part) => part !== '').join(' ') };
}

/** Logo, name and data of the issuer on the left, of the document on the right. */
export function cabecera(parte: Parte, logo: Buffer | null): void {
  const { lienzo } = parte;
  const half = (lienzo.width - GUTTER) / 2;
  const x = lienzo.left + half + GUTTER;
  const top = lienzo.y;
  const left = emisor(parte, logo, half);
  const right = documento(parte, x, top, lienzo.width - half - GUTTER);
  lienzo.y = Math.max(left, right) + 8;
}

/** What stands on top of the second page and of those that follow. */
export function encabezadoDePagina(parte: Parte): void {
  const { lienzo, r } = parte;
  const { title, number } = titulo(parte);
  const [size, y] = [7, lienzo.y];
  const right = [`${title} ${number}`.trim(), r.timbre('UUID')].join('  ·  ');
  const wide = lienzo.widthOf(right, size) + GUTTER;
  const width = lienzo.width - wide;
  lienzo.pinta(
    lienzo.oneLine(`${r.emisor('Rfc')}  ·  ${r.emisor('Nombre')}`, { width, size, bold: true }),
    lienzo.left,
    y,
  );
  lienzo.text(right, { x: lienzo.left, y, width: lienzo.width, size, color: lienzo.grey, align: 'right' });
  lienzo.rule(y + 11);
  lienzo.y = y + 17;
}

function emisor({ lienzo, r, e, coded }: Parte, logo: Buffer | null, width: number): number {
  const x = lienzo.left;
  let y = lienzo.y;
  if (logo !== null) y += lienzo.image(logo, x, y, LOGO.width, LOGO.height) + LOGO.below;
  const name = r.emisor('Nombre');
  y += lienzo.text(e.emisor, { x, y, width, size: 7, bold: true, color: lienzo.colorOfText }) + 1;
  y += lienzo.text(name, { x, y, width, size: sizeOf(name), bold: true }) + 2;
  const lines: readonly Par[] = [
    [e.rfc, r.emisor('Rfc')],
    [e.regimen, coded('regimenes_fiscales', r.emisor('RegimenFiscal'))],
    [e.lugar, r.encabezado('LugarExpedicion')],
    [e.facturaDelAdquirente, r.emisor('FacAtrAdquirente')],
  ];
  return pares(lienzo, lines, { x, y, width, label: 0.38 });
}

/** The size of a name: up to 300 characters must leave room for the rest. */
export function sizeOf(name: string): number {
  if (name.length <= 60) return 12;
  return name.length <= 140 ? 10 : 8.5;
}

function documento(parte: Parte, x: number, top: number, width: number): number {
  const { lienzo, r, e } = parte;
  const bottom = barra(parte, x, top, width);
  const lines: readonly Par[] = [
    [e.folioFiscal, r.timbre('UUID')],
    [e.fecha, fechaHora(r.encabezado('Fecha'))],
    [e.fechaTimbrado, fechaHora(r.timbre('FechaTimbrado'))],
    [e.certificado, r.encabezado('NoCertificado')],
    [e.certificadoSat, r.timbre('NoCertificadoSAT')],
    [e.pac, r.timbre('RfcProvCertif')],
    [e.leyendaSat, r.timbre('Leyenda')],
  ];
  let y = bottom + 5;
  for (const [label, value] of lines) {
    if (value === '') continue;
    const isUuid = label === e.folioFiscal;
    if (isUuid) {
      y += lienzo.text(label, { x, y, width, size: 7, color: lienzo.grey });
      y += lienzo.text(value, { x, y, width, size: 9, bold: true }) + 2.5;
      continue;
    }
    const name = lienzo.parrafo(label, { width: width * 0.56, size: 7, color: lienzo.grey });
    const text = lienzo.parrafo(value, { width: width * 0.44, size: 7.5, align: 'right' });
    lienzo.pinta(name, x, y + 0.3);
    lienzo.pinta(text, x + width * 0.56, y);
    y += Math.max(name.height, text.height) + 1.5;
  }
  return y;
}

/** The coloured bar with title and number; as tall as a long number needs. */
function barra(parte: Parte, x: number, top: number, width: number): number {
  const { lienzo } = parte;
  const { title, number } = titulo(parte);
  const strong = { size: 11, bold: true, color: lienzo.onColor };
  const left = lienzo.widthOf(title, strong.size, true) + GUTTER;
  const name = lienzo.parrafo(title, { ...strong, width: left });
  const size = number.length > 14 ? 8 : strong.size;
  const text = lienzo.parrafo(number, { ...strong, size, width: width - left - 16, align: 'right' });
  const height = Math.max(BAR, text.height + 8);
  lienzo.box(x, top, width, height, lienzo.color);
  lienzo.pinta(name, x + 8, top + (height - name.height) / 2);
  lienzo.pinta(text, x + 8 + left, top + (height - text.height) / 2);
  return top + height;
}

/** Where pairs of label and value stand. */
export interface Sitio {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  /** Part of the width that the labels get. */
  readonly label?: number;
}

/** Pairs one below the other, without those that have nothing to say; answers where they end. */
export function pares(lienzo: Lienzo, lines: readonly Par[], { x, y: top, width, label = LABEL }: Sitio): number {
  let y = top;
  for (const { name, value } of compuestos(lienzo, lines, width, label)) {
    lienzo.pinta(name, x, y);
    lienzo.pinta(value, x + width * label, y);
    y += Math.max(name.height, value.height) + 1.2;
  }
  return y;
}

function compuestos(
  lienzo: Lienzo,
  lines: readonly Par[],
  width: number,
  label: number,
): { readonly name: Parrafo; readonly value: Parrafo }[] {
  return lines
    .filter(([, value]) => value !== '')
    .map(([name, value]) => ({
      name: lienzo.parrafo(name, { width: width * label - 6, size: 7.5, color: lienzo.grey }),
      value: lienzo.parrafo(value, { width: width * (1 - label), size: 7.5 }),
    }));
}
