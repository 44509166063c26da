import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { calculaImportes, horaLocal, reglas, type Documento } from '@nexora/comprobante';
import { HouseClock } from '@nexora/runtime';
import { makeDemoIssuer, startSandbox, type DemoIssuer, type RunningSandbox } from '@nexora/testing';
import fc from 'fast-check';
import { openKey, readCertificado } from '../comprobante/csd.ts';
import { sella, type Sellado } from '../comprobante/sellado.ts';
import { believe } from '../comprobante/timbre.ts';
import { SwPac } from '../pac/sw.pac.ts';
import { AHORA, regimenPara, SORTS } from './arbitrary-documents.conformance.ts';
import { SEED } from './sealed-corpus.conformance.ts';

const OF_EACH = 40;
const clock = new HouseClock();

/*
 * The PAC of the sandbox reckons every figure anew, by a program that shares nothing with the house: what our rules let
 * pass and our arithmetic computed, it must stamp.
 */
describe(`what the house seals is judged by a PAC (NEXORA_SEED=${SEED})`, () => {
  const dir = mkdtempSync(join(tmpdir(), 'judged-'));
  const { signal } = new AbortController();
  let sandbox: RunningSandbox;
  let pac: SwPac;
  let seal: (documento: Documento) => Sellado;

  beforeAll(async () => {
    seal = sealerOf(await makeDemoIssuer(dir));
    sandbox = await startSandbox({ dir });
    const { pacUrl: url, user, password } = sandbox;
    pac = new SwPac({ name: 'sandbox', url, user, password, token: '', timeoutMs: 5_000, emptyMs: 1_000 }, clock);
  }, 60_000);
  afterAll(async () => {
    await sandbox.stop();
    rmSync(dir, { recursive: true });
  });

  async function judged(documento: Documento): Promise<string> {
    const { bytes, sello, cadena, sha256 } = seal(documento);
    const verdict = await pac.stamp({ customid: sha256, bytes }, signal);
    if (verdict.kind !== 'stamped') return JSON.stringify(verdict).slice(0, 500);
    const now = clock.now();
    return believe(verdict.xml, { bytes, sello, cadena, sealedAt: now, now, satKeys: new Map() }).kind;
  }

  it.each(Object.entries(SORTS))(
    `${OF_EACH} times «%s»: each is stamped, and the stamp is believed`,
    async (_, sort) => {
      const documentos = fc.sample<Documento>(sort, { numRuns: OF_EACH, seed: SEED });
      for (const documento of documentos.map((one) => JSON.parse(JSON.stringify(one)) as Documento)) {
        const regimenDelEmisor = regimenPara(documento, '601');
        expect(reglas(documento, { ahora: AHORA, regimenDelEmisor })).toEqual([]);
        expect([await judged(documento), documento]).toEqual(['ours', documento]);
      }
    },
  );
});

function sealerOf(issuer: DemoIssuer): (documento: Documento) => Sellado {
  const certificado = readCertificado(readFileSync(issuer.cer));
  const key = openKey(readFileSync(issuer.key), readFileSync(issuer.passwordFile, 'utf8').trim());
  const { rfc, nombre, regimen } = issuer;
  return (documento) => {
    const emisor = { rfc, nombre, regimenFiscal: regimenPara(documento, regimen) };
    const importes = calculaImportes(documento);
    // The clock that is furthest behind: nowhere in the country is it in the future.
    const fecha = horaLocal(clock.now(), 'America/Tijuana');
    return sella({ documento, importes, emisor, fecha, certificado }, key);
  };
}
