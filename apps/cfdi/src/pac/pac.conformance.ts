import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { calculaImportes, ejemploDeIngreso, horaLocal } from '@nexora/comprobante';
import { HouseClock } from '@nexora/runtime';
import { makeDemoIssuer, startSandbox, type DemoIssuer, type RunningSandbox } from '@nexora/testing';
import { openKey, readCertificado } from '../comprobante/csd.ts';
import { sella, type Sellado } from '../comprobante/sellado.ts';
import { believe, type Belief } from '../comprobante/timbre.ts';
import type { Found, Pac, Verdict } from './pac.ts';

/** How patient the adapter under test is to be. */
interface Patience {
  readonly timeoutMs: number;
  readonly emptyMs: number;
  readonly password?: string;
}

/** An adapter under test, and what its PAC is like. */
export interface AdapterUnderTest {
  /** Opens it against a running sandbox. */
  open(sandbox: RunningSandbox, patience: Patience): Pac;
  /** Whether the PAC takes the row's id as a second lock. */
  readonly hasCustomid: boolean;
  /** Whether it can be asked by the sealed bytes, and its "never stamped" be believed. */
  readonly knowsNever: boolean;
  /** Its own codes for what SW calls otherwise. */
  readonly codes: Readonly<Record<string, string>>;
}

const QUICK: Patience = { timeoutMs: 5_000, emptyMs: 3_000 };
const clock = new HouseClock();
let folios = 0;

