import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  attributeOf,
  ejemploDeEgreso,
  ejemploDeIngreso,
  ejemploDePago,
  ejemploDePagos,
  ejemploDeTraslado,
  ejemploGlobal,
  readXml,
  type Concepto,
  type Documento,
} from '@nexora/comprobante';
import { CfdiHouse } from '../cfdi-house.conformance.ts';

let house: CfdiHouse;
beforeAll(async () => {
  house = await CfdiHouse.open();
  await house.start();
}, 120_000);
afterAll(() => house.close());

const [LINE] = ejemploDeIngreso().conceptos as [Concepto];
const now = new Date();
/** The examples tell of a day; the house lives on another. */
const period = { periodicidad: '01', meses: '01', anio: String(now.getUTCFullYear()) };
const paid = new Date(now.getTime() - 86_400_000).toISOString().slice(0, 19);

const WHOLE: Readonly<Record<string, Documento>> = {
  I: ejemploDeIngreso({
    externalId: 'whole-I',
    conceptos: [
      {
        ...LINE,
        descuento: '0.125',
        informacionAduanera: [{ numeroPedimento: '15  48  3009  0001234' }],
        cuentaPredial: [{ numero: '15956011002' }],
        partes: [{ claveProdServ: '50201706', cantidad: '2', descripcion: 'Bolsa', valorUnitario: '1.5' }],
      },
    ],
  }),
  global: ejemploGlobal({ externalId: 'whole-global', informacionGlobal: period }),
  E: ejemploDeEgreso({ externalId: 'whole-E', moneda: 'USD', tipoCambio: '18.25' }),
  T: ejemploDeTraslado({ externalId: 'whole-T' }),
  P: { ...ejemploDePagos(ejemploDePago({ fechaPago: paid })), externalId: 'whole-P' },
};

const abroad = { ...ejemploDeIngreso().receptor, residenciaFiscal: 'USA' };
const wrong = (changes: Partial<Concepto>): Partial<Documento> => ({ conceptos: [{ ...LINE, ...changes }] });
const BAD: readonly (readonly [string, Partial<Documento>, string])[] = [
  ['a wrong RFC of the receiver', { receptor: { ...abroad, rfc: 'CACX' } }, 'receptor.rfc'],
  [
    'a use that the régimen does not have',
    { receptor: { ...ejemploDeIngreso().receptor, usoCfdi: 'D11' } },
    'receptor.usoCfdi',
  ],
  ['seven decimals', wrong({ valorUnitario: '1.0000001' }), 'conceptos[0].valorUnitario'],
  ['a negative amount', wrong({ valorUnitario: '-1' }), 'conceptos[0].valorUnitario'],
  ['sums that do not agree', { total: '116.00' }, 'total'],
  ['10,001 lines', { conceptos: Array.from({ length: 10_001 }, () => LINE) }, 'conceptos'],
  ['a DOCTYPE', { addenda: '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>' }, 'addenda'],
  ['a bar', wrong({ descripcion: 'a|b' }), 'conceptos[0].descripcion'],
  ['a control character', wrong({ descripcion: 'a\u0007b' }), 'conceptos[0].descripcion'],
];

describe('the house', () => {
  it.each(Object.entries(WHOLE))('takes tipo %s from the shop to stamped XML and PDF', async (_tipo, documento) => {
    const id = await house.submit(documento);
    const shown = await house.becomes(id, 'listo');
    expect(shown).toMatchObject({ attempts: 1, error: null });
    const { root } = readXml(await house.object(shown.xml_key!));
    expect(attributeOf(root, 'TipoDeComprobante')).toBe(documento.tipo);
    expect(attributeOf(root, 'Total')).toBe(shown.total);
    expect((await house.object(shown.pdf_key!)).subarray(0, 5).toString()).toBe('%PDF-');
  });

  it.each(BAD)('refuses %s by name, before anything is sent', async (_what, changes, field) => {
    const id = await house.submit(house.document(changes));
    const { error } = await house.becomes(id, 'rechazado');
    expect(error).toMatchObject({ field });
    expect(error?.message).toMatch(/^[\S\s]{10,200}\.$/);
    expect(error?.remedy).toMatch(/^[\S\s]{5,200}\.$/);
    expect(await house.requests(id)).toEqual([]);
  });
});
