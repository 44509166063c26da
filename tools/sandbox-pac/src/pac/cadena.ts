import { anywhere, descend, namespaces, type XmlElement } from './document.ts';
import { Refusal } from './refusal.ts';

/**
 * Cadena original of CFDI 4.0 (Anexo 20, I.B) with Pagos 2.0. Written for the sandbox alone, so that the seal of a
 * comprobante is proven by a program other than the one that made it; the tests hold both to the tax authority's
 * stylesheets.
 */
type Emit = (element: XmlElement, name: string) => void;
interface Writer {
  /** Printed always, empty when absent. */
  readonly must: Emit;
  /** Printed when present, also when empty. */
  readonly may: Emit;
}
type Section = (element: XmlElement, writer: Writer) => void;

/** XPath's normalize-space: only tab, line feed, carriage return and space are white. */
function collapse(value: string): string {
  return value.replace(/[\t\n\r ]+/g, ' ').replace(/^ | $/g, '');
}

/** `Name` is optional, `Name!` required; the order is that of the Anexo. */
function fields(list: string): Section {
  const steps = list.split(' ').map((step) => ({ name: step.replace('!', ''), required: step.endsWith('!') }));
  return (element, { must, may }) => {
    for (const { name, required } of steps) (required ? must : may)(element, name);
  };
}

function each(elements: XmlElement[], section: Section, writer: Writer): void {
  for (const element of elements) section(element, writer);
}

const heading = fields(
  'Version! Serie Folio Fecha! FormaPago NoCertificado! CondicionesDePago SubTotal! Descuento Moneda! TipoCambio Total! ' +
    'TipoDeComprobante! Exportacion! MetodoPago LugarExpedicion! Confirmacion',
);
const global = fields('Periodicidad! Meses! Año!');
const issuer = fields('Rfc! Nombre! RegimenFiscal! FacAtrAdquirente');
const receiver = fields(
  'Rfc! Nombre! DomicilioFiscalReceptor! ResidenciaFiscal NumRegIdTrib RegimenFiscalReceptor! UsoCFDI!',
);
const line = fields(
  'ClaveProdServ! NoIdentificacion Cantidad! ClaveUnidad! Unidad Descripcion! ValorUnitario! Importe! Descuento ObjetoImp!',
);
const transferred = fields('Base! Impuesto! TipoFactor! TasaOCuota Importe');
const withheld = fields('Base! Impuesto! TipoFactor! TasaOCuota! Importe!');
const withheldInAll = fields('Impuesto! Importe!');
const thirdParty = fields(
  'RfcACuentaTerceros! NombreACuentaTerceros! RegimenFiscalACuentaTerceros! DomicilioFiscalACuentaTerceros!',
);
const customs = fields('NumeroPedimento!');
const land = fields('Numero!');
const part = fields('ClaveProdServ! NoIdentificacion Cantidad! Unidad Descripcion! ValorUnitario Importe');

const paymentTotals = fields(
  'TotalRetencionesIVA TotalRetencionesISR TotalRetencionesIEPS TotalTrasladosBaseIVA16 TotalTrasladosImpuestoIVA16 ' +
    'TotalTrasladosBaseIVA8 TotalTrasladosImpuestoIVA8 TotalTrasladosBaseIVA0 TotalTrasladosImpuestoIVA0 ' +
    'TotalTrasladosBaseIVAExento MontoTotalPagos!',
);
const payment = fields(
  'FechaPago! FormaDePagoP! MonedaP! TipoCambioP Monto! NumOperacion RfcEmisorCtaOrd NomBancoOrdExt CtaOrdenante ' +
    'RfcEmisorCtaBen CtaBeneficiario TipoCadPago CertPago CadPago SelloPago',
);
const paidDocument = fields(
  'IdDocumento! Serie Folio MonedaDR! EquivalenciaDR NumParcialidad! ImpSaldoAnt! ImpPagado! ImpSaldoInsoluto! ObjetoImpDR!',
);
const withheldInDocument = fields('BaseDR! ImpuestoDR! TipoFactorDR! TasaOCuotaDR! ImporteDR!');
const transferredInDocument = fields('BaseDR! ImpuestoDR! TipoFactorDR! TasaOCuotaDR ImporteDR');
const withheldInPayment = fields('ImpuestoP! ImporteP!');
const transferredInPayment = fields('BaseP! ImpuestoP! TipoFactorP! TasaOCuotaP ImporteP');

