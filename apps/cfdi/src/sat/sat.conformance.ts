import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startSandbox, type RunningSandbox } from '@nexora/testing';
import type { ConsultaSat } from './consulta-sat.ts';

const UNKNOWN = '?re=EKU9003173C9&rr=CACX7605101P8&tt=115.99&id=01234567-89ab-4cde-8f01-23456789abcd&fe=abcdefg=';
const signal = new AbortController().signal;

/** What a client of the consultation service must make of what service and line do. Runs against the sandbox. */
export function satConformance(open: (url: string, timeoutMs: number) => ConsultaSat): void {
  describe('the consultation service of the tax authority', () => {
    const dir = mkdtempSync(join(tmpdir(), 'sat-conformance-'));
    let sandbox: RunningSandbox;
    let sat: ConsultaSat;

    beforeAll(async () => {
      sandbox = await startSandbox({ dir });
      sat = open(`${sandbox.pacUrl}/ConsultaCFDIService.svc`, 5_000);
    }, 60_000);
    afterEach(async () => {
      await sandbox.client.pac('sat:ok');
      await sandbox.client.internet('restore');
    });
    afterAll(async () => {
      await sandbox.stop();
      rmSync(dir, { recursive: true });
    });

    it('tells that it does not find one, and that a question is none', async () => {
      expect(await sat.ask(UNKNOWN, signal)).toMatchObject({ kind: 'told', estado: { estado: 'No Encontrado' } });
      expect(await sat.ask('nothing', signal)).toMatchObject({
        kind: 'told',
        estado: { codigoEstatus: expect.stringMatching(/^N - 601/) },
      });
    });

    it('is unknown while it is down or not itself, unsent without a line', async () => {
      await sandbox.client.pac('sat:down');
      expect(await sat.ask(UNKNOWN, signal)).toMatchObject({ kind: 'unknown', code: 'http-503' });
      const other = open(`${sandbox.controlUrl}/nowhere`, 5_000);
      expect(await other.ask(UNKNOWN, signal)).toMatchObject({ kind: 'unknown' });
      await sandbox.client.internet('cut');
      const fresh = open(`${sandbox.pacUrl}/ConsultaCFDIService.svc`, 5_000);
      expect(await fresh.ask(UNKNOWN, signal)).toMatchObject({ kind: 'unsent', offline: true });
    });
  });
}
