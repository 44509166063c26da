import { elementsOf, type XmlElement } from '@nexora/comprobante';
import { CFDI, PAGOS, TFD } from './espacios.ts';
import { each, eachIn, every, Invalid, optional, required, Unsupported, walk, type Step } from './recorrido.ts';

/*
 * What Anexo 20 (I.B) puts into the cadena original, in its order. Read top to bottom: each line is one attribute or
 * one list of elements. The tests compare it byte by byte with the tax authority's own stylesheets.
 */
const TRASLADO: readonly Step[] = [...required('Base', 'Impuesto', 'TipoFactor'), ...optional('TasaOCuota', 'Importe')];
const RETENCION: readonly Step[] = required('Base', 'Impuesto', 'TipoFactor', 'TasaOCuota', 'Importe');
const PEDIMENTO: readonly Step[] = required('NumeroPedimento');

const PARTE: readonly Step[] = [
  ...required('ClaveProdServ'),
  ...optional('NoIdentificacion'),
  ...required('Cantidad'),
  ...optional('Unidad'),
  ...required('Descripcion'),
  ...optional('ValorUnitario', 'Importe'),
  every(CFDI, 'InformacionAduanera', PEDIMENTO),
];

const CONCEPTO: readonly Step[] = [
  ...required('ClaveProdServ'),
  ...optional('NoIdentificacion'),
  ...required('Cantidad', 'ClaveUnidad'),
  ...optional('Unidad'),
  ...required('Descripcion', 'ValorUnitario', 'Importe'),
  ...optional('Descuento'),
  ...required('ObjetoImp'),
  eachIn(CFDI, ['Impuestos', 'Traslados', 'Traslado'], TRASLADO),
  eachIn(CFDI, ['Impuestos', 'Retenciones', 'Retencion'], RETENCION),
  each(
    CFDI,
    'ACuentaTerceros',
    required(
      'RfcACuentaTerceros',
      'NombreACuentaTerceros',
      'RegimenFiscalACuentaTerceros',
      'DomicilioFiscalACuentaTerceros',
    ),
  ),
  each(CFDI, 'InformacionAduanera', PEDIMENTO),
  each(CFDI, 'CuentaPredial', required('Numero')),
  each(CFDI, 'ComplementoConcepto', [complementos]),
  every(CFDI, 'Parte', PARTE),
];

const COMPROBANTE: readonly Step[] = [
  ...required('Version'),
  ...optional('Serie', 'Folio'),
  ...required('Fecha'),
  ...optional('FormaPago'),
  ...required('NoCertificado'),
  ...optional('CondicionesDePago'),
  ...required('SubTotal'),
  ...optional('Descuento'),
  ...required('Moneda'),
  ...optional('TipoCambio'),
  ...required('Total', 'TipoDeComprobante', 'Exportacion'),
  ...optional('MetodoPago'),
  ...required('LugarExpedicion'),
  ...optional('Confirmacion'),
  each(CFDI, 'InformacionGlobal', required('Periodicidad', 'Meses', 'Año')),
  each(CFDI, 'CfdiRelacionados', [...required('TipoRelacion'), each(CFDI, 'CfdiRelacionado', required('UUID'))]),
  each(CFDI, 'Emisor', [...required('Rfc', 'Nombre', 'RegimenFiscal'), ...optional('FacAtrAdquirente')]),
  each(CFDI, 'Receptor', [
    ...required('Rfc', 'Nombre', 'DomicilioFiscalReceptor'),
    ...optional('ResidenciaFiscal', 'NumRegIdTrib'),
    ...required('RegimenFiscalReceptor', 'UsoCFDI'),
  ]),
  eachIn(CFDI, ['Conceptos', 'Concepto'], CONCEPTO),
  each(CFDI, 'Impuestos', [
    eachIn(CFDI, ['Retenciones', 'Retencion'], required('Impuesto', 'Importe')),
    ...optional('TotalImpuestosRetenidos'),
    eachIn(CFDI, ['Traslados', 'Traslado'], TRASLADO),
    ...optional('TotalImpuestosTrasladados'),
  ]),
  each(CFDI, 'Complemento', [complementos]),
];

