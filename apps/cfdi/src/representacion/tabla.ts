import { IMPUESTOS } from '@nexora/comprobante';
import { coded } from './cabecera.ts';
import type { Parte } from './parte.ts';
import { miles, tasa } from './formato.ts';
import type { ConceptoImpreso, ImpuestoImpreso } from './lectura.ts';

interface Columna {
  readonly title: string;
  readonly x: number;
  readonly width: number;
  readonly align: 'left' | 'right';
  readonly value: (one: ConceptoImpreso) => string;
}

const GAP = 6;
const PAD = 4;

/** The lines of the sale; the heading of the table stands on every page. */
export function tabla(parte: Parte): void {
  const { lienzo, r } = parte;
  const columns = columnas(parte);
  const heading = (): void => head(parte, columns);
  lienzo.need(60);
  heading();
  lienzo.repeat(heading);
  for (const concepto of r.conceptos) line(parte, columns, concepto);
  lienzo.repeat(undefined);
  lienzo.y += 6;
}

function columnas({ lienzo, r, e }: Parte): Columna[] {
  const hasDiscount = r.conceptos.some(({ descuento }) => descuento !== '');
  const widths = { cantidad: 52, unidad: 62, clave: 58, precio: 78, descuento: hasDiscount ? 62 : 0, importe: 78 };
  const taken = Object.values(widths).reduce((sum, width) => sum + width, 0);
  const specs: readonly (readonly [string, number, 'left' | 'right', (one: ConceptoImpreso) => string])[] = [
    [e.cantidad, widths.cantidad, 'right', ({ cantidad }) => miles(cantidad)],
    [
      e.unidad,
      widths.unidad,
      'left',
      ({ claveUnidad, unidad }) => (unidad === '' ? claveUnidad : `${claveUnidad} ${unidad}`),
    ],
    [e.clave, widths.clave, 'left', ({ clave }) => clave],
    [e.descripcion, lienzo.width - taken, 'left', descripcion],
    [e.precio, widths.precio, 'right', ({ valorUnitario }) => miles(valorUnitario)],
    [e.descuento, widths.descuento, 'right', ({ descuento }) => miles(descuento)],
    [e.importe, widths.importe, 'right', ({ importe }) => miles(importe)],
  ];
  let x = lienzo.left;
  return specs.flatMap(([title, width, align, value]) => {
    if (width === 0) return [];
    const column = { title, x: x + GAP / 2, width: width - GAP, align, value };
    x += width;
    return [column];
  });
}

function descripcion({ descripcion: text, noIdentificacion }: ConceptoImpreso): string {
  return noIdentificacion === '' ? text : `${noIdentificacion} · ${text}`;
}

function head({ lienzo }: Parte, columns: readonly Columna[]): void {
  lienzo.box(lienzo.left, lienzo.y, lienzo.width, 16, lienzo.color);
  for (const { title, x, width, align } of columns) {
    lienzo.text(title, { x, y: lienzo.y + 3.5, width, size: 7.5, bold: true, color: '#ffffff', align });
  }
  lienzo.y += 16 + PAD / 2;
}

function line(parte: Parte, columns: readonly Columna[], concepto: ConceptoImpreso): void {
  const { lienzo } = parte;
  const notes = impuestos(parte, concepto);
  const place = columns.find(({ value }) => value === descripcion) ?? { x: lienzo.left, width: lienzo.width };
  const tallest = Math.max(...columns.map(({ value, width }) => lienzo.heightOf(value(concepto), { width, size: 8 })));
  const small = { width: place.width, size: 6.5 };
  const height = tallest + lienzo.heightOf(notes, small) + PAD;
  lienzo.need(height + PAD);
  for (const { value, x, width, align } of columns) {
    lienzo.text(value(concepto), { x, y: lienzo.y + PAD / 2, width, size: 8, align });
  }
  lienzo.text(notes, { ...small, x: place.x, y: lienzo.y + PAD / 2 + tallest, color: lienzo.grey });
  lienzo.y += height;
  lienzo.rule(lienzo.y);
  lienzo.y += PAD / 2;
}

function impuestos({ e }: Parte, { objetoImp, impuestos: taxes }: ConceptoImpreso): string {
  const lines = taxes.map((one) => {
    const what = `${nombre(one)} ${one.tipoFactor === 'Exento' ? e.exento : e[one.lado]}`;
    const rate = tasa(one.tipoFactor, one.tasaOCuota);
    const amount = one.importe === '' ? '' : `: ${miles(one.importe)}`;
    return `${what}${rate === '' ? '' : ` ${rate}`}, ${e.base.toLowerCase()} ${miles(one.base)}${amount}`;
  });
  return [`${e.objeto}: ${coded('objetos_impuestos', objetoImp)}`, ...lines].join('\n');
}

/** `002 IVA` */
export function nombre({ impuesto }: ImpuestoImpreso): string {
  return `${impuesto} ${IMPUESTOS[impuesto] ?? ''}`.trim();
}
