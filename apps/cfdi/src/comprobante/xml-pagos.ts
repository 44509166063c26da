import {
  collapse,
  type Documento,
  type DoctoRelacionado,
  type ImporteDr,
  type ImportesDeDocto,
  type ImportesDePago,
  type ImportesDePagos,
  type Pago,
  type TotalesDePagos,
  type XmlAttribute,
  type XmlElement,
} from '@nexora/comprobante';
import { PAGOS } from './espacios.ts';
import { attribute, type Values } from './xml-elemento.ts';

/** Where the schema of the complemento lies: a part of the root's `xsi:schemaLocation` when payments are told of. */
export const PAGOS_SCHEMA = `${PAGOS} http://www.sat.gob.mx/sitio_internet/cfd/Pagos/Pagos20.xsd`;

/** The declaration of the complemento's prefix; the tax authority wants it on the root and nowhere else. */
export const PAGOS_DECLARATION: XmlAttribute = { prefix: 'xmlns', local: 'pago20', uri: '', value: PAGOS };

/**
 * Builds the complemento Pagos 2.0. Its prefix is declared by the root.
 * @param importes what `calculaPagos` gave for the same document
 */
export function complementoDePagos({ pagos }: Pick<Documento, 'pagos'>, importes: ImportesDePagos): XmlElement {
  return element('Pagos', { Version: '2.0' }, [
    totales(importes.totales),
    ...(pagos ?? []).map((one, index) => pago(one, figuresAt(importes.pagos, index))),
  ]);
}

function totales(sums: TotalesDePagos): XmlElement {
  return element('Totales', {
    TotalRetencionesIVA: sums.totalRetencionesIVA,
    TotalRetencionesISR: sums.totalRetencionesISR,
    TotalRetencionesIEPS: sums.totalRetencionesIEPS,
    TotalTrasladosBaseIVA16: sums.totalTrasladosBaseIVA16,
    TotalTrasladosImpuestoIVA16: sums.totalTrasladosImpuestoIVA16,
    TotalTrasladosBaseIVA8: sums.totalTrasladosBaseIVA8,
    TotalTrasladosImpuestoIVA8: sums.totalTrasladosImpuestoIVA8,
    TotalTrasladosBaseIVA0: sums.totalTrasladosBaseIVA0,
    TotalTrasladosImpuestoIVA0: sums.totalTrasladosImpuestoIVA0,
    TotalTrasladosBaseIVAExento: sums.totalTrasladosBaseIVAExento,
    MontoTotalPagos: sums.montoTotalPagos,
  });
}

function pago(one: Pago, figures: ImportesDePago): XmlElement {
  const values: Values = {
    FechaPago: one.fechaPago,
    FormaDePagoP: one.formaDePagoP,
    MonedaP: one.monedaP,
    TipoCambioP: figures.tipoCambioP,
    Monto: figures.monto,
    NumOperacion: one.numOperacion,
    RfcEmisorCtaOrd: one.rfcEmisorCtaOrd,
    NomBancoOrdExt: one.nomBancoOrdExt,
    CtaOrdenante: one.ctaOrdenante,
    RfcEmisorCtaBen: one.rfcEmisorCtaBen,
    CtaBeneficiario: one.ctaBeneficiario,
    TipoCadPago: one.tipoCadPago,
    CertPago: one.certPago,
    CadPago: one.cadPago,
    SelloPago: one.selloPago,
  };
  const doctos = one.doctosRelacionados.map((docto, index) =>
    doctoRelacionado(docto, figuresAt(figures.doctos, index)),
  );
  return element('Pago', values, [...doctos, ...impuestosP(figures)]);
}

function doctoRelacionado(docto: DoctoRelacionado, figures: ImportesDeDocto): XmlElement {
  const values: Values = {
    IdDocumento: docto.idDocumento,
    Serie: docto.serie,
    Folio: docto.folio,
    MonedaDR: docto.monedaDR,
    EquivalenciaDR: figures.equivalenciaDR,
    NumParcialidad: docto.numParcialidad,
    ImpSaldoAnt: figures.impSaldoAnt,
    ImpPagado: figures.impPagado,
    ImpSaldoInsoluto: figures.impSaldoInsoluto,
    ObjetoImpDR: docto.objetoImpDR,
  };
  const taxes = [
    ...listed('RetencionesDR', 'RetencionDR', figures.retencionesDR.map(ofImpuestoDr)),
    ...listed('TrasladosDR', 'TrasladoDR', figures.trasladosDR.map(ofImpuestoDr)),
  ];
  return element('DoctoRelacionado', values, held('ImpuestosDR', taxes));
}

function ofImpuestoDr({ baseDR, impuestoDR, tipoFactorDR, tasaOCuotaDR, importeDR }: ImporteDr): Values {
  return {
    BaseDR: baseDR,
    ImpuestoDR: impuestoDR,
    TipoFactorDR: tipoFactorDR,
    TasaOCuotaDR: tasaOCuotaDR,
    ImporteDR: importeDR,
  };
}

function impuestosP({ retencionesP, trasladosP }: ImportesDePago): XmlElement[] {
  const withheld = retencionesP.map(({ impuestoP, importeP }) => ({ ImpuestoP: impuestoP, ImporteP: importeP }));
  const charged = trasladosP.map(({ baseP, impuestoP, tipoFactorP, tasaOCuotaP, importeP }) => ({
    BaseP: baseP,
    ImpuestoP: impuestoP,
    TipoFactorP: tipoFactorP,
    TasaOCuotaP: tasaOCuotaP,
    ImporteP: importeP,
  }));
  return held('ImpuestosP', [
    ...listed('RetencionesP', 'RetencionP', withheld),
    ...listed('TrasladosP', 'TrasladoP', charged),
  ]);
}

function figuresAt<T>(figures: readonly T[], index: number): T {
  const one = figures[index];
  if (one === undefined) throw new RangeError('Every payment and every paid document has its figures.');
  return one;
}

/** The holder with its children; nothing where there are none. */
function held(holder: string, children: readonly XmlElement[]): XmlElement[] {
  return children.length === 0 ? [] : [element(holder, {}, children)];
}

function listed(holder: string, name: string, items: readonly Values[]): XmlElement[] {
  return held(
    holder,
    items.map((values) => element(name, values)),
  );
}

/** Texts are written as the cadena original reads them: white space collapsed. */
function element(local: string, values: Values, children: readonly XmlElement[] = []): XmlElement {
  const attributes = Object.entries(values).flatMap(([name, value]) =>
    value === undefined || value === null ? [] : [attribute(name, collapse(value))],
  );
  return { prefix: 'pago20', local, uri: PAGOS, attributes, children };
}
