import { textOf, type Catalogo } from '@nexora/comprobante';
import type { Parte } from './parte.ts';

/** `612 Personas Físicas con …`: a code with its wording. */
export function coded(catalogo: Catalogo, code: string): string {
  if (code === '') return '';
  const text = textOf(catalogo, code);
  return text === code ? code : `${code} ${text}`;
}

/** Name and data of the issuer on the left, of the document on the right. */
export function cabecera({ lienzo, r, e }: Parte): void {
  const half = lienzo.width * 0.52;
  const rightX = lienzo.left + half + 16;
  const rightWidth = lienzo.width - half - 16;
  const top = lienzo.y;
  let y = top;
  y += lienzo.text(e.emisor, { x: lienzo.left, y, width: half, size: 7, bold: true, color: lienzo.color }) + 2;
  y += lienzo.text(r.emisor('Nombre'), { x: lienzo.left, y, width: half, size: 13, bold: true }) + 3;
  for (const line of [
    `${e.rfc}: ${r.emisor('Rfc')}`,
    `${e.regimen}: ${coded('regimenes_fiscales', r.emisor('RegimenFiscal'))}`,
    `${e.lugar}: ${r.encabezado('LugarExpedicion')}`,
  ]) {
    y += lienzo.text(line, { x: lienzo.left, y, width: half }) + 1;
  }
  const right = documento({ lienzo, r, e }, rightX, top, rightWidth);
  lienzo.y = Math.max(y, right) + 10;
}

function documento({ lienzo, r, e }: Parte, x: number, top: number, width: number): number {
  const type = r.encabezado('TipoDeComprobante');
  const title = e.titulo[type as keyof typeof e.titulo] ?? type;
  lienzo.box(x, top, width, 20, lienzo.color);
  const number = [r.encabezado('Serie'), r.encabezado('Folio')].filter((part) => part !== '').join(' ');
  lienzo.text(title, { x: x + 8, y: top + 4, width: width - 16, size: 10, bold: true, color: '#ffffff' });
  lienzo.text(number, {
    x: x + 8,
    y: top + 4,
    width: width - 16,
    size: 10,
    bold: true,
    color: '#ffffff',
    align: 'right',
  });
  let y = top + 25;
  const lines: readonly (readonly [string, string])[] = [
    [e.folioFiscal, r.timbre('UUID')],
    [e.fecha, r.encabezado('Fecha').replace('T', ' ')],
    [e.fechaTimbrado, r.timbre('FechaTimbrado').replace('T', ' ')],
    [e.certificado, r.encabezado('NoCertificado')],
    [e.certificadoSat, r.timbre('NoCertificadoSAT')],
    [e.pac, r.timbre('RfcProvCertif')],
  ];
  for (const [label, value] of lines) {
    lienzo.text(label, { x, y, width: 92, size: 7, color: lienzo.grey });
    y += lienzo.text(value, { x: x + 92, y, width: width - 92, size: 7, align: 'right' }) + 1.5;
  }
  return y;
}

/** The receiver, how it is paid, and what it refers to. */
export function datos(parte: Parte): void {
  const { lienzo, r, e } = parte;
  const half = lienzo.width / 2 - 8;
  const receiver: readonly (readonly [string, string])[] = [
    [e.rfc, r.receptor('Rfc')],
    [e.domicilio, r.receptor('DomicilioFiscalReceptor')],
    [e.regimen, coded('regimenes_fiscales', r.receptor('RegimenFiscalReceptor'))],
    [e.uso, coded('usos_cfdi', r.receptor('UsoCFDI'))],
  ];
  const top = lienzo.y;
  lienzo.rule(top, lienzo.color);
  let left = top + 6;
  const head = { x: lienzo.left, width: half, size: 7, bold: true, color: lienzo.color };
  left += lienzo.text(e.receptor, { ...head, y: left }) + 2;
  left += lienzo.text(r.receptor('Nombre'), { x: lienzo.left, y: left, width: half, size: 10, bold: true }) + 2;
  left = pairs(parte, receiver, lienzo.left, left, half);
  const right = pairs(parte, payment(parte), lienzo.left + half + 16, top + 6, half);
  lienzo.y = Math.max(left, right) + 4;
  related(parte);
  lienzo.y += 6;
}

function payment({ r, e }: Parte): readonly (readonly [string, string])[] {
  const global = r.global('Periodicidad');
  return [
    [e.tipo, coded('tipos_comprobantes', r.encabezado('TipoDeComprobante'))],
    [e.formaPago, coded('formas_pago', r.encabezado('FormaPago'))],
    [e.metodoPago, coded('metodos_pago', r.encabezado('MetodoPago'))],
    [e.condiciones, r.encabezado('CondicionesDePago')],
    [e.moneda, r.encabezado('Moneda')],
    [e.tipoCambio, r.encabezado('TipoCambio')],
    [e.exportacion, coded('exportaciones', r.encabezado('Exportacion'))],
    [e.confirmacion, r.encabezado('Confirmacion')],
    [
      e.global,
      global === ''
        ? ''
        : `${coded('periodicidades', global)}, ${coded('meses', r.global('Meses'))} ${r.global('Año')}`,
    ],
  ];
}

function pairs(
  { lienzo }: Parte,
  lines: readonly (readonly [string, string])[],
  x: number,
  top: number,
  width: number,
): number {
  let y = top;
  for (const [label, value] of lines) {
    if (value === '') continue;
    lienzo.text(`${label}:`, { x, y, width: 92, size: 7.5, color: lienzo.grey });
    y += lienzo.text(value, { x: x + 92, y, width: width - 92, size: 7.5 }) + 1.5;
  }
  return y;
}

function related({ lienzo, r, e }: Parte): void {
  for (const { tipo, uuids } of r.relacionados) {
    const text = `${e.relacion} (${coded('tipos_relaciones', tipo)}): ${uuids.join(', ')}`;
    const height = lienzo.heightOf(text, { width: lienzo.width, size: 7 });
    lienzo.need(height + 2);
    lienzo.text(text, { x: lienzo.left, y: lienzo.y, width: lienzo.width, size: 7 });
    lienzo.y += height + 2;
  }
}
