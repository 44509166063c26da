import { attributeOf, childrenOf, readXml, type XmlElement } from '@nexora/comprobante';
import { cadenaDelTimbre } from '../comprobante/cadena-original.ts';
import { CFDI, TFD } from '../comprobante/espacios.ts';
import { Invalid } from '../comprobante/recorrido.ts';
import { direccionDeVerificacion } from './verificacion.ts';

/** One tax, of a line or of the summary. */
export interface ImpuestoImpreso {
  readonly lado: 'traslado' | 'retencion';
  readonly impuesto: string;
  readonly tipoFactor: string;
  readonly tasaOCuota: string;
  readonly base: string;
  readonly importe: string;
}

/** One line. */
export interface ConceptoImpreso {
  readonly clave: string;
  readonly noIdentificacion: string;
  readonly cantidad: string;
  readonly claveUnidad: string;
  readonly unidad: string;
  readonly descripcion: string;
  readonly valorUnitario: string;
  readonly descuento: string;
  readonly importe: string;
  readonly objetoImp: string;
  readonly impuestos: readonly ImpuestoImpreso[];
}

/** Everything that is printed. '' where the document says nothing. */
export interface Representacion {
  /** Attributes of the Comprobante. */
  readonly encabezado: (name: string) => string;
  readonly emisor: (name: string) => string;
  readonly receptor: (name: string) => string;
  readonly global: (name: string) => string;
  readonly relacionados: readonly { readonly tipo: string; readonly uuids: readonly string[] }[];
  readonly conceptos: readonly ConceptoImpreso[];
  readonly impuestos: readonly ImpuestoImpreso[];
  readonly timbre: (name: string) => string;
  readonly cadenaDelTimbre: string;
  /** What the QR says. */
  readonly verificacion: string;
}

/**
 * Reads a stamped comprobante for printing: the print says what the XML says, whatever made it.
 * @throws Invalid when it is no stamped CFDI 4.0; XmlFault when it is no XML
 */
export function readRepresentacion(xml: Uint8Array): Representacion {
  const { root } = readXml(xml);
  if (root.uri !== CFDI || root.local !== 'Comprobante') throw new Invalid('El documento no es un CFDI 4.0.');
  const [timbre] = childrenOf(root, CFDI, 'Complemento').flatMap((one) => childrenOf(one, TFD, 'TimbreFiscalDigital'));
  if (timbre === undefined) throw new Invalid('El comprobante no está timbrado.');
  const encabezado = valuesOf(root);
  const emisor = valuesOf(child(root, 'Emisor'));
  const receptor = valuesOf(child(root, 'Receptor'));
  return {
    encabezado,
    emisor,
    receptor,
    global: valuesOf(child(root, 'InformacionGlobal')),
    relacionados: childrenOf(root, CFDI, 'CfdiRelacionados').map((group) => ({
      tipo: valuesOf(group)('TipoRelacion'),
      uuids: childrenOf(group, CFDI, 'CfdiRelacionado').map((one) => valuesOf(one)('UUID')),
    })),
    conceptos: childrenOf(root, CFDI, 'Conceptos')
      .flatMap((list) => childrenOf(list, CFDI, 'Concepto'))
      .map(concepto),
    impuestos: impuestosOf(root),
    timbre: valuesOf(timbre),
    cadenaDelTimbre: cadenaDelTimbre(timbre),
    verificacion: direccionDeVerificacion({
      uuid: attributeOf(timbre, 'UUID') ?? '',
      emisor: emisor('Rfc'),
      receptor: receptor('Rfc'),
      total: encabezado('Total'),
      sello: encabezado('Sello'),
    }),
  };
}

function concepto(one: XmlElement): ConceptoImpreso {
  const value = valuesOf(one);
  return {
    clave: value('ClaveProdServ'),
    noIdentificacion: value('NoIdentificacion'),
    cantidad: value('Cantidad'),
    claveUnidad: value('ClaveUnidad'),
    unidad: value('Unidad'),
    descripcion: value('Descripcion'),
    valorUnitario: value('ValorUnitario'),
    descuento: value('Descuento'),
    importe: value('Importe'),
    objetoImp: value('ObjetoImp'),
    impuestos: impuestosOf(one),
  };
}

function impuestosOf(holder: XmlElement): ImpuestoImpreso[] {
  const nodes = childrenOf(holder, CFDI, 'Impuestos');
  const read = (list: string, name: string, lado: ImpuestoImpreso['lado']): ImpuestoImpreso[] =>
    nodes
      .flatMap((one) => childrenOf(one, CFDI, list))
      .flatMap((one) => childrenOf(one, CFDI, name))
      .map((one) => impuesto(valuesOf(one), lado));
  return [...read('Traslados', 'Traslado', 'traslado'), ...read('Retenciones', 'Retencion', 'retencion')];
}

function impuesto(value: (name: string) => string, lado: ImpuestoImpreso['lado']): ImpuestoImpreso {
  return {
    lado,
    impuesto: value('Impuesto'),
    tipoFactor: value('TipoFactor'),
    tasaOCuota: value('TasaOCuota'),
    base: value('Base'),
    importe: value('Importe'),
  };
}

function child(root: XmlElement, local: string): XmlElement | undefined {
  return childrenOf(root, CFDI, local)[0];
}

function valuesOf(element: XmlElement | undefined): (name: string) => string {
  return (name) => (element === undefined ? '' : (attributeOf(element, name) ?? ''));
}