/** What every adapter must make of what a PAC, the line and the clock do. Runs against the sandbox. */
export function pacConformance(name: string, { open, hasCustomid, knowsNever, codes }: AdapterUnderTest): void {
  const codeOf = (code: string): string => codes[code] ?? code;

  describe(`the PAC adapter ${name}`, () => {
    const dir = mkdtempSync(join(tmpdir(), 'pac-conformance-'));
    const signal = new AbortController().signal;
    let sandbox: RunningSandbox;
    let issuer: DemoIssuer;
    let pac: Pac;

    beforeAll(async () => {
      issuer = await makeDemoIssuer(dir);
      sandbox = await startSandbox({ dir });
      pac = open(sandbox, QUICK);
    }, 60_000);
    afterEach(async () => {
      await sandbox.client.pac('none');
      await sandbox.client.internet('restore');
    });
    afterAll(async () => {
      await sandbox.stop();
      rmSync(dir, { recursive: true });
    });

    const seal = (): Sellado => sealed(issuer);
    const send = (sellado: Sellado, by = pac, customid = sellado.sha256): Promise<Verdict> =>
      by.stamp({ customid, bytes: sellado.bytes }, signal);
    const uuidOf = (verdict: Verdict, sellado: Sellado): string => {
      const belief = verdict.kind === 'stamped' ? believed(verdict.xml, sellado) : undefined;
      if (belief?.kind !== 'ours') throw new Error(`not our stamp: ${JSON.stringify(belief ?? verdict).slice(0, 300)}`);
      return belief.timbre.uuid;
    };
    const stampsOf = async (sellado: Sellado): Promise<string[]> => {
      const log = await sandbox.client.log();
      return log.flatMap(({ sha256, uuid }) => (sha256 === sellado.sha256 && uuid !== null ? [uuid] : []));
    };

    it(`has sealed bytes stamped${hasCustomid ? ', under the row as customid' : ''}`, async () => {
      const sellado = seal();
      const verdict = await send(sellado, pac, 'row-1');
      expect(verdict).toMatchObject({ kind: 'stamped', previous: false });
      const log = await sandbox.client.log();
      const customid = hasCustomid ? 'row-1' : null;
      expect(log.at(-1)).toMatchObject({ customid, sha256: sellado.sha256, uuid: uuidOf(verdict, sellado) });
      expect(Math.abs(verdict.skewMs ?? Infinity)).toBeLessThan(5_000);
    });

    it('gives the first stamp to the same bytes sent again', async () => {
      const sellado = seal();
      const first = uuidOf(await send(sellado), sellado);
      const again = await send(sellado);
      expect(again).toMatchObject({ kind: 'stamped', previous: true });
      expect(uuidOf(again, sellado)).toBe(first);
      expect(await stampsOf(sellado)).toEqual([first]);
    });

    it('asks after an empty "stamped before" until the PAC knows what it stamped', async () => {
      const sellado = seal();
      await sandbox.client.pac('empty-307', 2);
      const verdict = await send(sellado);
      expect(verdict).toMatchObject({ kind: 'stamped', previous: true });
      expect(await stampsOf(sellado)).toEqual([uuidOf(verdict, sellado)]);
    });

    it('finds the stamp as soon as the records show it', async () => {
      const sellado = seal();
      const first = uuidOf(await send(sellado), sellado);
      await sandbox.client.pac('lag:1000');
      const again = await send(sellado);
      expect(again).toMatchObject({ kind: 'stamped', previous: true });
      expect(uuidOf(again, sellado)).toBe(first);
    });

    it('calls it unknown when the PAC never comes to know', async () => {
      await sandbox.client.pac('empty-307');
      const patient = open(sandbox, { ...QUICK, emptyMs: 500 });
      expect(await send(seal(), patient)).toMatchObject({ kind: 'unknown' });
    });

    it('calls it unsent and offline when there is no connection, and nothing has left', async () => {
      const before = (await sandbox.client.log()).length;
      await sandbox.client.internet('cut');
      expect(await send(seal(), open(sandbox, QUICK))).toMatchObject({ kind: 'unsent', offline: true });
      expect((await sandbox.client.log()).length).toBe(before);
    });

    it('calls it unsent and offline when the name of the PAC is not known', async () => {
      const nowhere = open({ ...sandbox, pacUrl: 'http://pac.invalid' }, QUICK);
      expect(await send(seal(), nowhere)).toMatchObject({ kind: 'unsent', offline: true });
    });

    it.each(['drop-before', 'drop-after', '500', 'html', 'cut'])(
      'calls it unknown on "%s", and the same bytes then lead to the one stamp',
      async (misbehaviour) => {
        const sellado = seal();
        await sandbox.client.pac(misbehaviour, 1);
        expect(await send(sellado)).toMatchObject({ kind: 'unknown' });
        const uuid = uuidOf(await send(sellado), sellado);
        expect(await stampsOf(sellado)).toEqual([uuid]);
      },
    );

    it('calls it unknown when the answer takes too long, and learns of the stamp afterwards', async () => {
      const sellado = seal();
      await sandbox.client.pac('delay:3000', 1);
      const impatient = open(sandbox, { ...QUICK, timeoutMs: 700 });
      expect(await send(sellado, impatient)).toMatchObject({ kind: 'unknown', code: 'timeout' });
      const uuid = uuidOf(await send(sellado), sellado);
      expect(await stampsOf(sellado)).toEqual([uuid]);
    });

    it('ends at once when it is told to', async () => {
      await sandbox.client.pac('delay:60000', 1);
      const stop = new AbortController();
      const asked = pac.stamp({ customid: 'abort', bytes: seal().bytes }, stop.signal);
      setImmediate(() => stop.abort());
      expect(['unknown', 'unsent']).toContain((await asked).kind);
    });

    it("obeys the PAC's wish for a pause", async () => {
      await sandbox.client.pac('429', 1);
      expect(await send(seal())).toMatchObject({ kind: 'unknown', retryAfterMs: 2_000 });
    });

    it('leaves it to others to disbelieve a stamp with a wrong seal', async () => {
      const sellado = seal();
      await sandbox.client.pac('wrong-sello', 1);
      const verdict = await send(sellado);
      expect(verdict.kind === 'stamped' && believed(verdict.xml, sellado).kind).toBe('foreign');
      expect(await stampsOf(sellado)).toEqual([uuidOf(await send(sellado), sellado)]);
    });

    it.each([
      ['no-stamps', 'account', codeOf('AU2001')],
      ['code:AU2003', 'account', codeOf('AU2003')],
      ['code:300', 'account', '300'],
      ['code:701', 'account', '701'],
      ['code:702', 'account', '702'],
      ['code:705', 'ours', '705'],
      ['code:707', 'ours', '707'],
      ['code:AU2999', 'account', 'AU2999'],
      ['code:304', 'certificate', '304'],
      ['code:306', 'certificate', '306'],
      ['code:402', 'certificate', '402'],
      ['code:401', 'clock', '401'],
      ['code:CFDI40101', 'clock', 'CFDI40101'],
      ['code:301', 'ours', '301'],
      ['code:302', 'ours', '302'],
      ['code:CFDI40102', 'ours', 'CFDI40102'],
      ['code:CFDI40147', 'data', 'CFDI40147'],
      ['code:CFDI40299', 'data', 'CFDI40299'],
      ['code:CRP20253', 'data', 'CRP20253'],
      ['code:CFDI40999', 'data', 'CFDI40999'],
      ['code:CFDI33105', 'data', 'CFDI33105'],
      ['code:CCE20101', 'data', 'CCE20101'],
      ['code:CP101', 'data', 'CP101'],
    ])('tells %s as a refusal of the class %s', async (misbehaviour, of, code) => {
      await sandbox.client.pac(misbehaviour, 1);
      expect(await send(seal())).toMatchObject({ kind: 'refused', of, code });
    });

    it.each(['code:708', 'code:CO1000', 'code:AU1000', 'code:AU1999', 'code:CO2000', 'code:XX99', 'code:999'])(
      'calls %s unknown, since it says nothing for good',
      async (misbehaviour) => {
        await sandbox.client.pac(misbehaviour, 1);
        expect(await send(seal())).toMatchObject({ kind: 'unknown' });
      },
    );

    it('tells a refused login as a matter of the account', async () => {
      const wrong = open(sandbox, { ...QUICK, password: 'wrong' });
      expect(await send(seal(), wrong)).toMatchObject({ kind: 'refused', of: 'account', code: codeOf('AU2000') });
    });

    it("shows how far the PAC's clock is from ours", async () => {
      await sandbox.client.pac('clock:600', 1);
      const { skewMs = 0 } = await send(seal());
      expect(skewMs).toBeGreaterThan(590_000);
      expect(skewMs).toBeLessThan(610_000);
    });

    it('renews a login that no longer holds, without asking anybody', async () => {
      const mine = open(sandbox, QUICK);
      const now = seal();
      uuidOf(await send(now, mine), now);
      await sandbox.client.clock(3 * 3_600);
      const later = sealed(issuer, new Date(Date.now() + 3 * 3_600_000));
      expect(await send(later, mine)).toMatchObject({ kind: 'stamped', previous: false });
      await sandbox.client.clock(0);
    });

    if (hasCustomid) {
      it('turns a second document under the same row down: the first stamp comes back, and it is not ours', async () => {
        const [one, other] = [seal(), seal()];
        await send(one, pac, 'row-2');
        const verdict = await send(other, pac, 'row-2');
        expect(verdict).toMatchObject({ kind: 'stamped', previous: true });
        expect(verdict.kind === 'stamped' && believed(verdict.xml, other).kind).toBe('foreign');
      });
    }

    const lookUp = (sellado: Sellado, uuid?: string): Promise<Found> =>
      pac.lookUp({ customid: 'row-3', bytes: sellado.bytes, ...(uuid === undefined ? {} : { uuid }) }, signal);

    if (knowsNever) {
      it('looks a stamp up by the sealed bytes, and has nothing stamped by that', async () => {
        const sellado = seal();
        expect(await lookUp(sellado)).toMatchObject({ kind: 'never' });
        expect(await stampsOf(sellado)).toEqual([]);
        await sandbox.client.pac('drop-after', 1);
        await send(sellado);
        const found = await lookUp(sellado);
        expect(found.kind === 'found' && believed(found.xml, sellado).kind).toBe('ours');
        expect((await stampsOf(sellado)).length).toBe(1);
      });

      it('does not believe "never stamped" while the records may lag behind', async () => {
        const sellado = seal();
        await send(sellado);
        await sandbox.client.pac('lag:500');
        expect(await lookUp(sellado)).toMatchObject({ kind: 'found' });
      });
    } else {
      it('says that it cannot look up by sealed bytes', async () => {
        const sellado = seal();
        await send(sellado);
        expect(await lookUp(sellado)).toEqual({ kind: 'unsupported' });
      });
    }

    it('looks a stamp up by its UUID; not to find it is no "never"', async () => {
      const sellado = seal();
      const uuid = uuidOf(await send(sellado), sellado);
      const found = await lookUp(seal(), uuid);
      expect(found.kind === 'found' && believed(found.xml, sellado).kind).toBe('ours');
      const missing = await lookUp(seal(), '01234567-0123-4123-8123-012345678901');
      expect(['unknown', 'unsupported']).toContain(missing.kind);
    });

    it.each(['500', 'html', 'cut', 'drop-after'])('knows nothing of the past on "%s"', async (misbehaviour) => {
      const sellado = seal();
      const uuid = uuidOf(await send(sellado), sellado);
      await sandbox.client.pac(misbehaviour);
      expect(await lookUp(sellado, uuid)).toMatchObject({ kind: 'unknown' });
    });

    it('knows nothing of the past without a line, and says so', async () => {
      const sellado = seal();
      await sandbox.client.internet('cut');
      const uuid = '01234567-0123-4123-8123-012345678901';
      expect(await lookUp(sellado, uuid)).toMatchObject({ kind: 'unsent', offline: true });
    });
  });
}

/** A comprobante of the demonstration issuer, sealed as the agent seals. */
function sealed(issuer: DemoIssuer, at = new Date()): Sellado {
  folios += 1;
  const documento = ejemploDeIngreso({ folio: String(folios), externalId: `pac-${folios}` });
  const password = readFileSync(issuer.passwordFile, 'utf8').trim();
  return sella(
    {
      documento,
      importes: calculaImportes(documento),
      emisor: { rfc: issuer.rfc, nombre: issuer.nombre, regimenFiscal: issuer.regimen },
      fecha: horaLocal(at, 'America/Mexico_City'),
      certificado: readCertificado(readFileSync(issuer.cer)),
    },
    openKey(readFileSync(issuer.key), password),
  );
}

function believed(xml: string, { bytes, sello, cadena }: Sellado): Belief {
  const now = clock.now();
  return believe(xml, { bytes, sello, cadena, sealedAt: new Date(now.getTime() - 60_000), now, satKeys: new Map() });
}
