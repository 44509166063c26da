import { createHash } from 'node:crypto';
import { CFDI, PAGOS, TFD } from '../../comprobante/espacios.ts';
import { PAGINA, type Marca } from '../lienzo.ts';

/*
 * Stamped comprobantes for looking at their print. They are written here as text, so that the print is judged by the
 * XML alone: figures need not add up and nothing is sealed.
 */

/** Attributes of an element. */
export type Atributos = Readonly<Record<string, string | undefined>>;

/** What a sample is made of; everything has a usual value. */
export interface Muestra {
  readonly comprobante?: Atributos;
  readonly emisor?: Atributos;
  readonly receptor?: Atributos;
  readonly timbre?: Atributos;
  readonly conceptos?: readonly string[];
  /** Elements before Emisor. */
  readonly antes?: string;
  /** The summary of taxes. */
  readonly impuestos?: string;
  /** Complementos beside the timbre. */
  readonly complementos?: string;
}

/** Folio fiscal of every sample. */
export const UUID = '5fb2822e-396d-4725-8521-cdc4bdd20ccf';

/** A text of that length that looks like a seal. */
export function selloDe(seed: string, length = 344): string {
  let out = '';
  for (let turn = 0; out.length < length; turn += 1) {
    out += createHash('sha512').update(`${seed}${turn}`).digest('base64').replace(/=+$/, '');
  }
  return `${out.slice(0, length - 2)}==`;
}

/** An element; attributes without value are left out. */
export function elemento(name: string, attributes: Atributos, inside = ''): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value = '']) => ` ${key}="${escaped(value)}"`)
    .join('');
  return inside === '' ? `<${name}${written}/>` : `<${name}${written}>${inside}</${name}>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;').replaceAll('\n', '&#10;');
}

const IVA = { Impuesto: '002', TipoFactor: 'Tasa', TasaOCuota: '0.160000' };

/** Taxes of a line or the summary, from traslados and retenciones. */
export function impuestos(
  traslados: readonly Atributos[],
  retenciones: readonly Atributos[] = [],
  totals = {},
): string {
  const list = (holder: string, name: string, items: readonly Atributos[]): string =>
    items.length === 0 ? '' : elemento(holder, {}, items.map((one) => elemento(name, one)).join(''));
  const inside =
    list('cfdi:Traslados', 'cfdi:Traslado', traslados) + list('cfdi:Retenciones', 'cfdi:Retencion', retenciones);
  return elemento('cfdi:Impuestos', totals, inside);
}

/** A line with IVA. */
export function concepto(attributes: Atributos = {}, inside?: string): string {
  return elemento(
    'cfdi:Concepto',
    {
      ClaveProdServ: '50201706',
      NoIdentificacion: 'SKU-1',
      Cantidad: '3',
      ClaveUnidad: 'H87',
      Unidad: 'Pieza',
      Descripcion: 'Café de olla',
      ValorUnitario: '33.33',
      Importe: '99.99',
      ObjetoImp: '02',
      ...attributes,
    },
    inside ?? impuestos([{ Base: '99.99', ...IVA, Importe: '15.9984' }]),
  );
}

/** The sample as XML. */
export function muestra({ conceptos = [concepto()], ...given }: Muestra = {}): Buffer {
  const sello = selloDe('cfdi');
  const timbre = elemento('tfd:TimbreFiscalDigital', {
    'xmlns:tfd': TFD,
    Version: '1.1',
    UUID,
    FechaTimbrado: '2026-11-21T09:30:05',
    RfcProvCertif: 'SPR190613I52',
    SelloCFD: sello,
    NoCertificadoSAT: '30001000000500003456',
    SelloSAT: selloDe('sat'),
    ...given.timbre,
  });
  const summary = impuestos([{ Base: '99.99', ...IVA, Importe: '16.00' }], [], { TotalImpuestosTrasladados: '16.00' });
  const inside = [
    given.antes ?? '',
    elemento('cfdi:Emisor', {
      Rfc: 'EKU9003173C9',
      Nombre: 'ESCUELA KEMPER URGATE',
      RegimenFiscal: '601',
      ...given.emisor,
    }),
    elemento('cfdi:Receptor', {
      Rfc: 'CACX7605101P8',
      Nombre: 'XOCHILT CASAS CHAVEZ',
      DomicilioFiscalReceptor: '36257',
      RegimenFiscalReceptor: '612',
      UsoCFDI: 'G03',
      ...given.receptor,
    }),
    elemento('cfdi:Conceptos', {}, conceptos.join('')),
    given.impuestos ?? summary,
    elemento('cfdi:Complemento', {}, (given.complementos ?? '') + timbre),
  ].join('');
  const attributes = {
    'xmlns:cfdi': CFDI,
    Version: '4.0',
    Serie: 'A',
    Folio: '1042',
    Fecha: '2026-11-21T09:30:00',
    Sello: sello,
    FormaPago: '03',
    NoCertificado: '30001000000500003416',
    Certificado: 'AA==',
    CondicionesDePago: 'Contado',
    SubTotal: '99.99',
    Moneda: 'MXN',
    Total: '115.99',
    TipoDeComprobante: 'I',
    Exportacion: '01',
    MetodoPago: 'PUE',
    LugarExpedicion: '42501',
    ...given.comprobante,
  };
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${elemento('cfdi:Comprobante', attributes, inside)}`);
}

