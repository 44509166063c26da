import {
  conceptosDe,
  type Concepto,
  type Documento,
  type Importes,
  type ImportesDeConcepto,
  type ImportesDeParte,
  type ImpuestoDeLinea,
  type Parte,
  type XmlElement,
} from '@nexora/comprobante';
import { element, listed, type Values } from './xml-elemento.ts';

/** The lines of a comprobante, each with its figures. */
export function conceptos(documento: Documento, importes: Importes): XmlElement {
  const lines = conceptosDe(documento).map((one, index) => concepto(one, figuresAt(importes.conceptos, index)));
  return element('Conceptos', {}, lines);
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
  return element('Concepto', values, [
    ...impuestos(figures),
    ...aCuentaTerceros(one),
    ...pedimentos(one),
    ...(one.cuentaPredial ?? []).map(({ numero }) => element('CuentaPredial', { Numero: numero })),
    ...(one.partes ?? []).map((part, index) => parte(part, figuresAt(figures.partes, index))),
  ]);
}

/** The taxes of a line; here traslados stand first. */
function impuestos({ traslados, retenciones }: ImportesDeConcepto): XmlElement[] {
  const taxes = [
    ...listed('Traslados', 'Traslado', traslados.map(ofImpuesto)),
    ...listed('Retenciones', 'Retencion', retenciones.map(ofImpuesto)),
  ];
  return taxes.length === 0 ? [] : [element('Impuestos', {}, taxes)];
}

/** One tax, of a line or of the summary. */
export function ofImpuesto({ base, impuesto, tipoFactor, tasaOCuota, importe }: ImpuestoDeLinea): Values {
  return { Base: base, Impuesto: impuesto, TipoFactor: tipoFactor, TasaOCuota: tasaOCuota, Importe: importe };
}

function aCuentaTerceros({ aCuentaTerceros: tercero }: Concepto): XmlElement[] {
  if (tercero === undefined) return [];
  const values = {
    RfcACuentaTerceros: tercero.rfc,
    NombreACuentaTerceros: tercero.nombre,
    RegimenFiscalACuentaTerceros: tercero.regimenFiscal,
    DomicilioFiscalACuentaTerceros: tercero.domicilioFiscal,
  };
  return [element('ACuentaTerceros', values)];
}

function pedimentos({ informacionAduanera }: Concepto | Parte): XmlElement[] {
  return (informacionAduanera ?? []).map(({ numeroPedimento }) =>
    element('InformacionAduanera', { NumeroPedimento: numeroPedimento }),
  );
}

function parte(one: Parte, figures: ImportesDeParte): XmlElement {
  const values: Values = {
    ClaveProdServ: one.claveProdServ,
    NoIdentificacion: one.noIdentificacion,
    Cantidad: figures.cantidad,
    Unidad: one.unidad,
    Descripcion: one.descripcion,
    ValorUnitario: figures.valorUnitario,
    Importe: figures.importe,
  };
  return element('Parte', values, pedimentos(one));
}

function figuresAt<T>(figures: readonly T[], index: number): T {
  const one = figures[index];
  if (one === undefined) throw new RangeError('Every line has its figures.');
  return one;
}
