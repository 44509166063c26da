import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWhen } from '@nexora/testing';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createToken } from './auth/create-token.ts';
import { gatewayUnderTest, type GatewayUnderTest } from './testing/gateway.conformance.ts';

const page = join(import.meta.dirname, '../../../docs/api/README.md');
const blocks = [...readFileSync(page, 'utf8').matchAll(/^```sh\n(.*?)^```$/gms)].map(([, code]) => code ?? '');
const missing = ['bash', 'curl', 'psql'].filter((program) => spawnSync(program, ['--version']).error !== undefined);

describeWhen({ met: missing.length === 0, otherwise: `no ${missing.join(', ')}` })(
  'the page on handing work over',
  () => {
    let gateway: GatewayUnderTest;
    let folder: string;

    beforeAll(async () => {
      gateway = await gatewayUnderTest();
      folder = mkdtempSync(join(tmpdir(), 'nexora-docs-'));
    });
    afterAll(async () => {
      rmSync(folder, { recursive: true });
      await gateway.stop();
    });

    it('shows examples that work as they stand, in their order', async () => {
      expect(blocks.length).toBeGreaterThan(4);
      const sql = { query: ({ text, values }: { text: string; values: unknown[] }) => gateway.sql(text, values) };
      const env = {
        ...process.env,
        NEXORA_DATABASE_URL: gateway.database.urlFor('client'),
        NEXORA_URL: gateway.url,
        NEXORA_TOKEN: await createToken(sql, 'operator'),
      };
      const output = await run(`set -euo pipefail\n${blocks.join('\n')}`, folder, env);
      const rows = await gateway.sql('SELECT external_id FROM cfdi.comprobante ORDER BY external_id');
      expect(rows).toEqual([{ external_id: 'venta-1042' }, { external_id: 'venta-1043' }]);
      expect(output).toContain('"externalId":"venta-1043"');
      expect(output).toContain('urn:nexora:problem:cfdi.not-ready');
      expect(output).toContain('"retried":[]');
    });
  },
);

function run(script: string, cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('bash', ['-c', script], { cwd, env, encoding: 'utf8' }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${stderr}\n${stdout}`, { cause: error }));
    });
  });
}