const partWithCustoms: Section = (element, writer) => {
  part(element, writer);
  each(anywhere(element, 'InformacionAduanera'), customs, writer);
};

const concept: Section = (element, writer) => {
  line(element, writer);
  each(descend(element, 'Impuestos', 'Traslados', 'Traslado'), transferred, writer);
  each(descend(element, 'Impuestos', 'Retenciones', 'Retencion'), withheld, writer);
  each(descend(element, 'ACuentaTerceros'), thirdParty, writer);
  each(descend(element, 'InformacionAduanera'), customs, writer);
  each(descend(element, 'CuentaPredial'), land, writer);
  if (descend(element, 'ComplementoConcepto').some((complement) => complement.children.length > 0)) {
    throw new Refusal('301', 'El PAC de pruebas no conoce ningún complemento de concepto');
  }
  each(anywhere(element, 'Parte'), partWithCustoms, writer);
};

const taxes: Section = (element, writer) => {
  each(descend(element, 'Retenciones', 'Retencion'), withheldInAll, writer);
  writer.may(element, 'TotalImpuestosRetenidos');
  each(descend(element, 'Traslados', 'Traslado'), transferred, writer);
  writer.may(element, 'TotalImpuestosTrasladados');
};

const related: Section = (element, writer) => {
  writer.must(element, 'TipoRelacion');
  each(descend(element, 'CfdiRelacionado'), fields('UUID!'), writer);
};

const paidDocumentWithTaxes: Section = (element, writer) => {
  paidDocument(element, writer);
  each(descend(element, 'ImpuestosDR', 'RetencionesDR', 'RetencionDR'), withheldInDocument, writer);
  each(descend(element, 'ImpuestosDR', 'TrasladosDR', 'TrasladoDR'), transferredInDocument, writer);
};

const paymentTaxes: Section = (element, writer) => {
  each(descend(element, 'RetencionesP', 'RetencionP'), withheldInPayment, writer);
  each(descend(element, 'TrasladosP', 'TrasladoP'), transferredInPayment, writer);
};

const paymentWithAll: Section = (element, writer) => {
  payment(element, writer);
  each(descend(element, 'DoctoRelacionado'), paidDocumentWithTaxes, writer);
  each(descend(element, 'ImpuestosP'), paymentTaxes, writer);
};

const payments: Section = (element, writer) => {
  writer.must(element, 'Version');
  each(descend(element, 'Totales'), paymentTotals, writer);
  each(descend(element, 'Pago'), paymentWithAll, writer);
};

const complement: Section = (element, writer) => {
  for (const child of element.children) {
    if (child.namespace === namespaces.pagos && child.name === 'Pagos') payments(child, writer);
    // A timbre adds nothing to the cadena of the comprobante that carries it.
    else if (child.namespace !== namespaces.tfd) {
      throw new Refusal('301', `El PAC de pruebas no conoce el complemento ${child.name}`);
    }
  }
};

function writerTo(parts: string[]): Writer {
  const put = (value: string): void => void parts.push(`|${collapse(value)}`);
  return {
    must: (element, name) => put(element.attributes.get(name) ?? ''),
    may: (element, name) => {
      const value = element.attributes.get(name);
      if (value !== undefined) put(value);
    },
  };
}

/** Cadena original of a comprobante. Errors: Refusal 301 for a complement that the sandbox does not know. */
export function cadenaOriginal(comprobante: XmlElement): string {
  const parts: string[] = ['|'];
  const writer = writerTo(parts);
  heading(comprobante, writer);
  each(descend(comprobante, 'InformacionGlobal'), global, writer);
  each(descend(comprobante, 'CfdiRelacionados'), related, writer);
  each(descend(comprobante, 'Emisor'), issuer, writer);
  each(descend(comprobante, 'Receptor'), receiver, writer);
  each(descend(comprobante, 'Conceptos', 'Concepto'), concept, writer);
  each(descend(comprobante, 'Impuestos'), taxes, writer);
  each(descend(comprobante, 'Complemento'), complement, writer);
  return `${parts.join('')}||`;
}

/** Cadena original of a timbre (TFD 1.1). */
export function cadenaOfTimbre(timbre: XmlElement): string {
  const parts: string[] = ['|'];
  fields('Version! UUID! FechaTimbrado! RfcProvCertif! Leyenda SelloCFD! NoCertificadoSAT!')(timbre, writerTo(parts));
  return `${parts.join('')}||`;
}
