import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { withScratchCopy } from '@nexora/gates/scratch-copy';
import { startTestServices } from '@nexora/testing';
import { planAgent } from './plan-agent.ts';

const root = join(import.meta.dirname, '../../..');
/** Not `citas`: whoever follows the guide has that agent already. */
const name = 'citas-de-muestra';

interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program with the repository's Node and never throws for its exit code. */
function run(cwd: string, [program = '', ...args]: readonly string[], env = {}): Promise<Ended> {
  const PATH = [join(root, 'node_modules/.bin'), dirname(process.execPath), process.env['PATH']].join(delimiter);
  const options = { cwd, env: { ...process.env, NX_DAEMON: 'false', FORCE_COLOR: '0', PATH, ...env } };
  return new Promise((resolve) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stdout, stderr });
    });
  });
}

const good = (said: RegExp) => ({ code: 0, stdout: expect.stringMatching(said) });

describe('npm run new:agent', () => {
  it('makes an agent that is formatted, linted, typed, starts on real services and does its sample job', async () => {
    const planned = await planAgent(root, name, new Date());
    const services = await startTestServices();
    try {
      await withScratchCopy(planned, async (copy) => {
        const made = planned.map(({ path }) => path);
        const jest = ['node', '--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--json', `apps/${name}`];
        const lint = ['nx', 'run', 'workspace:lint', `--args=${made.filter((path) => path.endsWith('.ts')).join(' ')}`];
        const [worked, typed, formatted, linted] = await Promise.all([
          run(copy, jest, services.env),
          run(copy, ['tsc', '--noEmit', '-p', `apps/${name}`]),
          run(copy, ['prettier', '--check', ...made]),
          run(copy, [...lint, '--output-style=static']),
        ]);
        expect({ worked, typed, formatted, linted }).toMatchObject({
          worked: good(/"numPassedTests":1,/),
          typed: good(/^$/),
          formatted: good(/All matched files use Prettier code style/),
          linted: good(/Successfully ran target lint/),
        });
        // Without its graph the boundary rule is content with everything.
        expect(linted.stdout + linted.stderr).not.toContain('No cached ProjectGraph');
      });
    } finally {
      await services.stop();
    }
  });

  it('keeps a name of several words apart: hyphens for people, underscores for SQL, none for TypeScript', async () => {
    const planned = await planAgent(root, 'citas-web', new Date('2026-11-21T12:00:05Z'));
    const source = (path: string) => planned.find((file) => file.path === path)?.source ?? '';
    const migrations = 'apps/citas-web/src/store/migrations';
    expect(source(`${migrations}/20261121120005-notes.ts`)).toContain('CREATE TABLE citas_web.note (');
    expect(source(`${migrations}/index.ts`)).toContain(`role: loginOf('citas-web')`);
    expect(source('apps/citas-web/src/citas-web.settings.ts')).toContain('CITAS_WEB_NOTE_ATTEMPTS: {');
    expect(source('libs/contracts/src/citas-web.kinds.ts')).toContain('export const citasWebKinds = {');
    expect(source('libs/contracts/src/index.ts')).toMatch(/type CitasWebKinds } from '.\/citas-web.kinds.ts';\n$/);
    expect(planned.filter(({ path, source }) => /__\w+__/.test(path + source))).toEqual([]);
  });

  it.each([
    [[], 'say one name: npm run new:agent -- citas'],
    [['citas', 'clientes'], 'say one name: npm run new:agent -- citas'],
    [['Citas'], 'small letters'],
    [['sync'], 'apps/sync is there already'],
  ])('refuses %j in a sentence, with exit code 2, and changes nothing', async (words, sentence) => {
    const house = () => [
      readdirSync(join(root, 'apps')),
      readFileSync(join(root, 'libs/contracts/src/index.ts'), 'utf8'),
    ];
    const before = house();
    const { code, stdout, stderr } = await run(root, ['node', 'tools/bootstrap/run.mjs', 'new:agent', ...words]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(sentence);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(house()).toEqual(before);
  });
});
