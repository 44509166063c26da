import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { itWhen } from '@nexora/testing';
import { openCrl, openLicense, openReply } from './documents.ts';
import { MAX_BYTES, readEnvelope } from './envelope.ts';
import { readKeys } from './keys.ts';
import { Vendor } from './vendor.conformance.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/license/documents.md'), 'utf8');
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, text = '']) => text);
const [, license = '', list = '', reply = ''] = blocks('json');

describe('docs/license/documents.md', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nexora-documents-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const vendor = new Vendor();
  const sealed = (type: 'license' | 'crl' | 'reply', text: string) => vendor.seal(type, JSON.parse(text) as object);

  it('shows documents that are taken as they stand', () => {
    expect(openLicense(sealed('license', license), vendor.keyring).content.plan).toBe('comercio');
    expect(openCrl(sealed('crl', list), vendor.keyring).content.revoked).toEqual(['lic-0009']);
    const nonce = 'ab'.repeat(32);
    const answer = sealed('reply', reply.replace('<ours, 64 hex digits>', nonce));
    const opened = openReply(answer, vendor.keyring, new Map([[nonce, 'lic-0001']]));
    expect(opened.content.refusal?.code).toBe('suspended');
  });

  const tools = ['openssl', 'xxd', 'sha256sum', 'base64'].filter(
    (tool) => spawnSync(tool, ['--version']).error !== undefined,
  );
  itWhen({ met: tools.length === 0, otherwise: `not installed: ${tools.join(', ')}` })(
    'signs by the commands that it shows',
    () => {
      writeFileSync(join(folder, 'payload.json'), license);
      // What ends in no line feed on a screen is told apart here by one.
      const recipe = (blocks('sh')[0] ?? '').replaceAll(/ +#.*$/gm, '').replaceAll(/base64 .*$/gm, '$&; echo');
      const lines = execFileSync('bash', ['-ec', recipe], { cwd: folder, encoding: 'utf8' });
      const [hex = '', kid = '', signature = '', payload = ''] = lines.trim().split('\n');
      const envelope = readEnvelope(JSON.stringify({ payload, signature, kid }), MAX_BYTES.license);
      expect(openLicense(envelope, readKeys(hex).keyring).content.customer).toBe('Escuela Kemper Urgate');
    },
  );
});
