import { namespaces, type XmlElement } from './document.ts';
import { Refusal } from './refusal.ts';

/** Shape of values, named as the grammar below names them. */
const patterns: Record<string, RegExp> = {
  amount: /^[0-9]{1,18}(\.[0-9]{1,6})?$/,
  pesos: /^[0-9]{1,18}(\.[0-9]{1,2})?$/,
  decimal: /^[0-9]{1,18}(\.[0-9]{1,6})?$/,
  rate: /^[0-9]{1,18}(\.[0-9]{1,10})?$/,
  text: /^[^|]{1,1000}$/u,
  any: /^[^]*$/,
  date: /^20[1-9][0-9]-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$/,
  rfc: /^[A-Z&Ñ]{3,4}[0-9]{2}(0[1-9]|1[012])(0[1-9]|[12][0-9]|3[01])[A-Z0-9]{2}[0-9A]$/u,
  postal: /^[0-9]{5}$/,
  digits20: /^[0-9]{20}$/,
  uuid: /^[a-fA-F0-9]{8}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{12}$/,
  product: /^[0-9]{8}$/,
  unit: /^[A-Za-z0-9]{2,3}$/,
  currency: /^[A-Z]{3}$/,
  country: /^[A-Z]{3}$/,
  form: /^(0[1-68]|1[2-57]|2[3-9]|3[01]|99)$/,
  method: /^(PUE|PPD)$/,
  type: /^[IETNP]$/,
  export: /^0[1-4]$/,
  object: /^0[1-8]$/,
  tax: /^00[123]$/,
  factor: /^(Tasa|Cuota|Exento)$/,
  regime: /^6(0[135678]|1[0-24-6]|2[0-6])$/,
  use: /^(CN01|CP01|D0[1-9]|D10|G0[1-3]|I0[1-8]|S01)$/,
  relation: /^0[1-7]$/,
  period: /^0[1-5]$/,
  months: /^(0[1-9]|1[0-8])$/,
  year: /^20[0-9]{2}$/,
  pedimento: /^[0-9]{2} {2}[0-9]{2} {2}[0-9]{4} {2}[0-9]{7}$/,
  partial: /^[1-9][0-9]{0,2}$/,
  text100: /^[^|]{1,100}$/u,
  document:
    /^([a-fA-F0-9]{8}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{12}|[0-9]{3}-[0-9]{2}-[0-9]{9})$/,
  bank: /^(XEXX010101000|[A-Z&Ñ]{3}[0-9]{2}(0[1-9]|1[012])(0[1-9]|[12][0-9]|3[01])[A-Z0-9]{2}[0-9A])$/u,
  homeBank: /^[A-Z&Ñ]{3}[0-9]{2}(0[1-9]|1[012])(0[1-9]|[12][0-9]|3[01])[A-Z0-9]{2}[0-9A]$/u,
  account: /^[A-Z0-9_]{10,50}$/,
  proof: /^01$/,
  base64: /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/,
  proofText: /^[^]{1,8192}$/u,
  v40: /^4\.0$/,
  v20: /^2\.0$/,
};

