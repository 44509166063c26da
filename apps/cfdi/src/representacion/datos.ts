import { pares, sizeOf } from './cabecera.ts';
import { miles } from './formato.ts';
import type { Franja, Lienzo } from './lienzo.ts';
import type { Par, Parte } from './parte.ts';

const GUTTER = 20;
/** Folios on one line. */
const ABREAST = 3;
const NO_CURRENCY = 'XXX';

/** The receiver on the left, how it is paid on the right, and below what it refers to. */
export function datos(parte: Parte): void {
  const { lienzo } = parte;
  const half = (lienzo.width - GUTTER) / 2;
  lienzo.rule(lienzo.y, lienzo.colorOfText);
  const top = lienzo.y + 6;
  const left = receptor(parte, top, half);
  const right = comprobante(parte, lienzo.left + half + GUTTER, top, half);
  lienzo.y = Math.max(left, right) + 4;
  relacionados(parte);
  lienzo.y += 4;
}

function receptor({ lienzo, r, e, coded }: Parte, top: number, width: number): number {
  const x = lienzo.left;
  const name = r.receptor('Nombre');
  const size = Math.min(sizeOf(name), 10);
  let y = top;
  y += lienzo.text(e.receptor, { x, y, width, size: 7, bold: true, color: lienzo.colorOfText }) + 1;
  y += lienzo.text(name, { x, y, width, size, bold: true }) + 2;
  const lines: readonly Par[] = [
    [e.rfc, r.receptor('Rfc')],
    [e.domicilio, r.receptor('DomicilioFiscalReceptor')],
    [e.regimen, coded('regimenes_fiscales', r.receptor('RegimenFiscalReceptor'))],
    [e.uso, coded('usos_cfdi', r.receptor('UsoCFDI'))],
    [e.residencia, r.receptor('ResidenciaFiscal')],
    [e.registroFiscal, r.receptor('NumRegIdTrib')],
  ];
  return pares(lienzo, lines, { x, y, width, label: 0.38 });
}

function comprobante({ lienzo, r, e, coded }: Parte, x: number, top: number, width: number): number {
  const currency = r.encabezado('Moneda');
  const period = r.global('Periodicidad');
  const lines: readonly Par[] = [
    [e.tipo, coded('tipos_comprobantes', r.encabezado('TipoDeComprobante'))],
    [e.formaPago, coded('formas_pago', r.encabezado('FormaPago'))],
    [e.metodoPago, coded('metodos_pago', r.encabezado('MetodoPago'))],
    [e.condiciones, r.encabezado('CondicionesDePago')],
    [e.moneda, currency === NO_CURRENCY ? `${currency} ${e.sinMoneda}` : currency],
    [e.tipoCambio, miles(r.encabezado('TipoCambio'))],
    [e.exportacion, coded('exportaciones', r.encabezado('Exportacion'))],
    [e.confirmacion, r.encabezado('Confirmacion')],
    [
      e.global,
      period === ''
        ? ''
        : `${coded('periodicidades', period)}, ${coded('meses', r.global('Meses'))} ${r.global('Año')}`.trim(),
    ],
  ];
  const y = top + lienzo.text(e.datos, { x, y: top, width, size: 7, bold: true, color: lienzo.colorOfText }) + 2;
  return pares(lienzo, lines, { x, y, width, label: 0.38 });
}

/** Each relation with its folios, which may be hundreds. */
function relacionados({ lienzo, r, e, coded }: Parte): void {
  const { left, width } = lienzo;
  for (const { tipo, uuids } of r.relacionados) {
    const title = `${e.relacion}: ${coded('tipos_relaciones', tipo)}`;
    const rows = Array.from({ length: Math.ceil(uuids.length / ABREAST) }, (_, row) =>
      uuids.slice(row * ABREAST, (row + 1) * ABREAST),
    );
    lienzo.flow([
      ...lienzo.franjas(lienzo.parrafo(title, { width, size: 7.5, color: lienzo.grey }), left),
      ...rows.map((row) => uuidsAbreast(lienzo, row)),
    ]);
    lienzo.y += 2;
  }
}

function uuidsAbreast(lienzo: Lienzo, uuids: readonly string[]): Franja {
  const width = lienzo.width / ABREAST;
  const texts = uuids.map((uuid) => lienzo.oneLine(uuid, { width: width - 6, size: 7.5 }, 5));
  return {
    height: Math.max(...texts.map(({ height }) => height)) + 0.5,
    draw: (y) => {
      for (const [index, text] of texts.entries()) lienzo.pinta(text, lienzo.left + index * width, y);
    },
  };
}
