import {
  calculaPagos,
  Exact,
  monedaDe,
  type Documento,
  type Importes,
  type XmlAttribute,
  type XmlElement,
} from '@nexora/comprobante';
import { CFDI, XSI } from './espacios.ts';
import { conceptos, ofImpuesto } from './xml-conceptos.ts';
import { attribute, element, listed, type Values } from './xml-elemento.ts';
import { complementoDePagos, PAGOS_DECLARATION, PAGOS_SCHEMA } from './xml-pagos.ts';

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

const SCHEMA = `${CFDI} http://www.sat.gob.mx/sitio_internet/cfd/4/cfdv40.xsd`;

/** Anexo 20 wants every namespace declared on the root, with the place of its schema. */
function declarations(isPago: boolean): readonly XmlAttribute[] {
  const schemas = isPago ? `${SCHEMA} ${PAGOS_SCHEMA}` : SCHEMA;
  return [
    { prefix: 'xmlns', local: 'cfdi', uri: '', value: CFDI },
    { prefix: 'xmlns', local: 'xsi', uri: '', value: XSI },
    ...(isPago ? [PAGOS_DECLARATION] : []),
    { prefix: 'xsi', local: 'schemaLocation', uri: XSI, value: schemas },
  ];
}

/** Builds the Comprobante, all but its Sello. Texts are written as the cadena original reads them: white space collapsed. */
export function construye(partes: Partes): XmlElement {
  const { documento, importes } = partes;
  const root = element('Comprobante', encabezado(partes), [
    ...informacionGlobal(documento),
    ...relacionados(documento),
    emisor(partes),
    receptor(documento),
    conceptos(documento, importes),
    ...resumen(importes),
    ...complemento(documento),
  ]);
  return { ...root, attributes: [...declarations(documento.tipo === 'P'), ...root.attributes] };
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
    Moneda: monedaDe(documento),
    TipoCambio: documento.tipoCambio === undefined ? undefined : new Exact(documento.tipoCambio).toFixed(),
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

function emisor({ emisor: { rfc, nombre, regimenFiscal }, documento }: Partes): XmlElement {
  const values = { Rfc: rfc, Nombre: nombre, RegimenFiscal: regimenFiscal };
  return element('Emisor', { ...values, FacAtrAdquirente: documento.facAtrAdquirente });
}

function receptor({ receptor: one }: Documento): XmlElement {
  return element('Receptor', {
    Rfc: one.rfc,
    Nombre: one.nombre,
    DomicilioFiscalReceptor: one.domicilioFiscal,
    ResidenciaFiscal: one.residenciaFiscal,
    NumRegIdTrib: one.numRegIdTrib,
    RegimenFiscalReceptor: one.regimenFiscal,
    UsoCFDI: one.usoCfdi,
  });
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

/** Payments alone come as a complemento. */
function complemento(documento: Documento): XmlElement[] {
  if (documento.tipo !== 'P') return [];
  return [element('Complemento', {}, [complementoDePagos(documento, calculaPagos(documento))])];
}
