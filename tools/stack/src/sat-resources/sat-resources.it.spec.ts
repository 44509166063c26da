import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { describeWhen, satResource, satResources, smallDisk } from '@nexora/testing';
import { referencesOf, SCHEMAS, withRelativeReferences } from './addresses.ts';
import { faultsOf, type Manifest } from './manifest.ts';
import { pull } from './pull.ts';

const CFD = 'sitio_internet/cfd';
const ROOT = `${CFD}/4/cfdv40.xsd`;
const CAT = `${CFD}/catalogos/catCFDI.xsd`;

/** A schema that refers to the catalogue by the tax authority's own absolute address. */
function schema(path: string, body = ''): string {
  const reference = path === CAT ? '' : `<xs:import schemaLocation="http://www.sat.gob.mx/${CAT}"/>`;
  return `<?xml version="1.0"?><xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">${reference}${body}</xs:schema>`;
}

type Answer = (response: ServerResponse, path: string) => void;
const good: Answer = (response, path) => void response.end(schema(path));

let server: Server;
let base: URL;
let folder: string;
/** How the site misbehaves, by path. */
let answers: Map<string, Answer>;
const asked: string[] = [];

beforeAll(async () => {
  server = createServer(({ url = '' }, response) => {
    const path = url.slice(1);
    asked.push(path);
    (answers.get(path) ?? good)(response, path);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
const parent = mkdtempSync(join(tmpdir(), 'sat-resources-'));
afterAll(() => rmSync(parent, { recursive: true }));

let number = 0;
beforeEach(() => {
  answers = new Map();
  number += 1;
  folder = join(parent, `sat-${number}`);
});

const at = new Date('2026-11-21T12:00:00Z');
/** What these tests serve has the form of schemas and nothing in it; whether such can be used is a test of its own. */
const anything = () => Promise.resolve();
const pulled = (into = folder): Promise<Manifest> =>
  pull({ from: base, roots: [ROOT], folder: into, timeoutMs: 2_000, pauseMs: 1, assertUsable: anything }, at);
const contentOf = (path: string, into = folder): string => readFileSync(join(into, 'www.sat.gob.mx', path), 'utf8');

describe('npm run sat-resources -- pull', () => {
  it('fetches the files and what they refer to, makes references relative, and lists checksums and date', async () => {
    const { files, fetchedAt } = await pulled();
    expect(files.map(({ path }) => path)).toEqual([`www.sat.gob.mx/${ROOT}`, `www.sat.gob.mx/${CAT}`]);
    expect(fetchedAt).toBe('2026-11-21T12:00:00.000Z');
    expect(contentOf(ROOT)).toContain('schemaLocation="../catalogos/catCFDI.xsd"');
    expect(faultsOf(folder)).toEqual([]);
  });

  it('puts the new files in the place of the old in one step and forgets the former', async () => {
    await pulled();
    const before = realpathSync(folder);
    answers.set(CAT, (response, path) => void response.end(schema(path, '<!-- new -->')));
    await pulled();
    expect(contentOf(CAT)).toContain('new');
    expect(realpathSync(folder)).not.toBe(before);
    expect(existsSync(before)).toBe(false);
    expect(readdirSync(`${folder}.versions`)).toHaveLength(1);
  });

  it('takes over a folder that a person made by hand, and keeps that aside', async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'mine'), 'x');
    await pulled();
    expect(faultsOf(folder)).toEqual([]);
    expect(readdirSync(`${folder}.versions`).filter((name) => name.startsWith('by-hand'))).toHaveLength(1);
  });

  const html = '<html><body>Servicio no disponible</body></html>';
  const misbehaviours: readonly (readonly [what: string, answer: Answer, says: RegExp])[] = [
    ['404', (response) => void response.writeHead(404).end(html), /responde 404/],
    ['503 for good', (response) => void response.writeHead(503).end(html), /503/],
    [
      'a page with 200',
      (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end(html),
      /página de error/,
    ],
    ['a file that is cut', (response, path) => void response.end(schema(path).slice(0, -9)), /completo/],
    ['an empty file', (response) => void response.end(), /completo/],
    ['a file shorter than announced', cut, /no se pudo descargar|completo/],
    ['a connection that is reset', (response) => void response.destroy(), /no se pudo descargar/],
    ['no answer', () => undefined, /no terminó en 0\.2 segundos/],
    ['a body without end', endless, /demasiado grande|no terminó/],
    ['itself for ever', (response, path) => void response.writeHead(302, { location: `/${path}` }).end(), /sin fin/],
    [
      'another site',
      (response) => void response.writeHead(302, { location: base.href.replace('127.0.0.1', 'localhost') }).end(),
      /otra dirección/,
    ],
  ];

  function endless(response: ServerResponse): void {
    const chunk = Buffer.alloc(1024 * 1024, 0x20);
    const more = (): void => void (response.destroyed || response.write(chunk, () => setImmediate(more)));
    more();
  }

  function cut(response: ServerResponse, path: string): void {
    response.writeHead(200, { 'content-length': '9999' });
    response.write(schema(path));
    setImmediate(() => response.destroy());
  }

  it.each(misbehaviours)(
    'keeps the old folder, and nothing else, when the site answers with %s',
    async (_what, answer, says) => {
      await pulled();
      const before = realpathSync(folder);
      answers.set(CAT, answer);
      const order = { from: base, roots: [ROOT], folder, timeoutMs: 200, pauseMs: 1, assertUsable: anything };
      await expect(pull(order, at)).rejects.toThrow(says);
      expect([realpathSync(folder), readdirSync(`${folder}.versions`).length]).toEqual([before, 1]);
      expect(faultsOf(folder)).toEqual([]);
    },
  );

  it('asks nothing of another site to which it is sent', async () => {
    const others: string[] = [];
    const other = createServer(({ url = '' }, response) => {
      others.push(url);
      response.end(schema(CAT));
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    answers.set(CAT, (response) => void response.writeHead(302, { location: `http://127.0.0.1:${port}/${CAT}` }).end());
    await expect(pulled()).rejects.toThrow(/otra dirección/);
    expect(others).toEqual([]);
    other.close();
  });

  it('follows the site to another place of its own', async () => {
    answers.set(CAT, (response) => void response.writeHead(302, { location: '/moved' }).end());
    answers.set('moved', (response) => void response.end(schema(CAT)));
    await pulled();
    expect(faultsOf(folder)).toEqual([]);
  });

  it('tries again after a slip of the line', async () => {
    let slips = 2;
    answers.set(CAT, (response, path) => {
      if (slips === 0) return good(response, path);
      slips -= 1;
      response.destroy();
    });
    await pulled();
    expect(faultsOf(folder)).toEqual([]);
  });

  it('never follows a reference out of its place', () => {
    const text = `<x schemaLocation="http://example.mx/a.xsd"/><x href="../../../../../etc/passwd"/><x schemaLocation="ns http://www.sat.gob.mx/${CAT}"/>`;
    expect(referencesOf(ROOT, text)).toEqual([]);
    expect(withRelativeReferences(ROOT, text)).toBe(text);
  });
});

const disk = smallDisk(1);
describeWhen('skipped' in disk ? { met: false, otherwise: disk.skipped } : { met: true, otherwise: '' })(
  'npm run sat-resources -- pull on a disk that is full',
  () => {
    if ('skipped' in disk) return;
    afterAll(() => disk.end());

    it('keeps the old folder whole', async () => {
      const into = join(disk.path, 'sat');
      await pulled(into);
      disk.fill();
      answers.set(CAT, (response, path) => void response.end(schema(path, `<!--${'x'.repeat(20_000)}-->`)));
      await expect(pulled(into)).rejects.toThrow(/ENOSPC/);
      disk.empty();
      expect(faultsOf(into)).toEqual([]);
    });
  },
);

const run = (...args: string[]): Promise<{ code: number; out: string; err: string }> =>
  new Promise((resolve) => {
    const entry = fileURLToPath(new URL('../../../bootstrap/run.mjs', import.meta.url));
    const child = execFile(process.execPath, [entry, 'sat-resources', ...args], (_error, out, err) => {
      resolve({ code: child.exitCode ?? -1, out, err });
    });
  });

describe('npm run sat-resources', () => {
  it('explains itself, refuses http from elsewhere, and takes nothing that the agent cannot use', async () => {
    const [help, misuse, empty] = await Promise.all([
      run('--help'),
      run('pull', '--from', 'http://www.sat.gob.mx/'),
      run('pull', '--from', base.href, '--to', folder),
    ]);
    expect(help).toMatchObject({ code: 0, out: expect.stringContaining('--with-stylesheets') });
    expect(misuse).toMatchObject({ code: 2, err: expect.stringContaining('https') });
    expect(empty).toMatchObject({ code: 1, err: expect.stringMatching(/no sirven.*queda como estaba/s) });
    expect(existsSync(folder)).toBe(false);
  }, 60_000);
});

describeWhen(satResources)("npm run sat-resources with the tax authority's own files", () => {
  const real: Answer = (response, path) => {
    const file = satResource(join('www.sat.gob.mx', path));
    if (existsSync(file)) response.end(readFileSync(file));
    else response.writeHead(404).end();
  };

  it('pulls, verifies, and names what was changed', async () => {
    for (const path of everyPath()) answers.set(path, real);
    expect(await run('pull', '--from', base.href, '--to', folder)).toMatchObject({ code: 0, err: '' });
    for (const path of SCHEMAS) expect(asked).toContain(path);
    expect(await run('verify', '--to', folder)).toMatchObject({ code: 0 });
    const before = realpathSync(folder);
    for (const [path, body] of [
      [CAT, schema(CAT)],
      [`${CFD}/Pagos/Pagos20.xsd`, schema(CAT)],
      [`${CFD}/TimbreFiscalDigital/TimbreFiscalDigitalv11.xsd`, schema(CAT)],
    ] as const) {
      answers.set(path, (response) => void response.end(body));
      const spoilt = await run('pull', '--from', base.href, '--to', folder);
      expect([path, spoilt]).toMatchObject([path, { code: 1, err: expect.stringContaining('no sirven') }]);
      answers.set(path, real);
    }
    expect(realpathSync(folder)).toBe(before);
    writeFileSync(join(folder, 'www.sat.gob.mx', CAT), 'changed');
    expect(await run('verify', '--to', folder)).toMatchObject({ code: 1, err: expect.stringContaining('catCFDI.xsd') });
  }, 120_000);

  function everyPath(): string[] {
    const site = satResource('www.sat.gob.mx');
    const names = readdirSync(site, { recursive: true, encoding: 'utf8' });
    return names.filter((name) => /\.(xsd|xslt)$/.test(name));
  }
});
