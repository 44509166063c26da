import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { readXml, writeXml, type XmlElement, type XmlNode } from '@nexora/comprobante';
import { describeWhen, satResource, satResources } from '@nexora/testing';
import fc from 'fast-check';
import { cadenaDelTimbre, cadenaOriginal } from './cadena-original.ts';
import { CFDI, PAGOS, TFD } from './espacios.ts';
import { Invalid, Unsupported } from './recorrido.ts';

const SHEETS = 'www.sat.gob.mx/sitio_internet/cfd';
const COMPROBANTE_SHEET = satResource(`${SHEETS}/4/cadenaoriginal_4_0/cadenaoriginal_4_0.xslt`);
const TIMBRE_SHEET = satResource(`${SHEETS}/TimbreFiscalDigital/cadenaoriginal_TFD_1_1.xslt`);
const canRun = {
  met: satResources.met && spawnSync('xsltproc', ['--version']).status === 0,
  otherwise: satResources.met ? 'xsltproc is not installed' : satResources.otherwise,
};
const SEED = Number(process.env['NEXORA_SEED'] ?? Date.now() % 2 ** 31);

const folder = mkdtempSync(join(tmpdir(), 'cadena-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What the tax authority's stylesheet gives for these bytes. */
function bySheet(sheet: string, bytes: Buffer): string {
  const file = join(folder, 'x.xml');
  writeFileSync(file, bytes);
  return execFileSync('xsltproc', [sheet, file], { stdio: ['ignore', 'pipe', 'ignore'] }).toString('utf8');
}

/* A generator of documents, right and wrong: the cadena judges neither schema nor seal. */
const words = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    'A & B',
    '"c" <d>',
    '  two  spaces ',
    'ñÑáü',
    '\u00a0nbsp\u00a0',
    '\u0085\u2028x',
    '|',
    '😀',
    "it's",
  ),
  fc
    .string({ unit: 'grapheme', maxLength: 12 })
    .map((text) => text.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD]/g, '')),
  fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\r', 'a', '\u00a0', 'é'), maxLength: 10 }),
);

/** An element of `uri` with some of these attributes, at times a foreign one, and children in between of white space. */
function element(
  uri: string,
  local: string,
  names: readonly string[],
  children: fc.Arbitrary<readonly XmlElement[]> = fc.constant([]),
): fc.Arbitrary<XmlElement> {
  const attributes = fc.record(Object.fromEntries(names.map((name) => [name, words])), { requiredKeys: [] });
  return fc.record({ attributes, children, indent: fc.constantFrom('', '\n  ') }).map((made) => ({
    prefix: '',
    local,
    uri,
    attributes: Object.entries(made.attributes as Record<string, string>).map(([name, value]) => ({
      prefix: '',
      local: name,
      uri: '',
      value,
    })),
    children: made.children.flatMap((child): XmlNode[] => (made.indent === '' ? [child] : [made.indent, child])),
  }));
}
const some = (one: fc.Arbitrary<XmlElement>, maxLength = 2): fc.Arbitrary<XmlElement[]> => fc.array(one, { maxLength });
const all = (...parts: fc.Arbitrary<XmlElement[]>[]): fc.Arbitrary<XmlElement[]> =>
  fc.tuple(...parts).map((lists) => lists.flat());