/** A document that a payment settles. */
export function docto(attributes: Atributos = {}, inside?: string): string {
  const iva = {
    BaseDR: '1000.00',
    ImpuestoDR: '002',
    TipoFactorDR: 'Tasa',
    TasaOCuotaDR: '0.160000',
    ImporteDR: '160.00',
  };
  const taxes = elemento(
    'pago20:ImpuestosDR',
    {},
    elemento('pago20:TrasladosDR', {}, elemento('pago20:TrasladoDR', iva)),
  );
  return elemento(
    'pago20:DoctoRelacionado',
    {
      IdDocumento: 'd9e6a2b4-0c3f-4f5b-8a67-2f1c9be40a11',
      Serie: 'A',
      Folio: '1001',
      MonedaDR: 'MXN',
      EquivalenciaDR: '1',
      NumParcialidad: '1',
      ImpSaldoAnt: '2320.00',
      ImpPagado: '1160.00',
      ImpSaldoInsoluto: '1160.00',
      ObjetoImpDR: '02',
      ...attributes,
    },
    inside ?? taxes,
  );
}

/** A payment of documents. */
export function pago(attributes: Atributos, doctos: readonly string[]): string {
  const taxes = elemento(
    'pago20:ImpuestosP',
    {},
    elemento('pago20:RetencionesP', {}, elemento('pago20:RetencionP', { ImpuestoP: '001', ImporteP: '12.50' })) +
      elemento(
        'pago20:TrasladosP',
        {},
        elemento('pago20:TrasladoP', {
          BaseP: '1000.00',
          ImpuestoP: '002',
          TipoFactorP: 'Tasa',
          TasaOCuotaP: '0.160000',
          ImporteP: '160.00',
        }),
      ),
  );
  return elemento(
    'pago20:Pago',
    {
      FechaPago: '2026-11-20T12:00:00',
      FormaDePagoP: '03',
      MonedaP: 'MXN',
      TipoCambioP: '1',
      Monto: '1160.00',
      ...attributes,
    },
    doctos.join('') + taxes,
  );
}

/** A comprobante of type P. */
export function muestraDePago(pagos: readonly string[], totales: Atributos = {}, given: Muestra = {}): Buffer {
  const complemento = elemento(
    'pago20:Pagos',
    { 'xmlns:pago20': PAGOS, Version: '2.0' },
    elemento('pago20:Totales', {
      TotalRetencionesISR: '12.50',
      TotalTrasladosBaseIVA16: '1000.00',
      TotalTrasladosImpuestoIVA16: '160.00',
      MontoTotalPagos: '1160.00',
      ...totales,
    }) + pagos.join(''),
  );
  return muestra({
    ...given,
    comprobante: {
      TipoDeComprobante: 'P',
      Serie: 'P',
      Folio: '77',
      FormaPago: undefined,
      MetodoPago: undefined,
      CondicionesDePago: undefined,
      SubTotal: '0',
      Moneda: 'XXX',
      Total: '0',
      ...given.comprobante,
    },
    receptor: { UsoCFDI: 'CP01', ...given.receptor },
    conceptos: [
      elemento('cfdi:Concepto', {
        ClaveProdServ: '84111506',
        Cantidad: '1',
        ClaveUnidad: 'ACT',
        Descripcion: 'Pago',
        ValorUnitario: '0',
        Importe: '0',
        ObjetoImp: '01',
      }),
    ],
    impuestos: '',
    complementos: complemento,
  });
}

/** A sealed comprobante with a timbre, as a PAC gives it back. */
export function timbrado(sealed: Buffer): Buffer {
  const stamped = muestra().toString();
  const complemento = stamped.slice(stamped.indexOf('<cfdi:Complemento>'), stamped.indexOf('</cfdi:Comprobante>'));
  return Buffer.from(sealed.toString().replace('</cfdi:Comprobante>', `${complemento}</cfdi:Comprobante>`));
}

/** Lines of text that reach into the margins. */
export function fuera(marcas: readonly Marca[]): Marca[] {
  const { margin, width: right, height: bottom } = PAGINA;
  return marcas.filter(
    ({ x, y, width, height }) =>
      x < margin - 0.1 || y < margin - 0.1 || x + width > right - margin + 0.1 || y + height > bottom - margin + 0.1,
  );
}

/** Lines that stand on each other by more than rounding. */
export function encimadas(marcas: readonly Marca[]): string[] {
  const sorted = marcas.toSorted((a, b) => a.page - b.page || a.y - b.y);
  return sorted.flatMap((one, index) => {
    const found: string[] = [];
    for (const other of sorted.slice(index + 1)) {
      if (other.page !== one.page || other.y >= one.y + one.height - 0.5) break;
      const isBeside = other.x >= one.x + one.width - 0.5 || one.x >= other.x + other.width - 0.5;
      if (!isBeside) found.push(`page ${one.page}: "${one.text}" and "${other.text}"`);
    }
    return found;
  });
}
