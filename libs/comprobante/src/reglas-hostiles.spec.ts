import { describe, expect, it } from '@jest/globals';
import { parseDocumento, type Concepto, type Documento } from './documento.ts';
import { ejemploDeIngreso } from './ejemplo.ts';
import { MOST_FALTAS, type Falta } from './falta.ts';
import { judge, put } from './reglas.conformance.ts';

const [LINE] = ejemploDeIngreso().conceptos as [Concepto];

/** The example with so many lines. */
function ofLines(count: number, changes: Partial<Concepto> = {}): Documento {
  return ejemploDeIngreso({ conceptos: Array.from({ length: count }, () => ({ ...LINE, ...changes })) });
}
function malformed(json: unknown): readonly Falta[] {
  const parsed = parseDocumento(json);
  return 'faltas' in parsed ? parsed.faltas : [];
}

describe('a figure that is none', () => {
  it.each([
    ['1.0000001', 'conceptos[0].cantidad tiene más de 6 decimales.'],
    ['-1', 'conceptos[0].cantidad es negativo.'],
    ['-0.01', 'conceptos[0].cantidad es negativo.'],
    ['1234567890123456789', 'conceptos[0].cantidad tiene más de 18 enteros.'],
    ['1,115.99', 'conceptos[0].cantidad lleva comas.'],
    ['1e3', 'conceptos[0].cantidad lleva exponente.'],
    ['', 'conceptos[0].cantidad está vacío.'],
    ['tres', 'conceptos[0].cantidad no es un número decimal.'],
    [' 3', 'conceptos[0].cantidad no es un número decimal.'],
    ['3.', 'conceptos[0].cantidad no es un número decimal.'],
    ['NaN', 'conceptos[0].cantidad no es un número decimal.'],
    ['٣', 'conceptos[0].cantidad no es un número decimal.'],
    ['9'.repeat(1_000_000), 'conceptos[0].cantidad tiene más de 18 enteros.'],
  ])('%.20s is refused with its fault and the remedy', (cantidad, message) => {
    expect(judge(put({ 'conceptos[0].cantidad': cantidad }))).toMatchObject([{ message, code: 'cfdi.pattern' }]);
  });

  it('shows both figures where sums do not agree', () => {
    expect(judge(put({ subTotal: '100' }))).toMatchObject([{ message: 'subTotal dice 100 y la suma da 99.99.' }]);
  });

  it.each([
    ['a discount hides', '500000000000000000'],
    ['nothing hides', '0'],
  ])('refuses a sum of more than 18 whole digits that %s', (_what, descuento) => {
    const line = { ...LINE, cantidad: '1', valorUnitario: '600000000000000000', descuento };
    expect(judge(ejemploDeIngreso({ conceptos: [line, line] }))).toMatchObject([{ path: 'total', code: 'cfdi.range' }]);
  });

  it('shows a total below zero', () => {
    const retencion = { impuesto: '001', tipoFactor: 'Tasa', tasaOCuota: '0.35' };
    const found = judge(put({ 'conceptos[0].impuestos': { retenciones: [retencion, retencion, retencion] } }));
    expect(found).toMatchObject([{ path: 'total', message: 'El total queda negativo: -5.00.' }]);
  });
});

