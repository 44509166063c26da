import { elementsOf, readXml, type XmlElement } from '@nexora/comprobante';
import { cadenaDelTimbre } from '../comprobante/cadena-original.ts';
import { CFDI, PAGOS, TFD } from '../comprobante/espacios.ts';
import { Invalid, Unsupported } from '../comprobante/recorrido.ts';
import { child, listOf, pathOf, valuesOf, type Valores } from './lectura-base.ts';
import { readConcepto, readImpuestos, type ConceptoImpreso, type ImpuestoImpreso } from './lectura-conceptos.ts';
import { readPagos, type PagosImpresos } from './lectura-pagos.ts';
import { direccionDeVerificacion } from './verificacion.ts';

/** Everything that is printed. '' where the document says nothing. */
export interface Representacion {
  /** Attributes of the Comprobante. */
  readonly encabezado: Valores;
  readonly emisor: Valores;
  readonly receptor: Valores;
  readonly global: Valores;
  readonly relacionados: readonly { readonly tipo: string; readonly uuids: readonly string[] }[];
  readonly conceptos: readonly ConceptoImpreso[];
  readonly impuestos: readonly ImpuestoImpreso[];
  /** Sums of the summary: TotalImpuestosTrasladados and TotalImpuestosRetenidos. */
  readonly totalesDeImpuestos: Valores;
  /** The complemento of payments; null when there is none. */
  readonly pagos: PagosImpresos | null;
  readonly timbre: Valores;
  readonly cadenaDelTimbre: string;
  /** What the QR says. */
  readonly verificacion: string;
}

/**
 * Reads a stamped comprobante for printing: the print says what the XML says, whatever made it. It judges neither seal
 * nor sums.
 * @throws Invalid when it is no stamped CFDI 4.0; XmlFault when it is no XML
 * @throws Unsupported when it holds a complemento that could not be printed whole
 */
export function readRepresentacion(xml: Uint8Array): Representacion {
  const { root } = readXml(xml);
  if (root.uri !== CFDI || root.local !== 'Comprobante') throw new Invalid('El documento no es un CFDI 4.0.');
  const encabezado = valuesOf(root);
  if (encabezado('Version') !== '4.0') throw new Invalid('El documento no es un CFDI 4.0: su versión es otra.');
  const complementos = listOf(root, CFDI, 'Complemento').flatMap((one) => [...elementsOf(one)]);
  const conceptos = pathOf(root, CFDI, ['Conceptos', 'Concepto']);
  demandKnown(complementos, conceptos);
  const timbre = timbreOf(complementos);
  const [emisor, receptor] = [valuesOf(child(root, CFDI, 'Emisor')), valuesOf(child(root, CFDI, 'Receptor'))];
  const complemento = complementos.find(({ uri }) => uri === PAGOS);
  const pagos = complemento === undefined ? null : readPagos(complemento);
  demandUuid(valuesOf(timbre)('UUID'));
  demandFigure('Total', encabezado('Total'));
  demandLegible(encabezado, conceptos);
  if (pagos !== null) demandFigure('MontoTotalPagos', pagos.totales('MontoTotalPagos'));
  return {
    encabezado,
    emisor,
    receptor,
    global: valuesOf(child(root, CFDI, 'InformacionGlobal')),
    relacionados: listOf(root, CFDI, 'CfdiRelacionados').map((group) => ({
      tipo: valuesOf(group)('TipoRelacion'),
      uuids: listOf(group, CFDI, 'CfdiRelacionado').map((one) => valuesOf(one)('UUID')),
    })),
    conceptos: conceptos.map(readConcepto),
    impuestos: readImpuestos(root),
    totalesDeImpuestos: valuesOf(child(root, CFDI, 'Impuestos')),
    pagos,
    timbre: valuesOf(timbre),
    cadenaDelTimbre: cadenaDelTimbre(timbre),
    verificacion: direccionDeVerificacion({
      uuid: valuesOf(timbre)('UUID'),
      emisor: emisor('Rfc'),
      receptor: receptor('Rfc'),
      total: encabezado('Total'),
      sello: encabezado('Sello'),
    }),
  };
}

function timbreOf(complementos: readonly XmlElement[]): XmlElement {
  const [timbre, ...others] = complementos.filter(({ uri }) => uri === TFD);
  if (timbre === undefined) throw new Invalid('El comprobante no está timbrado.');
  if (others.length > 0) throw new Invalid('El comprobante lleva más de un timbre.');
  return timbre;
}

/** Without it there are neither words nor QR. */
function demandFigure(name: string, value: string): void {
  if (!/^\d{1,18}(\.\d{1,6})?$/.test(value)) throw new Invalid(`El atributo ${name} no es un importe.`);
}

/** The QR leads to it. */
function demandUuid(value: string): void {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value)) return;
  throw new Invalid('El timbre no lleva un UUID (folio fiscal) con su forma: el documento no es un CFDI timbrado.');
}

/** What is printed as a figure must be one, and as a date, too: the rest of the document is printed as it is. */
function demandLegible(encabezado: Valores, conceptos: readonly XmlElement[]): void {
  demandFigure('SubTotal', encabezado('SubTotal'));
  for (const concepto of conceptos.map((one) => valuesOf(one))) {
    for (const name of ['Cantidad', 'ValorUnitario', 'Importe']) demandFigure(name, concepto(name));
  }
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(encabezado('Fecha')))
    throw new Invalid('El atributo Fecha no es una fecha.');
}

/** A print that leaves out what it does not know would not say what the XML says. */
function demandKnown(complementos: readonly XmlElement[], conceptos: readonly XmlElement[]): void {
  const ofConceptos = conceptos
    .flatMap((one) => listOf(one, CFDI, 'ComplementoConcepto'))
    .flatMap((one) => [...elementsOf(one)]);
  const unknown = complementos.find(({ uri, local }) => !KNOWN.has(`{${uri}}${local}`)) ?? ofConceptos[0];
  if (unknown !== undefined) throw new Unsupported(unknown);
}

const KNOWN: ReadonlySet<string> = new Set([`{${TFD}}TimbreFiscalDigital`, `{${PAGOS}}Pagos`]);
