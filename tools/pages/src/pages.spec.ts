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

  it('name every setting that the business already has', () => {
    const page = generated.find(({ path }) => path === 'docs/settings.md')?.text ?? '';
    for (const name of ['DATABASE_URL', 'REDIS_URL', 'AGENTS_ENABLED']) expect(page).toContain(`\`${name}\``);
  });
});