describe('a document of too much', () => {
  it('may have 10,000 lines', () => {
    expect(judge(ofLines(10_000))).toEqual([]);
  });

  it('may not have 10,001, and is told so once, whatever else is wrong with each', () => {
    const found = judge(ofLines(10_001, { cantidad: '-1' }));
    expect(found).toMatchObject([
      {
        path: 'conceptos',
        code: 'cfdi.range',
        message: 'El comprobante tiene 10001 conceptos y se admiten 10000.',
        remedy: 'Divida la venta en varios comprobantes.',
      },
    ]);
  });

  it('is told a hundred faults at most, of rules and of shape', () => {
    expect(judge(ofLines(10_000, { cantidad: '-1', descripcion: '' }))).toHaveLength(MOST_FALTAS);
    expect(malformed(ofLines(10_000, { cantidad: 1 } as never))).toHaveLength(MOST_FALTAS);
    const fields = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`campo${at}`, at]));
    expect(malformed({ ...ejemploDeIngreso(), ...fields })).toHaveLength(MOST_FALTAS);
  });

  it.each([
    ['conceptos[0].descripcion', 'cfdi.length'],
    ['receptor.nombre', 'cfdi.length'],
    ['serie', 'cfdi.length'],
    ['receptor.rfc', 'cfdi.pattern'],
    ['receptor.email', 'cfdi.length'],
    ['tipo', 'cfdi.catalogue'],
    ['moneda', 'cfdi.catalogue'],
  ])('does not repeat a very long %s', (path, code) => {
    const found = judge(put({ [path]: 'x'.repeat(1_000_000) }));
    expect(found[0]).toMatchObject({ path, code });
    expect(JSON.stringify(found).length).toBeLessThan(1000);
  });

  it('does not repeat the whole of a very long unknown name', () => {
    expect(JSON.stringify(malformed({ ...ejemploDeIngreso(), ['x'.repeat(1_000_000)]: 1 })).length).toBeLessThan(1000);
  });
});

describe('a text', () => {
  const tercero = { rfc: 'H&E951128469', nombre: 'X', regimenFiscal: '601', domicilioFiscal: '06002' };
  const parte = { claveProdServ: '50201706', cantidad: '1', descripcion: 'x' };
  const full = put({ 'conceptos[0].aCuentaTerceros': tercero, 'conceptos[0].partes': [parte] });

  it.each([
    ['externalId', 100],
    ['serie', 25],
    ['folio', 40],
    ['condicionesDePago', 1000],
    ['receptor.nombre', 300],
    ['conceptos[0].noIdentificacion', 100],
    ['conceptos[0].unidad', 20],
    ['conceptos[0].descripcion', 1000],
    ['conceptos[0].aCuentaTerceros.nombre', 300],
    ['conceptos[0].partes[0].noIdentificacion', 100],
    ['conceptos[0].partes[0].unidad', 20],
    ['conceptos[0].partes[0].descripcion', 1000],
  ])('of %s has %d characters at most, however many bytes each has', (path, most) => {
    expect(judge(put({ [path]: '🪅'.repeat(most) }, full))).toEqual([]);
    expect(judge(put({ [path]: '🪅'.repeat(most + 1) }, full))).toMatchObject([
      { path, code: 'cfdi.length', message: `${path} pasa de ${most} caracteres.` },
    ]);
  });
});

describe('a text that no XML can carry', () => {
  it.each([
    ['a bar', 'a|b'],
    ['a bell', 'a\u0007b'],
    ['a NUL', 'a\u0000b'],
    ['half a surrogate pair', 'a\ud83d'],
    ['the other half', '\ude00b'],
    ['a noncharacter', 'a\uffff'],
  ])('%s is refused in every text', (_what, text) => {
    const everywhere = {
      serie: text,
      folio: text,
      condicionesDePago: text,
      'receptor.nombre': text,
      'conceptos[0].noIdentificacion': text,
      'conceptos[0].unidad': text,
      'conceptos[0].descripcion': text,
      'conceptos[0].aCuentaTerceros': {
        rfc: 'H&E951128469',
        nombre: text,
        regimenFiscal: '601',
        domicilioFiscal: '06002',
      },
      'conceptos[0].partes': [{ claveProdServ: '50201706', cantidad: '1', descripcion: text, unidad: text }],
    };
    const found = judge(put(everywhere));
    expect(found.map(({ code }) => code)).toEqual(Array.from({ length: 10 }, () => 'cfdi.character'));
    expect(JSON.stringify(found)).not.toContain(JSON.stringify(text).slice(1, -1));
  });

  it('is refused in an addenda too', () => {
    for (const text of ['\u0000', '\u0007', '\ud83d', '\uffff']) {
      expect(judge(put({ addenda: `<a>${text}</a>` }))).toMatchObject([{ path: 'addenda', code: 'cfdi.addenda' }]);
    }
  });

  it('is another thing than a picture, an accent or a no-break space', () => {
    expect(judge(put({ 'conceptos[0].descripcion': 'Piñata 🪅\u00a0«grande» & "roja" <2>' }))).toEqual([]);
  });
});