const taxes = ['Base', 'Impuesto', 'TipoFactor', 'TasaOCuota', 'Importe', 'Otro'];
const traslados = some(element(CFDI, 'Traslados', [], some(element(CFDI, 'Traslado', taxes))), 1);
const retenciones = some(element(CFDI, 'Retenciones', [], some(element(CFDI, 'Retencion', taxes))), 1);
const pedimentos = some(element(CFDI, 'InformacionAduanera', ['NumeroPedimento']));
const line = ['ClaveProdServ', 'NoIdentificacion', 'Cantidad', 'Unidad', 'Descripcion', 'ValorUnitario', 'Importe'];
const terceros = [
  'RfcACuentaTerceros',
  'NombreACuentaTerceros',
  'RegimenFiscalACuentaTerceros',
  'DomicilioFiscalACuentaTerceros',
];
const conceptos = some(
  element(
    CFDI,
    'Concepto',
    [...line, 'ClaveUnidad', 'Descuento', 'ObjetoImp'],
    all(
      some(element(CFDI, 'Impuestos', [], all(traslados, retenciones)), 1),
      some(element(CFDI, 'ACuentaTerceros', terceros), 1),
      pedimentos,
      some(element(CFDI, 'CuentaPredial', ['Numero'])),
      some(element(CFDI, 'Parte', line, pedimentos)),
    ),
  ),
  3,
);
const dr = ['BaseDR', 'ImpuestoDR', 'TipoFactorDR', 'TasaOCuotaDR', 'ImporteDR'];
const p = ['BaseP', 'ImpuestoP', 'TipoFactorP', 'TasaOCuotaP', 'ImporteP'];
const docto = element(
  PAGOS,
  'DoctoRelacionado',
  [
    'IdDocumento',
    'Serie',
    'Folio',
    'MonedaDR',
    'EquivalenciaDR',
    'NumParcialidad',
    'ImpSaldoAnt',
    'ImpPagado',
    'ImpSaldoInsoluto',
    'ObjetoImpDR',
  ],
  some(
    element(
      PAGOS,
      'ImpuestosDR',
      [],
      all(
        some(element(PAGOS, 'TrasladosDR', [], some(element(PAGOS, 'TrasladoDR', dr))), 1),
        some(element(PAGOS, 'RetencionesDR', [], some(element(PAGOS, 'RetencionDR', dr))), 1),
      ),
    ),
    1,
  ),
);
const pago = element(
  PAGOS,
  'Pago',
  [
    'FechaPago',
    'FormaDePagoP',
    'MonedaP',
    'TipoCambioP',
    'Monto',
    'NumOperacion',
    'RfcEmisorCtaOrd',
    'NomBancoOrdExt',
    'CtaOrdenante',
    'RfcEmisorCtaBen',
    'CtaBeneficiario',
    'TipoCadPago',
    'CertPago',
    'CadPago',
    'SelloPago',
  ],
  all(
    some(
      element(
        PAGOS,
        'ImpuestosP',
        [],
        all(
          some(element(PAGOS, 'TrasladosP', [], some(element(PAGOS, 'TrasladoP', p))), 1),
          some(element(PAGOS, 'RetencionesP', [], some(element(PAGOS, 'RetencionP', p))), 1),
        ),
      ),
      1,
    ),
    some(docto),
  ),
);
const totales = [
  'RetencionesIVA',
  'RetencionesISR',
  'RetencionesIEPS',
  'TrasladosBaseIVA16',
  'TrasladosImpuestoIVA16',
  'TrasladosBaseIVA8',
  'TrasladosImpuestoIVA8',
  'TrasladosBaseIVA0',
  'TrasladosImpuestoIVA0',
  'TrasladosBaseIVAExento',
];
const pagos = element(
  PAGOS,
  'Pagos',
  ['Version'],
  all(some(pago), some(element(PAGOS, 'Totales', [...totales.map((name) => `Total${name}`), 'MontoTotalPagos']), 1)),
);
const timbre = element(TFD, 'TimbreFiscalDigital', [
  ...['Version', 'UUID', 'FechaTimbrado', 'RfcProvCertif', 'Leyenda', 'SelloCFD', 'NoCertificadoSAT', 'SelloSAT'],
]);
const comprobante = element(
  CFDI,
  'Comprobante',
  [
    'Version',
    'Serie',
    'Folio',
    'Fecha',
    'Sello',
    'FormaPago',
    'NoCertificado',
    'Certificado',
    'CondicionesDePago',
    'SubTotal',
    'Descuento',
    'Moneda',
    'TipoCambio',
    'Total',
    'TipoDeComprobante',
    'Exportacion',
    'MetodoPago',
    'LugarExpedicion',
    'Confirmacion',
    'Otro',
  ],
  all(
    some(element(CFDI, 'InformacionGlobal', ['Periodicidad', 'Meses', 'Año']), 1),
    some(element(CFDI, 'CfdiRelacionados', ['TipoRelacion'], some(element(CFDI, 'CfdiRelacionado', ['UUID'])))),
    some(element(CFDI, 'Emisor', ['Rfc', 'Nombre', 'RegimenFiscal', 'FacAtrAdquirente']), 1),
    some(
      element(CFDI, 'Receptor', [
        'Rfc',
        'Nombre',
        'DomicilioFiscalReceptor',
        'ResidenciaFiscal',
        'NumRegIdTrib',
        'RegimenFiscalReceptor',
        'UsoCFDI',
      ]),
      1,
    ),
    some(element(CFDI, 'Conceptos', [], conceptos), 1),
    some(
      element(CFDI, 'Impuestos', ['TotalImpuestosRetenidos', 'TotalImpuestosTrasladados'], all(traslados, retenciones)),
      1,
    ),
    some(element(CFDI, 'Complemento', [], all(some(timbre, 1), some(pagos, 1))), 1),
    some(element(CFDI, 'Addenda', [], some(element('urn:x', 'Pedido', ['Serie']), 1)), 1),
  ),
);

