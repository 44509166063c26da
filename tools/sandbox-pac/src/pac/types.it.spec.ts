import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startJudge, type Change, type Judge } from './judged.conformance.ts';

let judge: Judge;
beforeAll(async () => {
  judge = await startJudge();
});
afterAll(() => judge.end());

const taxesOfLine = /<cfdi:Impuestos><cfdi:Traslados>.*?<\/cfdi:Impuestos>/;
const summary = /<cfdi:Impuestos TotalImpuestosTrasladados.*<\/cfdi:Impuestos>/;
const toGoods: readonly Change[] = [
  [/ FormaPago="03"| MetodoPago="PUE"/, ''],
  [
    'SubTotal="99.99" Moneda="MXN" Total="115.99" TipoDeComprobante="I"',
    'SubTotal="0" Moneda="XXX" Total="0" TipoDeComprobante="T"',
  ],
  ['UsoCFDI="G03"', 'UsoCFDI="S01"'],
  ['ObjetoImp="02"', 'ObjetoImp="01"'],
  [summary, ''],
  [taxesOfLine, ''],
];
const goods = (...changes: Change[]): Promise<string> => judge.changed(...toGoods, ...changes);

describe('the PAC judges credit notes and goods on the way', () => {
  it('stamps a credit note', async () => {
    const related =
      '<cfdi:CfdiRelacionados TipoRelacion="01"><cfdi:CfdiRelacionado UUID="7f4c2a52-3c5b-4f0e-9a6e-0d1c2b3a4f5e"/></cfdi:CfdiRelacionados>';
    const note: Change[] = [
      ['TipoDeComprobante="I"', 'TipoDeComprobante="E"'],
      ['UsoCFDI="G03"', 'UsoCFDI="G02"'],
      ['<cfdi:Emisor', `${related}<cfdi:Emisor`],
    ];
    expect(await judge.changed(...note)).toBe('stamped');
    expect(
      await judge.changed(...note, ['ValorUnitario="33.33" Importe="99.99"', 'ValorUnitario="0" Importe="0"']),
    ).toBe('CFDI40166');
  });

  it('stamps goods on the way, with and without a price', async () => {
    expect(await goods()).toBe('stamped');
    expect(await goods(['ValorUnitario="33.33" Importe="99.99"', 'ValorUnitario="0" Importe="0"'])).toBe('stamped');
  });

  it.each<[code: string, ...changes: Change[]]>([
    ['CFDI40109', ['SubTotal="0"', 'SubTotal="1"']],
    ['CFDI40119', [' Total="0"', ' Total="1"']],
    ['CFDI40103', ['SubTotal="0"', 'FormaPago="03" SubTotal="0"']],
    ['CFDI40125', ['LugarExpedicion=', 'MetodoPago="PUE" LugarExpedicion=']],
    ['CFDI40111', ['ObjetoImp="01"', 'Descuento="1.00" ObjetoImp="01"']],
    ['CFDI40201', ['</cfdi:Conceptos>', '</cfdi:Conceptos><cfdi:Impuestos TotalImpuestosTrasladados="0"/>']],
  ])('refuses goods on the way with %s', async (code, ...changes) => {
    expect(await goods(...changes)).toBe(code);
  });
});

describe('the PAC judges who receives and what a line holds', () => {
  const abroad: readonly Change[] = [
    ['Rfc="CACX7605101P8"', 'Rfc="XEXX010101000"'],
    [
      'DomicilioFiscalReceptor="36257"',
      'DomicilioFiscalReceptor="42501" ResidenciaFiscal="USA" NumRegIdTrib="123456789"',
    ],
    ['RegimenFiscalReceptor="612" UsoCFDI="G03"', 'RegimenFiscalReceptor="616" UsoCFDI="S01"'],
  ];

  it('stamps a foreign receiver', async () => {
    expect(await judge.changed(...abroad)).toBe('stamped');
    const back: Change[] = [
      ['TipoDeComprobante="I"', 'TipoDeComprobante="E"'],
      ['UsoCFDI="S01"', 'UsoCFDI="G02"'],
    ];
    expect(await judge.changed(...abroad, ...back)).toBe('stamped');
    expect(await judge.changed(...abroad, ['ResidenciaFiscal="USA"', 'ResidenciaFiscal="MEX"'])).toBe('CFDI40150');
    expect(await judge.changed(...abroad, [' ResidenciaFiscal="USA"', ''])).toBe('CFDI40150');
    expect(await judge.changed(['RegimenFiscalReceptor=', 'ResidenciaFiscal="USA" RegimenFiscalReceptor='])).toBe(
      'CFDI40150',
    );
  });

  const inLine =
    '<cfdi:ACuentaTerceros RfcACuentaTerceros="COSC8001137NA" NombreACuentaTerceros="XX" RegimenFiscalACuentaTerceros="612" DomicilioFiscalACuentaTerceros="06002"/>' +
    '<cfdi:InformacionAduanera NumeroPedimento="15  48  3009  0001234"/><cfdi:CuentaPredial Numero="1234"/>' +
    '<cfdi:Parte ClaveProdServ="01010101" Cantidad="2" Descripcion="x"><cfdi:InformacionAduanera NumeroPedimento="15  48  3009  0001234"/></cfdi:Parte>';
  const line = (inside: string): Promise<string> =>
    judge.changed(['</cfdi:Impuestos></cfdi:Concepto>', `</cfdi:Impuestos>${inside}</cfdi:Concepto>`]);

  it.each(['Ohm', 'Gd', 'X1w', '4K'])('stamps a line counted in %s', async (unit) => {
    expect(await judge.changed(['ClaveUnidad="H87"', `ClaveUnidad="${unit}"`])).toBe('stamped');
  });

  it('stamps a line for someone else, with customs, land and parts', async () => {
    expect(await line(inLine)).toBe('stamped');
    expect(await line(inLine.replaceAll('  48', ' 48'))).toBe('301');
    expect(await line(inLine.replace(/(<cfdi:InformacionAduanera [^>]*>)(<cfdi:CuentaPredial [^>]*>)/, '$2$1'))).toBe(
      '301',
    );
  });
});