const PAGO: readonly Step[] = [
  ...required('FechaPago', 'FormaDePagoP', 'MonedaP'),
  ...optional('TipoCambioP'),
  ...required('Monto'),
  ...optional('NumOperacion', 'RfcEmisorCtaOrd', 'NomBancoOrdExt', 'CtaOrdenante', 'RfcEmisorCtaBen'),
  ...optional('CtaBeneficiario', 'TipoCadPago', 'CertPago', 'CadPago', 'SelloPago'),
  each(PAGOS, 'DoctoRelacionado', [
    ...required('IdDocumento'),
    ...optional('Serie', 'Folio'),
    ...required('MonedaDR'),
    ...optional('EquivalenciaDR'),
    ...required('NumParcialidad', 'ImpSaldoAnt', 'ImpPagado', 'ImpSaldoInsoluto', 'ObjetoImpDR'),
    eachIn(
      PAGOS,
      ['ImpuestosDR', 'RetencionesDR', 'RetencionDR'],
      required('BaseDR', 'ImpuestoDR', 'TipoFactorDR', 'TasaOCuotaDR', 'ImporteDR'),
    ),
    eachIn(
      PAGOS,
      ['ImpuestosDR', 'TrasladosDR', 'TrasladoDR'],
      [...required('BaseDR', 'ImpuestoDR', 'TipoFactorDR'), ...optional('TasaOCuotaDR', 'ImporteDR')],
    ),
  ]),
  each(PAGOS, 'ImpuestosP', [
    eachIn(PAGOS, ['RetencionesP', 'RetencionP'], required('ImpuestoP', 'ImporteP')),
    eachIn(
      PAGOS,
      ['TrasladosP', 'TrasladoP'],
      [...required('BaseP', 'ImpuestoP', 'TipoFactorP'), ...optional('TasaOCuotaP', 'ImporteP')],
    ),
  ]),
];

const PAGOS_20: readonly Step[] = [
  ...required('Version'),
  each(PAGOS, 'Totales', [
    ...optional('TotalRetencionesIVA', 'TotalRetencionesISR', 'TotalRetencionesIEPS'),
    ...optional('TotalTrasladosBaseIVA16', 'TotalTrasladosImpuestoIVA16'),
    ...optional('TotalTrasladosBaseIVA8', 'TotalTrasladosImpuestoIVA8'),
    ...optional('TotalTrasladosBaseIVA0', 'TotalTrasladosImpuestoIVA0'),
    ...optional('TotalTrasladosBaseIVAExento'),
    ...required('MontoTotalPagos'),
  ]),
  each(PAGOS, 'Pago', PAGO),
];

const TIMBRE: readonly Step[] = [
  ...required('Version', 'UUID', 'FechaTimbrado', 'RfcProvCertif'),
  ...optional('Leyenda'),
  ...required('SelloCFD', 'NoCertificadoSAT'),
];

/** Complementos in document order. What this table does not know must not be passed over in silence. */
function complementos(holder: XmlElement, out: string[]): void {
  for (const child of elementsOf(holder)) {
    const name = `{${child.uri}}${child.local}`;
    if (name === `{${PAGOS}}Pagos`) walk(child, PAGOS_20, out);
    else if (name !== `{${TFD}}TimbreFiscalDigital` || child.children.length > 0) throw new Unsupported(child);
  }
}

/**
 * The cadena original of a CFDI 4.0: what its Sello signs.
 * @throws Invalid when the root is no Comprobante 4.0
 * @throws Unsupported when it holds a complemento whose part of the cadena is not known here
 */
export function cadenaOriginal(comprobante: XmlElement): string {
  if (comprobante.uri !== CFDI || comprobante.local !== 'Comprobante') {
    throw new Invalid('El documento no es un Comprobante de CFDI 4.0.');
  }
  return written(comprobante, COMPROBANTE);
}

/** The cadena original of a Timbre Fiscal Digital 1.1: what SelloSAT signs. @throws Invalid when it is none */
export function cadenaDelTimbre(timbre: XmlElement): string {
  if (timbre.uri !== TFD || timbre.local !== 'TimbreFiscalDigital') {
    throw new Invalid('El elemento no es un Timbre Fiscal Digital.');
  }
  return written(timbre, TIMBRE);
}

function written(element: XmlElement, steps: readonly Step[]): string {
  const out: string[] = [];
  walk(element, steps, out);
  return `||${out.join('|')}||`;
}
