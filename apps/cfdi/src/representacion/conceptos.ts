import { IMPUESTOS } from '@nexora/comprobante';
import { miles, tasa } from './formato.ts';
import type { ConceptoImpreso, ImpuestoImpreso, ParteImpresa } from './lectura-conceptos.ts';
import type { Parte } from './parte.ts';
import { heightOf } from './lienzo.ts';
import { HEAD, tabla, type Columna } from './tabla.ts';

/**
 * The lines of the sale; the heading of the table stands on every page. `ending` is the height of what follows: the last
 * line goes to its page with it, so that no page has sums alone.
 */
export function conceptos(parte: Parte, ending: number): void {
  const { lienzo, r } = parte;
  const table = tabla(lienzo, columnas(parte), r.conceptos);
  lienzo.need(60);
  table.head();
  lienzo.repeat(table.head);
  for (const [index, concepto] of r.conceptos.entries()) {
    const row = table.row(concepto, notas(parte, concepto));
    const kept = heightOf(row) + ending + HEAD;
    if (index > 0 && index === r.conceptos.length - 1 && lienzo.fits(kept)) lienzo.need(kept - HEAD);
    lienzo.flow(row);
  }
  lienzo.repeat(undefined);
}

function columnas({ r, e }: Parte): Columna<ConceptoImpreso>[] {
  const hasDiscount = r.conceptos.some(({ descuento }) => descuento !== '');
  const discount: Columna<ConceptoImpreso> = {
    title: e.descuento,
    value: ({ descuento }) => miles(descuento),
    width: 50,
    isFigure: true,
  };
  return [
    { title: e.clave, value: ({ clave }) => clave, below: ({ noIdentificacion }) => noIdentificacion, width: 54 },
    { title: e.cantidad, value: ({ cantidad }) => miles(cantidad), width: 42, isFigure: true },
    { title: e.unidad, value: ({ claveUnidad }) => claveUnidad, below: ({ unidad }) => unidad, width: 48 },
    { title: e.descripcion, value: ({ descripcion }) => descripcion, width: 'rest' },
    { title: e.precio, value: ({ valorUnitario }) => miles(valorUnitario), width: 58, isFigure: true },
    ...(hasDiscount ? [discount] : []),
    { title: e.importe, value: ({ importe }) => miles(importe), width: 58, isFigure: true },
  ];
}

/** What stands in small letters below a description. */
function notas(parte: Parte, concepto: ConceptoImpreso): string[] {
  const { e, coded } = parte;
  const { objetoImp, impuestos, pedimentos, prediales, tercero, partes } = concepto;
  const third =
    tercero === null
      ? []
      : [
          `${e.tercero}: ${tercero.nombre}, ${e.rfc} ${tercero.rfc}, ${coded('regimenes_fiscales', tercero.regimen)}, ` +
            `${e.domicilio} ${tercero.domicilio}`,
        ];
  return [
    `${e.objeto}: ${coded('objetos_impuestos', objetoImp)}`,
    ...impuestos.map((one) => impuestoEnLinea(parte, one)),
    ...pedimentos.map((one) => `${e.pedimento}: ${one}`),
    ...prediales.map((one) => `${e.predial}: ${one}`),
    ...third,
    ...partes.map((one) => parteEnLinea(parte, one)),
  ];
}

function parteEnLinea({ e }: Parte, one: ParteImpresa): string {
  const amount = one.valorUnitario === '' ? '' : ` × ${miles(one.valorUnitario)}`;
  const sum = one.importe === '' ? '' : ` = ${miles(one.importe)}`;
  return [
    `${e.parte}: ${one.clave}`,
    one.noIdentificacion,
    one.descripcion,
    `${miles(one.cantidad)} ${one.unidad}`.trim() + amount + sum,
    ...one.pedimentos.map((pedimento) => `${e.pedimento} ${pedimento}`),
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

/** `002 IVA trasladado 16%, base 99.99: 16.00` */
export function impuestoEnLinea(parte: Parte, one: ImpuestoImpreso): string {
  const base = one.base === '' ? '' : `, ${parte.e.base} ${miles(one.base)}`;
  const amount = one.importe === '' ? '' : `: ${miles(one.importe)}`;
  return `${nombreDeImpuesto(parte, one)}${base}${amount}`;
}

/** `002 IVA trasladado 16%` */
export function nombreDeImpuesto({ e }: Parte, one: ImpuestoImpreso): string {
  const side = one.tipoFactor === 'Exento' ? e.exento : e[one.lado];
  return [one.impuesto, IMPUESTOS[one.impuesto] ?? '', side, tasa(one.tipoFactor, one.tasaOCuota)]
    .filter((part) => part !== '')
    .join(' ');
}
