import type { KeyObject } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import {
  calculaImportes,
  parseDocumento,
  personaOf,
  reglas,
  type Documento,
  type Falta,
  type Importes,
} from '@nexora/comprobante';
import { satResource } from '@nexora/testing';
import fc from 'fast-check';
import { openKey, readCertificado, type Certificado } from '../comprobante/csd.ts';
import { sella, type Sellado } from '../comprobante/sellado.ts';
import type { Emisor } from '../comprobante/xml.ts';
import { AHORA, EMISORES, regimenPara, SORTS } from './arbitrary-documents.conformance.ts';

/** NEXORA_SEED, so that a run can be had again; else another one each time. */
export const SEED = Number(process.env['NEXORA_SEED'] ?? Date.now() % 2 ** 31);

/** One document on its whole way from JSON to sealed bytes. */
export interface Sample {
  readonly index: number;
  readonly documento: Documento;
  readonly importes: Importes;
  readonly sellado: Sellado;
}

/** A document that was to be valid and is not, for whoever must find out why. */
class NotValid extends Error {
  override readonly name = 'NotValid';

  constructor(index: number, json: string, faltas: readonly Falta[]) {
    const said = faltas.map(({ path, message }) => `${path}: ${message}`).join('\n');
    super(`document ${index} of seed ${SEED}:\n${said}\n${json.slice(0, 4000)}`);
  }
}

/**
 * Random comprobantes, sealed: the same ones for the same seed. Each goes through the JSON that a business sends, the
 * shape, the rules and the arithmetic.
 * @throws NotValid when shape or rules refuse one
 */
export function sealedCorpus(
  count: number,
  sorts: Readonly<Record<string, fc.Arbitrary<Documento>>> = SORTS,
): Sample[] {
  const csds = new Map(EMISORES.map((rfc) => [rfc as string, csdOf(rfc)]));
  return fc.sample(fc.oneof(...Object.values(sorts)), { numRuns: count, seed: SEED }).map((made, index) => {
    const json = JSON.stringify(made);
    const documento = valid(index, json);
    const importes = calculaImportes(documento);
    const { key, certificado, emisor: usual } = csds.get(documento.emisor)!;
    const emisor = { ...usual, regimenFiscal: regimenPara(documento, usual.regimenFiscal) };
    const fecha = fechaOf(index, certificado.validTo);
    return { index, documento, importes, sellado: sella({ documento, importes, emisor, fecha, certificado }, key) };
  });
}

function valid(index: number, json: string): Documento {
  const parsed = parseDocumento(JSON.parse(json));
  if ('faltas' in parsed) throw new NotValid(index, json, parsed.faltas);
  const regimenDelEmisor = regimenPara(parsed.documento, '612');
  const faltas = reglas(parsed.documento, { ahora: AHORA, regimenDelEmisor });
  if (faltas.length > 0) throw new NotValid(index, json, faltas);
  return parsed.documento;
}

/** Some local time of the days before, while the certificate was in force. */
function fechaOf(index: number, validTo: Date): string {
  const last = Math.min(AHORA.getTime(), validTo.getTime() - 86_400_000);
  return new Date(last - index * 61_007).toISOString().slice(0, 19);
}

interface Csd {
  readonly certificado: Certificado;
  readonly emisor: Emisor;
  readonly key: KeyObject;
}

const NOMBRES: Readonly<Record<string, string>> = {
  EKU9003173C9: 'ESCUELA KEMPER URGATE',
  CACX7605101P8: 'XOCHILT CASAS CHAVEZ',
  'H&E951128469': 'HERRERIA & ELECTRICOS "EL \'SOL\' <2>"',
  OÑO120726RX3: '  ORGÁNICOS\tÑAVEZ \u00a0OSORIO ',
  IAÑL750210963: 'LUIS IAN ÑUZCO',
};

function csdOf(rfc: string): Csd {
  const place = readdirSync(satResource('csd'))
    .filter((folder) => folder.endsWith(rfc.replace('&', '_').replaceAll('Ñ', 'N')))
    .filter((folder) => !folder.startsWith('fiel'))
    .sort()
    .at(-1)!;
  const path = (end: string): string => {
    const file = readdirSync(satResource(`csd/${place}`)).find((name) => name.endsWith(end))!;
    return satResource(`csd/${place}/${file}`);
  };
  const password = readFileSync(satResource('csd/password.txt'), 'utf8').trim();
  return {
    certificado: readCertificado(readFileSync(path('.cer'))),
    key: openKey(readFileSync(path('.key')), password),
    emisor: { rfc, nombre: NOMBRES[rfc]!, regimenFiscal: personaOf(rfc) === 'moral' ? '601' : '612' },
  };
}
