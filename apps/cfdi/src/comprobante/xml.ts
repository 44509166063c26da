import {
  collapse,
  type Concepto,
  type Documento,
  type Importes,
  type ImportesDeConcepto,
  type ImpuestoDeLinea,
  type XmlAttribute,
  type XmlElement,
} from '@nexora/comprobante';
import { CFDI, XSI } from './espacios.ts';

/** Who issues, as registered with the tax authority. */
export interface Emisor {
  readonly rfc: string;
  readonly nombre: string;
  readonly regimenFiscal: string;
}

/** Everything that a comprobante is built from. Nothing else flows into its bytes. */
export interface Partes {
  readonly documento: Documento;
  readonly importes: Importes;
  readonly emisor: Emisor;
  /** Local time of the place of issue, `2026-11-21T09:30:00`. */
  readonly fecha: string;
  readonly certificado: { readonly numero: string; readonly base64: string };
}

type Values = Readonly<Record<string, string | null | undefined>>;

const SCHEMA = `${CFDI} http://www.sat.gob.mx/sitio_internet/cfd/4/cfdv40.xsd`;
const DECLARATIONS: readonly XmlAttribute[] = [
  { prefix: 'xmlns', local: 'cfdi', uri: '', value: CFDI },
  { prefix: 'xmlns', local: 'xsi', uri: '', value: XSI },
  { prefix: 'xsi', local: 'schemaLocation', uri: XSI, value: SCHEMA },
];

/** Builds the Comprobante, all but its Sello. Texts are written as the cadena original reads them: white space collapsed. */
export function construye(partes: Partes): XmlElement {
  const { documento, importes } = partes;
  const root = element('Comprobante', encabezado(partes), [
    ...informacionGlobal(documento),
    ...relacionados(documento),
    emisor(partes.emisor),
    receptor(documento),
    element('Conceptos', {}, conceptos(documento, importes)),
    ...resumen(importes),
  ]);
  return { ...root, attributes: [...DECLARATIONS, ...root.attributes] };
}

/** The same Comprobante with its seal. */
export function conSello(comprobante: XmlElement, sello: string): XmlElement {
  return { ...comprobante, attributes: [...comprobante.attributes, attribute('Sello', sello)] };
}

function encabezado({ documento, importes, fecha, certificado }: Partes): Values {
  return {
    Version: '4.0',
    Serie: documento.serie,
    Folio: documento.folio,
    Fecha: fecha,
    FormaPago: documento.formaPago,
    NoCertificado: certificado.numero,
    Certificado: certificado.base64,
    CondicionesDePago: documento.condicionesDePago,
    SubTotal: importes.subTotal,
    Descuento: importes.descuento,
    Moneda: documento.moneda,
    TipoCambio: documento.tipoCambio === undefined ? undefined : withoutZeros(documento.tipoCambio),
    Total: importes.total,
    TipoDeComprobante: documento.tipo,
    Exportacion: documento.exportacion,
    MetodoPago: documento.metodoPago,
    LugarExpedicion: documento.lugarExpedicion,
    Confirmacion: documento.confirmacion,
  };
}

function informacionGlobal({ informacionGlobal: info }: Documento): XmlElement[] {
  if (info === undefined) return [];
  return [element('InformacionGlobal', { Periodicidad: info.periodicidad, Meses: info.meses, Año: info.anio })];
}

function relacionados({ relacionados: groups }: Documento): XmlElement[] {
  return (groups ?? []).map(({ tipoRelacion, uuids }) =>
    element(
      'CfdiRelacionados',
      { TipoRelacion: tipoRelacion },
      uuids.map((uuid) => element('CfdiRelacionado', { UUID: uuid })),
    ),
  );
}

function emisor({ rfc, nombre, regimenFiscal }: Emisor): XmlElement {
  return element('Emisor', { Rfc: rfc, Nombre: nombre, RegimenFiscal: regimenFiscal });
}

function receptor({ receptor: one }: Documento): XmlElement {
  return element('Receptor', {
    Rfc: one.rfc,
    Nombre: one.nombre,
    DomicilioFiscalReceptor: one.domicilioFiscal,
    RegimenFiscalReceptor: one.regimenFiscal,
    UsoCFDI: one.usoCfdi,
  });
}

function conceptos(documento: Documento, importes: Importes): XmlElement[] {
  return (documento.conceptos ?? []).map((one, index) => {
    const figures = importes.conceptos[index];
    if (figures === undefined) throw new RangeError('Every line has its figures.');
    return concepto(one, figures);
  });
}

function concepto(one: Concepto, figures: ImportesDeConcepto): XmlElement {
  const values: Values = {
    ClaveProdServ: one.claveProdServ,
    NoIdentificacion: one.noIdentificacion,
    Cantidad: figures.cantidad,
    ClaveUnidad: one.claveUnidad,
    Unidad: one.unidad,
    Descripcion: one.descripcion,
    ValorUnitario: figures.valorUnitario,
    Importe: figures.importe,
    Descuento: figures.descuento,
    ObjetoImp: one.objetoImp,
  };
  const { traslados, retenciones } = figures;
  const taxes = [
    ...listed('Traslados', 'Traslado', traslados.map(ofImpuesto)),
    ...listed('Retenciones', 'Retencion', retenciones.map(ofImpuesto)),
  ];
  return element('Concepto', values, taxes.length === 0 ? [] : [element('Impuestos', {}, taxes)]);
}

function ofImpuesto({ base, impuesto, tipoFactor, tasaOCuota, importe }: ImpuestoDeLinea): Values {
  return { Base: base, Impuesto: impuesto, TipoFactor: tipoFactor, TasaOCuota: tasaOCuota, Importe: importe };
}

/** The summary; here retenciones stand first. */
function resumen({ traslados, retenciones, totalTrasladados, totalRetenidos }: Importes): XmlElement[] {
  const withheld = retenciones.map(({ impuesto, importe }) => ({ Impuesto: impuesto, Importe: importe }));
  const taxes = [
    ...listed('Retenciones', 'Retencion', withheld),
    ...listed('Traslados', 'Traslado', traslados.map(ofImpuesto)),
  ];
  if (taxes.length === 0) return [];
  const totals = { TotalImpuestosRetenidos: totalRetenidos, TotalImpuestosTrasladados: totalTrasladados };
  return [element('Impuestos', totals, taxes)];
}

function listed(holder: string, name: string, items: readonly Values[]): XmlElement[] {
  if (items.length === 0) return [];
  return [
    element(
      holder,
      {},
      items.map((values) => element(name, values)),
    ),
  ];
}

function element(local: string, values: Values, children: readonly XmlElement[] = []): XmlElement {
  const attributes = Object.entries(values).flatMap(([name, value]) =>
    value === undefined || value === null ? [] : [attribute(name, collapse(value))],
  );
  return { prefix: 'cfdi', local, uri: CFDI, attributes, children };
}

function attribute(local: string, value: string): XmlAttribute {
  return { prefix: '', local, uri: '', value };
}

function withoutZeros(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal;
}
