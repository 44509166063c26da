import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { root } from './home.ts';

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

/** Runs a command as npm does. */
function run(command: string, ...args: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['tools/bootstrap/run.mjs', command, ...args], { cwd: root }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
    );
  });
}

describe('every command', () => {
  it.each(Object.keys(scripts))('%s --help says how it is called, and does nothing else', async (name) => {
    const { code, stdout, stderr } = await run(name, '--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    // Some explain themselves at length, to who runs the shop.
    expect(stdout).toMatch(new RegExp(`^(usage: npm run ${name}\\b.*\\n$|Uso:\\n {2}npm run (--silent )?${name} )`));
  });

  it.each(['up', 'down', 'status', 'logs', 'demo', 'sandbox', 'test', 'test:faults', 'check', 'pages', 'lint'])(
    '%s refuses an option that it does not know in a sentence, and says how it is called',
    async (name) => {
      const { code, stdout, stderr } = await run(name, '--nonsense');
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain("Unknown option '--nonsense'");
      expect(stderr).toMatch(new RegExp(`usage: npm run ${name}\\b|sandbox -- `));
      expect(stderr).not.toMatch(/^\s+at /m);
    },
  );

  it.each([
    ['down', 'now'],
    ['sandbox', 'explode'],
    ['sandbox', 'pac'],
  ])('%s %s is refused too', async (...words) => {
    expect((await run(...words)).code).toBe(2);
  });
});