/** Element → its attributes (`name:pattern`, `?` when optional) and its children in order, as regular expressions count. */
const grammar: Record<string, { attributes: string; children?: string }> = {
  Comprobante: {
    attributes:
      'Version:v40 Serie:text? Folio:text? Fecha:date Sello:any FormaPago:form? NoCertificado:digits20 Certificado:any ' +
      'CondicionesDePago:text? SubTotal:amount Descuento:amount? Moneda:currency TipoCambio:decimal? Total:amount ' +
      'TipoDeComprobante:type Exportacion:export MetodoPago:method? LugarExpedicion:postal Confirmacion:any?',
    children: 'InformacionGlobal? CfdiRelacionados* Emisor Receptor Conceptos Impuestos? Complemento? Addenda?',
  },
  InformacionGlobal: { attributes: 'Periodicidad:period Meses:months Año:year' },
  CfdiRelacionados: { attributes: 'TipoRelacion:relation', children: 'CfdiRelacionado+' },
  CfdiRelacionado: { attributes: 'UUID:uuid' },
  Emisor: { attributes: 'Rfc:rfc Nombre:text RegimenFiscal:regime FacAtrAdquirente:any?' },
  Receptor: {
    attributes:
      'Rfc:rfc Nombre:text DomicilioFiscalReceptor:postal ResidenciaFiscal:country? NumRegIdTrib:text? ' +
      'RegimenFiscalReceptor:regime UsoCFDI:use',
  },
  Conceptos: { attributes: '', children: 'Concepto+' },
  Concepto: {
    attributes:
      'ClaveProdServ:product NoIdentificacion:text? Cantidad:decimal ClaveUnidad:unit Unidad:text? Descripcion:text ' +
      'ValorUnitario:amount Importe:amount Descuento:amount? ObjetoImp:object',
    children: 'Impuestos? ACuentaTerceros? InformacionAduanera* CuentaPredial* ComplementoConcepto? Parte*',
  },
  'Concepto/Impuestos': { attributes: '', children: 'Traslados? Retenciones?' },
  'Comprobante/Impuestos': {
    attributes: 'TotalImpuestosRetenidos:amount? TotalImpuestosTrasladados:amount?',
    children: 'Retenciones? Traslados?',
  },
  Traslados: { attributes: '', children: 'Traslado+' },
  Retenciones: { attributes: '', children: 'Retencion+' },
  Traslado: { attributes: 'Base:decimal Impuesto:tax TipoFactor:factor TasaOCuota:decimal? Importe:amount?' },
  'Concepto/Retencion': { attributes: 'Base:decimal Impuesto:tax TipoFactor:factor TasaOCuota:decimal Importe:amount' },
  'Comprobante/Retencion': { attributes: 'Impuesto:tax Importe:amount' },
  ACuentaTerceros: {
    attributes:
      'RfcACuentaTerceros:rfc NombreACuentaTerceros:text RegimenFiscalACuentaTerceros:regime DomicilioFiscalACuentaTerceros:postal',
  },
  InformacionAduanera: { attributes: 'NumeroPedimento:pedimento' },
  CuentaPredial: { attributes: 'Numero:text' },
  Parte: {
    attributes:
      'ClaveProdServ:product NoIdentificacion:text? Cantidad:decimal Unidad:text? Descripcion:text ValorUnitario:amount? Importe:amount?',
    children: 'InformacionAduanera*',
  },
  Pagos: { attributes: 'Version:v20', children: 'Totales Pago+' },
  Totales: {
    attributes:
      'TotalRetencionesIVA:pesos? TotalRetencionesISR:pesos? TotalRetencionesIEPS:pesos? TotalTrasladosBaseIVA16:pesos? ' +
      'TotalTrasladosImpuestoIVA16:pesos? TotalTrasladosBaseIVA8:pesos? TotalTrasladosImpuestoIVA8:pesos? ' +
      'TotalTrasladosBaseIVA0:pesos? TotalTrasladosImpuestoIVA0:pesos? TotalTrasladosBaseIVAExento:pesos? MontoTotalPagos:pesos',
  },
  Pago: {
    attributes:
      'FechaPago:date FormaDePagoP:form MonedaP:currency TipoCambioP:decimal? Monto:amount NumOperacion:text100? ' +
      'RfcEmisorCtaOrd:bank? NomBancoOrdExt:text? CtaOrdenante:account? RfcEmisorCtaBen:homeBank? ' +
      'CtaBeneficiario:account? TipoCadPago:proof? CertPago:base64? CadPago:proofText? SelloPago:base64?',
    children: 'DoctoRelacionado+ ImpuestosP?',
  },
  DoctoRelacionado: {
    attributes:
      'IdDocumento:document Serie:text? Folio:text? MonedaDR:currency EquivalenciaDR:rate? NumParcialidad:partial ' +
      'ImpSaldoAnt:amount ImpPagado:amount ImpSaldoInsoluto:amount ObjetoImpDR:object',
    children: 'ImpuestosDR?',
  },
  ImpuestosDR: { attributes: '', children: 'RetencionesDR? TrasladosDR?' },
  RetencionesDR: { attributes: '', children: 'RetencionDR+' },
  TrasladosDR: { attributes: '', children: 'TrasladoDR+' },
  RetencionDR: {
    attributes: 'BaseDR:decimal ImpuestoDR:tax TipoFactorDR:factor TasaOCuotaDR:decimal ImporteDR:amount',
  },
  TrasladoDR: {
    attributes: 'BaseDR:decimal ImpuestoDR:tax TipoFactorDR:factor TasaOCuotaDR:decimal? ImporteDR:amount?',
  },
  ImpuestosP: { attributes: '', children: 'RetencionesP? TrasladosP?' },
  RetencionesP: { attributes: '', children: 'RetencionP+' },
  TrasladosP: { attributes: '', children: 'TrasladoP+' },
  RetencionP: { attributes: 'ImpuestoP:tax ImporteP:amount' },
  TrasladoP: { attributes: 'BaseP:amount ImpuestoP:tax TipoFactorP:factor TasaOCuotaP:decimal? ImporteP:amount?' },
};