/** How the document lies on the disk: any prefix, any encoding, the mark or none. */
const dress = fc.record({
  prefixes: fc.constantFrom({ [CFDI]: 'cfdi' }, { [CFDI]: '' }, { [CFDI]: 'x', [TFD]: 't', [PAGOS]: 'cfdi' }),
  encoding: fc.constantFrom('utf8', 'mark', 'latin1', 'undeclared'),
});
type Dress = typeof dress extends fc.Arbitrary<infer D> ? D : never;

function dressed(root: XmlElement, { prefixes, encoding }: Dress): Buffer {
  const known: Readonly<Record<string, string>> = { [TFD]: 'tfd', [PAGOS]: 'pago20', 'urn:x': 'p', ...prefixes };
  const withPrefix = (one: XmlElement): XmlElement => ({
    ...one,
    prefix: known[one.uri] ?? '',
    children: one.children.map((child) => (typeof child === 'string' ? child : withPrefix(child))),
  });
  const declarations = Object.entries(known).map(([uri, prefix]) =>
    prefix === ''
      ? { prefix: '', local: 'xmlns', uri: '', value: uri }
      : { prefix: 'xmlns', local: prefix, uri: '', value: uri },
  );
  const whole = withPrefix(root);
  const text = writeXml({ ...whole, attributes: [...declarations, ...whole.attributes] });
  if (encoding === 'undeclared') return Buffer.from(text);
  if (encoding === 'latin1') {
    const plain = text.replace(/[^\u0000-\u00ff]/gu, (char) => `&#${char.codePointAt(0)};`);
    return Buffer.from(`<?xml version="1.0" encoding="ISO-8859-1"?>\n<!-- a comment -->${plain}`, 'latin1');
  }
  const bytes = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\r\n${text}\n`);
  return encoding === 'mark' ? Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]) : bytes;
}

describeWhen(canRun)(`the cadena original against the SAT's stylesheets (seed ${SEED})`, () => {
  it('is the same, byte by byte, for every Comprobante of a generated corpus', () => {
    fc.assert(
      fc.property(comprobante, dress, (root, how) => {
        const bytes = dressed(root, how);
        expect(cadenaOriginal(readXml(bytes).root)).toBe(bySheet(COMPROBANTE_SHEET, bytes));
      }),
      { numRuns: 200, seed: SEED },
    );
  }, 120_000);

  it('is the same, byte by byte, for every stamp of a generated corpus', () => {
    fc.assert(
      fc.property(timbre, dress, (root, how) => {
        const bytes = dressed(root, how);
        expect(cadenaDelTimbre(readXml(bytes).root)).toBe(bySheet(TIMBRE_SHEET, bytes));
      }),
      { numRuns: 60, seed: SEED },
    );
  }, 60_000);
});

describe('cadenaOriginal', () => {
  const of = (xml: string): string => cadenaOriginal(readXml(xml).root);
  const ns = `xmlns:cfdi="${CFDI}"`;

  it.each([
    ['another root', `<cfdi:Otro ${ns}/>`],
    ['CFDI 3.3', '<cfdi:Comprobante xmlns:cfdi="http://www.sat.gob.mx/cfd/3" Version="3.3"/>'],
    ['the right name in no namespace', '<Comprobante/>'],
  ])('refuses %s', (_what, xml) => {
    expect(() => of(xml)).toThrow(Invalid);
  });

  it.each([
    ['a complemento', `<cfdi:Complemento><n:Nomina xmlns:n="http://www.sat.gob.mx/nomina12"/></cfdi:Complemento>`],
    [
      'an older complemento of payments',
      `<cfdi:Complemento><n:Pagos xmlns:n="http://www.sat.gob.mx/Pagos"/></cfdi:Complemento>`,
    ],
    [
      'a complemento of a line',
      `<cfdi:Conceptos><cfdi:Concepto><cfdi:ComplementoConcepto><i:instEducativas xmlns:i="http://www.sat.gob.mx/iedu"/></cfdi:ComplementoConcepto></cfdi:Concepto></cfdi:Conceptos>`,
    ],
  ])('fails closed on %s that it does not know', (_what, inside) => {
    expect(() => of(`<cfdi:Comprobante ${ns}>${inside}</cfdi:Comprobante>`)).toThrow(Unsupported);
  });

  it('takes the Comprobante of another prefix and none of another namespace', () => {
    const same = `<c:Comprobante xmlns:c="${CFDI}" xmlns:cfdi="urn:other" Version="4.0" cfdi:Serie="X"><cfdi:Emisor Rfc="X"/><c:Emisor Rfc="R"/></c:Comprobante>`;
    expect(of(same)).toMatch(/^\|\|4\.0\|+R\|\|\|\|$/);
    expect(of(same)).not.toContain('X');
  });
});
