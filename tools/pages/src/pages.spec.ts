import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { pages } from './pages.ts';

const root = join(import.meta.dirname, '../../..');
const generated = await pages(root);

describe('generated pages', () => {
  it.each(generated)('$path says what the sources say; `npm run pages` writes it anew', ({ path, text }) => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(text);
  });

  it.each([
    ['DATABASE_URL', 'required'],
    ['REDIS_URL', 'required'],
    ['AGENTS_ENABLED', '`true`'],
    ['AGENTS_HEARTBEAT_URL', 'unset'],
    ['CFDI_RETRY_MAX_HOURS', '`6`'],
    ['PAC_PROVIDER', undefined],
    ['PAC_USER', undefined],
    ['PAC_PASS', undefined],
    ['S3_ENDPOINT', undefined],
    ['S3_BUCKET', undefined],
    ['S3_ACCESS_KEY', undefined],
    ['S3_SECRET_KEY', undefined],
  ])('keep the name %s, which the business already has, and its default', (name, fallback) => {
    const page = generated.find(({ path }) => path === 'docs/settings.md')?.text ?? '';
    const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\` `));
    expect(row).toBeDefined();
    if (fallback !== undefined) expect(row?.split('|')[2]?.trim()).toBe(fallback);
  });
});