interface Rule {
  readonly attributes: ReadonlyMap<string, { pattern: RegExp; optional: boolean }>;
  readonly children: RegExp;
}

function compile({ attributes, children = '' }: { attributes: string; children?: string }): Rule {
  const entries = attributes.split(' ').filter(Boolean);
  const order = children.split(' ').filter(Boolean);
  return {
    attributes: new Map(
      entries.map((entry) => {
        const [name = '', pattern = ''] = entry.replace('?', '').split(':');
        return [name, { pattern: patterns[pattern] ?? /$^/, optional: entry.endsWith('?') }] as const;
      }),
    ),
    children: new RegExp(`^${order.map((item) => item.replace(/^(\p{L}+)([?*+]?)$/u, '(?:$1 )$2')).join('')}$`, 'u'),
  };
}

const rules = new Map(Object.entries(grammar).map(([name, entry]) => [name, compile(entry)]));
/** Whatever stands in these is not the grammar's business: complements are looked at by name, an addenda not at all. */
const open = new Set(['Complemento', 'ComplementoConcepto', 'Addenda']);

function fail(element: XmlElement, what: string): never {
  throw new Refusal('301', `${element.name}: ${what}`);
}

/** The one attribute whose spaces count: the schema wants two of them between its parts. */
const kept = new Set(['NumeroPedimento']);

/** White space as the schemas collapse it: a no-break space is none. */
function collapsed(value: string | undefined): string | undefined {
  return value?.replace(/[\t\n\r ]+/g, ' ').replace(/^ | $/g, '');
}

function checkAttributes(element: XmlElement, rule: Rule): void {
  for (const [name, { pattern, optional }] of rule.attributes) {
    const value = kept.has(name) ? element.attributes.get(name) : collapsed(element.attributes.get(name));
    if (value === undefined && !optional) fail(element, `falta el atributo ${name}`);
    if (value !== undefined && !pattern.test(value)) fail(element, `el atributo ${name} no cumple con el patrón`);
  }
  for (const name of element.attributes.keys()) {
    if (!rule.attributes.has(name)) fail(element, `el atributo ${name} no existe en el esquema`);
  }
}

function checkElement(element: XmlElement, section: string): void {
  if (open.has(element.name)) return;
  const within = element.name === 'Concepto' ? 'Concepto' : section;
  const rule = rules.get(`${within}/${element.name}`) ?? rules.get(element.name);
  if (rule === undefined) fail(element, 'el elemento no existe en el esquema');
  checkAttributes(element, rule);
  if (collapsed(element.text) !== '') fail(element, 'no admite texto');
  for (const child of element.children) {
    if (child.namespace !== element.namespace) fail(child, `no puede estar en ${element.name}`);
  }
  if (!rule.children.test(element.children.map((child) => `${child.name} `).join(''))) {
    fail(element, 'sus elementos faltan, sobran o están en otro orden');
  }
  for (const child of element.children) checkElement(child, within);
}

/**
 * Own structural check in place of the XSD: elements, their order and number, attributes, patterns and small catalogues
 * (product keys, units and postal codes by pattern only). Errors: Refusal 301 naming element and attribute.
 */
export function checkStructure(root: XmlElement): void {
  if (root.namespace !== namespaces.cfdi || root.name !== 'Comprobante') fail(root, 'no es un CFDI 4.0');
  checkElement(root, 'Comprobante');
  const complements = root.children.find((child) => child.name === 'Complemento')?.children ?? [];
  for (const complement of complements)
    if (complement.namespace === namespaces.pagos) checkElement(complement, 'Pagos');
}