describe('an addenda that means harm', () => {
  const bomb = `<!DOCTYPE a [${Array.from({ length: 9 }, (_, at) => `<!ENTITY e${at + 1} "${`&e${at};`.repeat(10)}">`).join('')}]><a>&e9;</a>`;
  it.each([
    ['a bomb of entities', bomb],
    ['an outside entity', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'],
    ['an entity without DOCTYPE', '<a>&x;</a>'],
    ['a seal of the tax authority', '<t:TimbreFiscalDigital xmlns:t="http://www.sat.gob.mx/TimbreFiscalDigital"/>'],
    ['a namespace of the tax authority inside', '<a xmlns="urn:x"><b xmlns="http://www.sat.gob.mx/cfd/4"/></a>'],
    ['more than 64 kB', `<a>${'x'.repeat(65_536)}</a>`],
    ['64 kB in few characters', `<a>${'😀'.repeat(16_384)}</a>`],
    ['an abyss', `${'<a>'.repeat(5000)}${'</a>'.repeat(5000)}`],
    ['two elements', '<a/><b/>'],
    ['the end of the comprobante', '</cfdi:Addenda></cfdi:Comprobante>'],
    ['nothing', ''],
  ])('%s is refused', (_what, addenda) => {
    const found = judge(put({ addenda }));
    expect(found).toMatchObject([{ path: 'addenda', code: 'cfdi.addenda' }]);
    expect(JSON.stringify(found).length).toBeLessThan(500);
  });
});

describe('numbers instead of texts', () => {
  it.each([
    ['folio', { folio: 1042 }],
    ['total', { total: 115.99 }],
    ['conceptos[0].cantidad', { conceptos: [{ ...LINE, cantidad: 3 }] }],
    ['receptor.domicilioFiscal', { receptor: { ...ejemploDeIngreso().receptor, domicilioFiscal: 36257 } }],
  ])('%s is refused with its name', (path, changes) => {
    expect(malformed({ ...ejemploDeIngreso(), ...changes })).toMatchObject([
      { path, code: 'cfdi.wrong-type', message: `El campo ${path} debe ser texto entre comillas.` },
    ]);
  });
});

describe('what is said of a wrong value', () => {
  const full = put({
    confirmacion: 'AB12C',
    facAtrAdquirente: '0123456789',
    relacionados: [{ tipoRelacion: '04', uuids: ['5FB2822E-396D-4725-8521-CDC4BDD20CCF'] }],
    'receptor.residenciaFiscal': 'USA',
    'receptor.numRegIdTrib': '121585958',
    informacionGlobal: { periodicidad: '01', meses: '11', anio: '2026' },
    'conceptos[0].aCuentaTerceros': {
      rfc: 'H&E951128469',
      nombre: 'X',
      regimenFiscal: '601',
      domicilioFiscal: '06002',
    },
    'conceptos[0].informacionAduanera': [{ numeroPedimento: '15  48  3009  0001234' }],
    'conceptos[0].cuentaPredial': [{ numero: '1' }],
    'conceptos[0].partes': [{ claveProdServ: '50201706', cantidad: '1', descripcion: 'x', valorUnitario: '1' }],
    addenda: '<a/>',
  });

  it.each(textsOf(full))('never repeats %s', (path) => {
    const secret = 'PEPJ800101AB1 JUAN PEREZ juan@example.mx';
    const said = JSON.stringify(judge(put({ [path]: secret }, full)));
    expect(said).not.toMatch(/PEPJ|JUAN|example\.mx/);
  });
});

/** The path of every text in a document. */
function textsOf(value: unknown, path = ''): string[] {
  if (typeof value === 'string') return [path];
  if (Array.isArray(value)) return value.flatMap((one, at) => textsOf(one, `${path}[${at}]`));
  return Object.entries(value as object).flatMap(([key, one]) => textsOf(one, path === '' ? key : `${path}.${key}`));
}
