import { generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  calculaImportes,
  ejemploDeEgreso,
  ejemploDeIngreso,
  ejemploDePagos,
  ejemploDeTraslado,
  ejemploGlobal,
  parseDocumento,
  reglas,
  type Concepto,
  type Documento,
  type Falta,
} from '@nexora/comprobante';
import { describeWhen, satResources } from '@nexora/testing';
import fc from 'fast-check';
import { xsdReader, type Read } from '../corpus/sat-tools.conformance.ts';
import { sella } from './sellado.ts';

const SEED = Number(process.env['NEXORA_SEED'] ?? Date.now() % 2 ** 31);
const RUNS = 1500;

type Json = Record<string, unknown>;

const [LINE] = ejemploDeIngreso().conceptos as [Concepto];
const parte = { claveProdServ: '50201706', cantidad: '1', descripcion: 'x', valorUnitario: '1', unidad: 'Caja' };
const loaded: Concepto = {
  ...LINE,
  descuento: '1',
  aCuentaTerceros: { rfc: 'H&E951128469', nombre: 'HERRERIA', regimenFiscal: '601', domicilioFiscal: '06002' },
  informacionAduanera: [{ numeroPedimento: '15  48  3009  0001234' }],
  cuentaPredial: [{ numero: '1' }],
  partes: [{ ...parte, informacionAduanera: [{ numeroPedimento: '15  48  3009  0001234' }] }],
};
const foreigner = {
  ...ejemploGlobal().receptor,
  rfc: 'XEXX010101000',
  nombre: 'Acme',
  residenciaFiscal: 'USA',
  numRegIdTrib: '121585958',
};
const SAMPLES: readonly Documento[] = [
  ejemploDeIngreso({ conceptos: [loaded, LINE], confirmacion: 'ABC12', facAtrAdquirente: '0123456789' }),
  ejemploDeIngreso({ receptor: foreigner, moneda: 'USD', tipoCambio: '18.25' }),
  ejemploGlobal(),
  ejemploDeEgreso(),
  ejemploDeTraslado(),
  ejemploDePagos(),
];

/** Values that sit at the edge of what a field takes, and far beyond. */
const value = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '0',
    '1',
    '-1',
    '01',
    '02',
    '03',
    '04',
    '05',
    '06',
    '07',
    '08',
    '99',
    '003',
    'XXX',
    'MXN',
    'JPY',
  ),
  fc.constantFrom(
    '0.000001',
    '0.0000001',
    '999999999999999999',
    '999999999999999999.999999',
    '1e3',
    'NaN',
    '0.16',
    '1.5',
  ),
  fc.constantFrom(
    'Exento',
    'Tasa',
    'Cuota',
    'PPD',
    'PUE',
    'I',
    'E',
    'T',
    'P',
    'N',
    'S01',
    'CP01',
    'G02',
    '616',
    '601',
    '612',
  ),
  fc.constantFrom(
    'XAXX010101000',
    'XEXX010101000',
    'PUBLICO EN GENERAL',
    '42501',
    '00000',
    'USA',
    'MEX',
    '2026',
    '13',
    '18',
  ),
  fc.constantFrom(
    '|',
    'a|b',
    '\u0000',
    '\ud800',
    '\u2028',
    '\u00a0',
    ' \t\n\r ',
    '"<&>\'',
    'x'.repeat(101),
    'é'.repeat(1001),
    '🪅'.repeat(25),
  ),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constant(undefined),
);
const change = fc.record({ at: fc.nat(), value });
const mutated = fc
  .record({ sample: fc.constantFrom(...SAMPLES), changes: fc.array(change, { minLength: 1, maxLength: 3 }) })
  .map(({ sample, changes }) => {
    const copy = JSON.parse(JSON.stringify(sample)) as Json;
    for (const one of changes) mutate(copy, one);
    return copy;
  });

/** Puts the value in the place of one text of the document, or takes that text away. */
function mutate(document: Json, { at, value: put }: { at: number; value: string | undefined }): void {
  const places: (() => void)[] = [];
  const visit = (holder: Json): void => {
    for (const [key, inside] of Object.entries(holder)) {
      if (typeof inside === 'object' && inside !== null) visit(inside as Json);
      else places.push(() => (put === undefined ? void delete holder[key] : void (holder[key] = put)));
    }
  };
  visit(document);
  places[at % places.length]?.();
}

function judged(json: Json): { documento?: Documento; faltas: readonly Falta[] } {
  const parsed = parseDocumento(json);
  if ('faltas' in parsed) return parsed;
  return { documento: parsed.documento, faltas: reglas(parsed.documento, { ahora: new Date('2026-11-21T12:00:00Z') }) };
}

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
function seal(documento: Documento): Buffer {
  const emisor = { rfc: documento.emisor, nombre: 'ESCUELA KEMPER URGATE', regimenFiscal: '601' };
  const certificado = { numero: '3'.repeat(20), base64: 'AA==' };
  const importes = calculaImportes(documento);
  return sella({ documento, importes, emisor, fecha: '2026-11-21T09:30:00', certificado }, privateKey).bytes;
}

describe(`a spoilt document (NEXORA_SEED=${SEED})`, () => {
  it('is judged in sentences, never by an error of ours', () => {
    fc.assert(
      fc.property(mutated, (json) => {
        for (const { message, remedy } of judged(json).faltas) {
          expect(message).toMatch(/^[\s\S]{5,300}\.$/);
          expect(remedy).toMatch(/^[\s\S]{3,300}\.$/);
        }
      }),
      { numRuns: RUNS, seed: SEED },
    );
  });
});

describeWhen(satResources)(`what the rules let pass (NEXORA_SEED=${SEED})`, () => {
  let read: (xml: Buffer) => Read;
  beforeAll(async () => {
    read = await xsdReader();
  });

  it('can be sealed and is valid by the schemas', () => {
    let passed = 0;
    fc.assert(
      fc.property(mutated, (json) => {
        const { documento, faltas } = judged(json);
        if (documento === undefined || faltas.length > 0) return;
        passed += 1;
        expect(read(seal(documento)).errors).toEqual([]);
      }),
      { numRuns: RUNS, seed: SEED },
    );
    expect(passed).toBeGreaterThan(RUNS / 20);
  });
});
