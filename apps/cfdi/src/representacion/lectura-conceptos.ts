import type { XmlElement } from '@nexora/comprobante';
import { CFDI } from '../comprobante/espacios.ts';
import { child, listOf, pathOf, rawOf, valuesOf } from './lectura-base.ts';

/** One tax, of a line, of the summary or of a payment. */
export interface ImpuestoImpreso {
  readonly lado: 'traslado' | 'retencion';
  readonly impuesto: string;
  readonly tipoFactor: string;
  readonly tasaOCuota: string;
  readonly base: string;
  readonly importe: string;
}

/** A part of a line. */
export interface ParteImpresa {
  readonly clave: string;
  readonly noIdentificacion: string;
  readonly cantidad: string;
  readonly unidad: string;
  readonly descripcion: string;
  readonly valorUnitario: string;
  readonly importe: string;
  readonly pedimentos: readonly string[];
}

/** On whose account a line is sold. */
interface TerceroImpreso {
  readonly rfc: string;
  readonly nombre: string;
  readonly regimen: string;
  readonly domicilio: string;
}

/** One line. */
export interface ConceptoImpreso extends ParteImpresa {
  readonly claveUnidad: string;
  readonly descuento: string;
  readonly objetoImp: string;
  readonly impuestos: readonly ImpuestoImpreso[];
  readonly tercero: TerceroImpreso | null;
  readonly prediales: readonly string[];
  readonly partes: readonly ParteImpresa[];
}

/** Reads a Concepto. */
export function readConcepto(one: XmlElement): ConceptoImpreso {
  const value = valuesOf(one);
  return {
    ...readParte(one),
    claveUnidad: value('ClaveUnidad'),
    descuento: value('Descuento'),
    objetoImp: value('ObjetoImp'),
    impuestos: readImpuestos(one),
    tercero: readTercero(child(one, CFDI, 'ACuentaTerceros')),
    prediales: listOf(one, CFDI, 'CuentaPredial').map((predial) => valuesOf(predial)('Numero')),
    partes: listOf(one, CFDI, 'Parte').map(readParte),
  };
}

/** Reads the taxes of a Concepto or of the summary. */
export function readImpuestos(holder: XmlElement): ImpuestoImpreso[] {
  const read = (path: readonly string[], lado: ImpuestoImpreso['lado']): ImpuestoImpreso[] =>
    pathOf(holder, CFDI, path).map((one) => readImpuesto(one, lado));
  return [
    ...read(['Impuestos', 'Traslados', 'Traslado'], 'traslado'),
    ...read(['Impuestos', 'Retenciones', 'Retencion'], 'retencion'),
  ];
}

/** Reads one tax; in payments its attributes end in `DR` or `P`. */
export function readImpuesto(one: XmlElement, lado: ImpuestoImpreso['lado'], ending = ''): ImpuestoImpreso {
  const value = valuesOf(one);
  return {
    lado,
    impuesto: value(`Impuesto${ending}`),
    tipoFactor: value(`TipoFactor${ending}`),
    tasaOCuota: value(`TasaOCuota${ending}`),
    base: value(`Base${ending}`),
    importe: value(`Importe${ending}`),
  };
}

function readParte(one: XmlElement): ParteImpresa {
  const value = valuesOf(one);
  return {
    clave: value('ClaveProdServ'),
    noIdentificacion: value('NoIdentificacion'),
    cantidad: value('Cantidad'),
    unidad: value('Unidad'),
    descripcion: value('Descripcion'),
    valorUnitario: value('ValorUnitario'),
    importe: value('Importe'),
    pedimentos: listOf(one, CFDI, 'InformacionAduanera').map((entry) => rawOf(entry, 'NumeroPedimento')),
  };
}

function readTercero(one: XmlElement | undefined): TerceroImpreso | null {
  if (one === undefined) return null;
  const value = valuesOf(one);
  return {
    rfc: value('RfcACuentaTerceros'),
    nombre: value('NombreACuentaTerceros'),
    regimen: value('RegimenFiscalACuentaTerceros'),
    domicilio: value('DomicilioFiscalACuentaTerceros'),
  };
}
