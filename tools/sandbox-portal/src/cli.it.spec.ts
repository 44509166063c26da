import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sandboxFlags } from '@nexora/sandbox-kit';
import { machine, newNonce } from './portal-under-test.conformance.ts';

const cli = fileURLToPath(new URL('./cli.ts', import.meta.url));
const compileCache = fileURLToPath(new URL('../../../.cache/compile', import.meta.url));

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'sandbox-portal-cli-'));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

/** Runs the program as a vendor does. */
async function run(words: readonly string[], { input = '', environment = {} } = {}): Promise<unknown[]> {
  const { SANDBOX_DIR: _, ...env } = process.env;
  const child = spawn(process.execPath, [...sandboxFlags, cli, ...words], {
    cwd,
    env: { ...env, NODE_OPTIONS: '', NODE_COMPILE_CACHE: compileCache, ...environment },
  });
  child.stdin.end(input);
  const exit = once(child, 'exit');
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = (await exit) as [number | null];
  return [code, out, err];
}

const matching = (sentence: RegExp): unknown => expect.stringMatching(sentence);

describe("the vendor's program", () => {
  it('issues into the folder that --dir names, from where the caller stands, and ends with 0', async () => {
    const words = ['issue', '--customer', 'Tienda', '--rfc', 'EKU9003173C9', '--id', 'one', '--out', 'l.json'];
    expect(await run([...words, '--dir', 'office'])).toEqual([0, matching(/^Licence one for Tienda/), '']);
    expect(JSON.parse(readFileSync(join(cwd, 'l.json'), 'utf8'))).toHaveProperty('kid');
  });

  it('reads the folder from SANDBOX_DIR, and a request from its input', async () => {
    const input = JSON.stringify({ id: 'none', nonce: newNonce(), binding: machine('shop') });
    const answered = await run(['answer', '-'], { input, environment: { SANDBOX_DIR: 'office' } });
    expect(answered).toEqual([0, matching(/^\{"payload":/), 'Reply for licence none: refused (unknown)\n']);
  });

  it('ends with 2 when it is misused, with 1 when it refuses', async () => {
    expect(await run([])).toEqual([2, '', matching(/^license-portal -- issue/)]);
    expect(await run(['revoke', 'nobody', '--dir', 'office'])).toEqual([1, '', 'there is no licence nobody\n']);
  });
});
