import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  calculaImportes,
  ejemploDeIngreso,
  horaLocal,
  openKey,
  readCertificado,
  type Certificado,
} from '@nexora/comprobante';
import { HouseClock } from '@nexora/runtime';
import { makeDemoIssuer, startSandbox, type DemoIssuer, type RunningSandbox } from '@nexora/testing';
import { estatusEnAcuse } from '../cancelacion/acuse.ts';
import { firmaSolicitud, type Solicitud } from '../cancelacion/solicitud.ts';
import { sella } from '../comprobante/sellado.ts';
import type { CancelAnswer } from './cancel-answer.ts';
import type { Pac } from './pac.ts';

const ANOTHER = '01234567-89ab-4cde-8f01-23456789abcd';
const clock = new HouseClock();
const signal = new AbortController().signal;
let folios = 0;

/** What every adapter must make of a cancellation and of the question how many stamps are left. Runs against the sandbox. */
export function cancelConformance(
  name: string,
  open: (sandbox: RunningSandbox, password: string, timeoutMs: number) => Pac,
): void {
  describe(`cancellation by the PAC adapter ${name}`, () => {
    const dir = mkdtempSync(join(tmpdir(), 'cancel-conformance-'));
    let sandbox: RunningSandbox;
    let issuer: DemoIssuer;
    let certificado: Certificado;
    let pac: Pac;

    beforeAll(async () => {
      issuer = await makeDemoIssuer(dir);
      certificado = readCertificado(readFileSync(issuer.cer));
      sandbox = await startSandbox({ dir });
      pac = open(sandbox, sandbox.password, 5_000);
    }, 60_000);
    afterEach(async () => {
      await sandbox.client.pac('none');
      await sandbox.client.pac('receiver:none');
      await sandbox.client.internet('restore');
    });
    afterAll(async () => {
      await sandbox.stop();
      rmSync(dir, { recursive: true });
    });

    const key = () => openKey(readFileSync(issuer.key), readFileSync(issuer.passwordFile, 'utf8').trim());
    const stamped = async (): Promise<string> => {
      folios += 1;
      const documento = ejemploDeIngreso({ folio: String(folios) });
      const emisor = { rfc: issuer.rfc, nombre: issuer.nombre, regimenFiscal: issuer.regimen };
      const fecha = horaLocal(clock.now(), 'America/Mexico_City');
      const importes = calculaImportes(documento);
      const { bytes, sha256 } = sella({ documento, importes, emisor, fecha, certificado }, key());
      const verdict = await pac.stamp({ customid: sha256, bytes }, signal);
      if (verdict.kind !== 'stamped') throw new Error(`not stamped: ${JSON.stringify(verdict)}`);
      return uuidIn(verdict.xml);
    };
    const ask = (changes: Partial<Solicitud> & Pick<Solicitud, 'uuid'>, by = pac): Promise<CancelAnswer> => {
      const fecha = horaLocal(clock.now(), 'America/Mexico_City');
      const solicitud: Solicitud = { rfc: issuer.rfc, motivo: '02', folioSustitucion: null, fecha, ...changes };
      const { bytes } = firmaSolicitud(solicitud, certificado, key());
      return by.cancel({ ...solicitud, signed: bytes }, signal);
    };
    const codesFor = async (uuid: string): Promise<(string | null)[]> =>
      (await sandbox.client.cancellations()).filter((one) => one.uuid === uuid).map(({ code }) => code);

    it('asks with the signed document and brings the acknowledgement; again it is told as asked before', async () => {
      const uuid = await stamped();
      const first = await ask({ uuid });
      expect(first).toMatchObject({ kind: 'asked', code: '201' });
      expect(first.kind === 'asked' && estatusEnAcuse(first.acuse ?? '', uuid)).toBe('201');
      expect(Math.abs(first.skewMs ?? Infinity)).toBeLessThan(5_000);
      const again = await ask({ uuid });
      expect(again).toMatchObject({ kind: 'asked', code: '202' });
      expect(again.kind === 'asked' && estatusEnAcuse(again.acuse ?? '', uuid)).toBe('202');
      expect(await codesFor(uuid)).toEqual(['201', '202']);
    });

    it('names the substitute with motivo 01', async () => {
      const [uuid, folioSustitucion] = [await stamped(), await stamped()];
      expect(await ask({ uuid, motivo: '01', folioSustitucion })).toMatchObject({ kind: 'asked', code: '201' });
      const other = await stamped();
      expect(await ask({ uuid: other, motivo: '01', folioSustitucion: ANOTHER })).toMatchObject({ of: 'sustituto' });
    });

    it('knows what the tax authority does not: 205', async () => {
      expect(await ask({ uuid: ANOTHER })).toMatchObject({ kind: 'refused', of: 'unknown-uuid', code: '205' });
    });

    it.each([
      ['203', 'rfc'],
      ['204', 'not-cancellable'],
      ['207', 'motivo'],
      ['798', 'wait'],
      ['799', 'spent'],
      ['301', 'ours'],
      ['305', 'certificate'],
      ['AU2001', 'account'],
      ['206', 'unlisted'],
      ['213', 'unlisted'],
      ['309', 'unlisted'],
      ['401', 'unlisted'],
    ])('calls %s by its class: %s', async (code, of) => {
      const uuid = await stamped();
      await sandbox.client.pac(`code:${code}`, 1);
      expect(await ask({ uuid })).toMatchObject({ kind: 'refused', of });
    });

    it.each(['708', '999', 'SYS999', 'CO1999'])(
      'takes %s for an outcome that settles nothing, from a PAC that works',
      async (code) => {
        const uuid = await stamped();
        await sandbox.client.pac(`code:${code}`, 1);
        expect(await ask({ uuid })).toMatchObject({ kind: 'unknown', answered: true });
      },
    );

    it.each(['drop-before', 'drop-after', '500', '429', 'html', 'cut'])(
      'calls it unknown on "%s"; the same again then tells',
      async (word) => {
        const uuid = await stamped();
        await sandbox.client.pac(word, 1);
        expect(await ask({ uuid })).toMatchObject({ kind: 'unknown' });
        expect(await ask({ uuid })).toMatchObject({ kind: 'asked' });
        expect((await codesFor(uuid)).filter((code) => code === '201')).toHaveLength(1);
      },
    );

    it('gives up after its time, and calls that unknown', async () => {
      const uuid = await stamped();
      await sandbox.client.pac('delay:5000', 1);
      const impatient = open(sandbox, sandbox.password, 1_000);
      expect(await ask({ uuid }, impatient)).toMatchObject({ kind: 'unknown', code: 'timeout' });
    });

    it('has sent nothing without a line, and asked nothing with a wrong password', async () => {
      const uuid = await stamped();
      const wrong = open(sandbox, 'wrong', 5_000);
      expect(await ask({ uuid }, wrong)).toMatchObject({ kind: 'refused', of: 'account' });
      await sandbox.client.internet('cut');
      const fresh = open(sandbox, sandbox.password, 5_000);
      expect(await ask({ uuid }, fresh)).toMatchObject({ kind: 'unsent', offline: true });
      expect((await codesFor(uuid)).includes('201')).toBe(false);
    });

    it('is refused with a document that was changed after it was signed', async () => {
      const [uuid, other] = [await stamped(), await stamped()];
      const fecha = horaLocal(clock.now(), 'America/Mexico_City');
      const solicitud: Solicitud = { rfc: issuer.rfc, uuid, motivo: '02', folioSustitucion: null, fecha };
      const { bytes } = firmaSolicitud(solicitud, certificado, key());
      const changed = Buffer.from(bytes.toString('utf8').replace(uuid.toUpperCase(), other.toUpperCase()));
      const answer = await pac.cancel({ ...solicitud, uuid: other, signed: changed }, signal);
      expect(answer).toMatchObject({ kind: 'refused', of: 'ours', code: '302' });
    });

    it('tells the stamps left', async () => {
      await sandbox.client.pac('stamps:42');
      const balance = await pac.balance([issuer.rfc], signal);
      expect(balance).toMatchObject({ kind: 'known', stamps: [{ left: 42 }] });
      const wrong = await open(sandbox, 'wrong', 5_000).balance([issuer.rfc], signal);
      expect(wrong.kind).not.toBe('known');
      await sandbox.client.internet('cut');
      const fresh = open(sandbox, sandbox.password, 5_000);
      expect(await fresh.balance([issuer.rfc], signal)).toMatchObject({ kind: 'unsent', offline: true });
    });
  });
}

function uuidIn(xml: string): string {
  return (/ UUID="([0-9a-f-]{36})"/i.exec(xml)?.[1] ?? '').toLowerCase();
}
