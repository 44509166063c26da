/** Attributes and children that a random element may have; `*` any number, else at most one. */
interface Shape {
  readonly attributes: string;
  readonly children?: readonly (readonly [name: string, shape: Shape, many?: boolean])[];
}

const transfer: Shape = { attributes: 'Base Impuesto TipoFactor TasaOCuota Importe' };
const customs: Shape = { attributes: 'NumeroPedimento' };
const part: Shape = {
  attributes: 'ClaveProdServ NoIdentificacion Cantidad Unidad Descripcion ValorUnitario Importe',
  children: [['cfdi:InformacionAduanera', customs, true]],
};

function taxes(order: 'concept' | 'summary'): Shape {
  const transfers = ['cfdi:Traslados', { attributes: '', children: [['cfdi:Traslado', transfer, true]] }] as const;
  const withheld = ['cfdi:Retenciones', { attributes: '', children: [['cfdi:Retencion', transfer, true]] }] as const;
  return order === 'concept'
    ? { attributes: '', children: [transfers, withheld] }
    : { attributes: 'TotalImpuestosRetenidos TotalImpuestosTrasladados', children: [withheld, transfers] };
}

const concept: Shape = {
  attributes:
    'ClaveProdServ NoIdentificacion Cantidad ClaveUnidad Unidad Descripcion ValorUnitario Importe Descuento ObjetoImp',
  children: [
    ['cfdi:Impuestos', taxes('concept')],
    [
      'cfdi:ACuentaTerceros',
      {
        attributes:
          'RfcACuentaTerceros NombreACuentaTerceros RegimenFiscalACuentaTerceros DomicilioFiscalACuentaTerceros',
      },
    ],
    ['cfdi:InformacionAduanera', customs, true],
    ['cfdi:CuentaPredial', { attributes: 'Numero' }, true],
    ['cfdi:Parte', part, true],
  ],
};

const taxesOfDocument: Shape = {
  attributes: '',
  children: [
    [
      'pago20:RetencionesDR',
      {
        attributes: '',
        children: [
          ['pago20:RetencionDR', { attributes: 'BaseDR ImpuestoDR TipoFactorDR TasaOCuotaDR ImporteDR' }, true],
        ],
      },
    ],
    [
      'pago20:TrasladosDR',
      {
        attributes: '',
        children: [
          ['pago20:TrasladoDR', { attributes: 'BaseDR ImpuestoDR TipoFactorDR TasaOCuotaDR ImporteDR' }, true],
        ],
      },
    ],
  ],
};
const taxesOfPayment: Shape = {
  attributes: '',
  children: [
    [
      'pago20:RetencionesP',
      { attributes: '', children: [['pago20:RetencionP', { attributes: 'ImpuestoP ImporteP' }, true]] },
    ],
    [
      'pago20:TrasladosP',
      {
        attributes: '',
        children: [['pago20:TrasladoP', { attributes: 'BaseP ImpuestoP TipoFactorP TasaOCuotaP ImporteP' }, true]],
      },
    ],
  ],
};
const paidDocument: Shape = {
  attributes:
    'IdDocumento Serie Folio MonedaDR EquivalenciaDR NumParcialidad ImpSaldoAnt ImpPagado ImpSaldoInsoluto ObjetoImpDR',
  children: [['pago20:ImpuestosDR', taxesOfDocument]],
};
const payments: Shape = {
  attributes: 'Version',
  children: [
    [
      'pago20:Totales',
      {
        attributes:
          'TotalRetencionesIVA TotalRetencionesISR TotalRetencionesIEPS TotalTrasladosBaseIVA16 TotalTrasladosImpuestoIVA16 TotalTrasladosBaseIVA8 TotalTrasladosImpuestoIVA8 TotalTrasladosBaseIVA0 TotalTrasladosImpuestoIVA0 TotalTrasladosBaseIVAExento MontoTotalPagos',
      },
    ],
    [
      'pago20:Pago',
      {
        attributes:
          'FechaPago FormaDePagoP MonedaP TipoCambioP Monto NumOperacion RfcEmisorCtaOrd NomBancoOrdExt CtaOrdenante RfcEmisorCtaBen CtaBeneficiario TipoCadPago CertPago CadPago SelloPago',
        children: [
          ['pago20:DoctoRelacionado', paidDocument, true],
          ['pago20:ImpuestosP', taxesOfPayment],
        ],
      },
      true,
    ],
  ],
};

const comprobante: Shape = {
  attributes:
    'Version Serie Folio Fecha Sello FormaPago NoCertificado Certificado CondicionesDePago SubTotal Descuento Moneda TipoCambio Total TipoDeComprobante Exportacion MetodoPago LugarExpedicion Confirmacion',
  children: [
    ['cfdi:InformacionGlobal', { attributes: 'Periodicidad Meses Año' }],
    [
      'cfdi:CfdiRelacionados',
      { attributes: 'TipoRelacion', children: [['cfdi:CfdiRelacionado', { attributes: 'UUID' }, true]] },
      true,
    ],
    ['cfdi:Emisor', { attributes: 'Rfc Nombre RegimenFiscal FacAtrAdquirente' }],
    [
      'cfdi:Receptor',
      { attributes: 'Rfc Nombre DomicilioFiscalReceptor ResidenciaFiscal NumRegIdTrib RegimenFiscalReceptor UsoCFDI' },
    ],
    ['cfdi:Conceptos', { attributes: '', children: [['cfdi:Concepto', concept, true]] }],
    ['cfdi:Impuestos', taxes('summary')],
    ['cfdi:Complemento', { attributes: '', children: [['pago20:Pagos', payments]] }],
    ['cfdi:Addenda', { attributes: '', children: [['cfdi:Parte', part]] }],
  ],
};

const pieces = [
  'Café',
  '&amp;',
  '&lt;',
  '&quot;',
  '&#241;',
  'Ñ',
  ' ',
  '  ',
  '&#9;',
  '&#10;',
  '\n',
  '\t',
  '\u00A0',
  '\u2028',
  '|',
  "'",
  '😀',
  '0.160000',
  '',
];

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function write(name: string, shape: Shape, random: () => number, extra = ''): string {
  const value = (): string =>
    Array.from({ length: Math.floor(random() * 4) }, () => pieces[Math.floor(random() * pieces.length)]).join('');
  const attributes = shape.attributes.split(' ').filter((attribute) => attribute !== '' && random() < 0.8);
  // The order of attributes means nothing: it is turned around half the time.
  const ordered = random() < 0.5 ? attributes : attributes.reverse();
  const children = (shape.children ?? []).flatMap(([child, childShape, many = false]) => {
    const count = many ? Math.floor(random() * 3) : random() < 0.7 ? 1 : 0;
    return Array.from({ length: count }, () => write(child, childShape, random));
  });
  const start = `<${name}${extra}${ordered.map((attribute) => ` ${attribute}="${value()}"`).join('')}`;
  return children.length === 0 && random() < 0.5 ? `${start}/>` : `${start}>${children.join('\n')}</${name}>`;
}

/** Documents of random shape and content for comparing readings of the cadena original; not one could be stamped. */
export function randomComprobantes(seed: number, count: number): string[] {
  const random = randomOf(seed);
  const spaces = ' xmlns:cfdi="http://www.sat.gob.mx/cfd/4" xmlns:pago20="http://www.sat.gob.mx/Pagos20"';
  return Array.from({ length: count }, () => write('cfdi:Comprobante', comprobante, random, spaces));
}
