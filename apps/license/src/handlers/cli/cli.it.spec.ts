import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freshDatabase, startPortal, Vendor, type Issued, type MigratedDatabase, type Order } from '@nexora/testing';
import pg from 'pg';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import { runCli } from './run-cli.ts';

const RUN = fileURLToPath(new URL('../../../../../tools/bootstrap/run.mjs', import.meta.url));
const HOUR_MS = 3_600_000;
const PORTAL = 'http://127.0.0.1:9/portal';
const SERIAL = 'PF2ABCDE';
const ORDER: Order = { customer: 'ESCUELA KEMPER URGATE', rfc: 'EKU9003173C9', plan: 'tienda' };
const folder = mkdtempSync(join(tmpdir(), 'license-cli-'));
let database: MigratedDatabase;
let owner: pg.Client;
let vendor: Vendor;
let environment: Record<string, string>;

/** What a person carries to the portal. */
interface RenewalRequest {
  readonly id: string;
  readonly nonce: string;
  readonly binding: [string, string, string];
}

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

beforeAll(async () => {
  database = await freshDatabase();
  owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  vendor = await Vendor.open(join(folder, 'vendor'));
  environment = {
    DATABASE_URL: database.urlFor('license'),
    LICENSE_PUBLIC_KEY_HEX: (await vendor.publicKeysHex()).join(','),
    LICENSE_DIR: join(folder, 'kept'),
    LICENSE_PORTAL_URL: PORTAL,
    LICENSE_SERIAL: SERIAL,
  };
  Object.assign(process.env, environment);
}, 60_000);

afterAll(async () => {
  for (const name of Object.keys(environment)) delete process.env[name];
  await owner.end();
  await database.drop();
  rmSync(folder, { recursive: true });
});

/** What a command says, in this process. */
async function license(...args: string[]): Promise<Ended> {
  let [out, err] = ['', ''];
  const output = { write: (text: string) => void (out += text), complain: (text: string) => void (err += text) };
  return { code: await runCli(args, output), out, err };
}

/** The command as a person types it, standing in a folder; `input` comes by standard input. */
function typed(cwd: string, args: readonly string[], input = ''): Promise<Ended> {
  const env = { ...process.env, INIT_CWD: cwd, NEXORA_HOME: join(folder, 'home') };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [RUN, 'license', ...args], { env, cwd }, (_error, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
    child.stdin?.end(input);
  });
}

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const issue = async (name: string, order: Partial<Order> = {}): Promise<string> =>
  file(name, (await vendor.issue({ ...ORDER, ...order })).envelope);

/** All that is kept of the licence. */
async function kept(): Promise<unknown> {
  const { rows } = await owner.query<{ kept: unknown }>(
    `SELECT jsonb_build_array(to_jsonb(s), (SELECT count(*) FROM license.history)) AS kept FROM license.state s`,
  );
  return [rows, readFileSync(join(folder, 'kept', 'state.json'), 'utf8')];
}

describe('npm run license -- install and show', () => {
  it('says that there is no licence while there is none', async () => {
    const { code, out } = await license('show', '--json');
    expect([code, JSON.parse(out)]).toEqual([0, expect.objectContaining({ id: null, mode: 'invalid' })]);
    expect(await license('show')).toMatchObject({ code: 0, out: expect.stringMatching(/^Licencia no válida: /) });
    expect(await license('request')).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/icencia/) });
  });

  it('takes a licence: decided and stored when it ends, as it is answered to everybody; the same again changes nothing', async () => {
    const path = await issue('first.json', { id: 'first' });
    const taken = { code: 0, err: '', out: expect.stringMatching(/^Se instaló la licencia\.\nModo: vigente\. /) };
    expect(await license('install', path)).toEqual(taken);
    const { out } = await license('show', '--json');
    const { rows } = await owner.query<{ state: { crl: object } }>('SELECT state FROM agents.license_state');
    const unaged = (state: { crl: object }) => ({ ...state, crl: { ...state.crl, ageSeconds: null } });
    expect(unaged(JSON.parse(out) as { crl: object })).toEqual(unaged(rows[0]?.state ?? { crl: {} }));
    expect(JSON.parse(out)).toMatchObject({ id: 'first', mode: 'valid', reason: null, plan: 'tienda' });
    expect(await license('install', path)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Ya estaba instalada/),
    });
  });

  it('refuses with 1 and one sentence on stderr what is no licence to take, and nothing has changed', async () => {
    const changed = ({ envelope }: Issued) => {
      const payload = Buffer.from(envelope.payload, 'base64');
      payload[20] = Number(payload[20]) ^ 1;
      return { ...envelope, payload: payload.toString('base64') };
    };
    const now = Date.now();
    const stranger = await Vendor.open(join(folder, 'stranger'));
    const tomorrow = await Vendor.open(join(folder, 'vendor'), () => new Date(now + 24 * HOUR_MS));
    const yesterday = await Vendor.open(join(folder, 'vendor'), () => new Date(now - 24 * HOUR_MS));
    const past = { notBefore: new Date(now - 2 * HOUR_MS), validUntil: new Date(now - HOUR_MS) };
    const { envelope } = await vendor.issue(ORDER);
    const bad: readonly (readonly [path: string, says: RegExp])[] = [
      [file('foreign.json', (await stranger.issue(ORDER)).envelope), /firm|clave|llave/i],
      [await issue('expired.json', past), /venc/i],
      [await issue('unpaid.json', { paidUntil: new Date(now - HOUR_MS) }), /contrato|venc|pag/i],
      [file('changed.json', changed(await vendor.issue(ORDER))), /firm/i],
      [file('future.json', (await tomorrow.issue(ORDER)).envelope), /revise el reloj/],
      [
        file('older.json', (await yesterday.issue({ ...ORDER, validDays: 60 })).envelope),
        /anterior|antigu|viej|reciente/i,
      ],
      [file('twice.json', JSON.stringify(envelope).replace('{', '{"kid":"x",')), /./],
      [file('text.json', 'hola'), /./],
      [file('empty.json', ''), /./],
      [file('large.json', ' '.repeat(3_000_000)), /grande/],
      [join(folder, 'none.json'), /no existe/],
      [folder, /carpeta/],
    ];
    const before = await kept();
    for (const [path, says] of bad) {
      const { code, out, err } = await license('install', path);
      expect([path, code, out]).toEqual([path, 1, '']);
      expect([path, err]).toEqual([path, expect.stringMatching(says)]);
      expect(err).toMatch(/^[^\n]+\.\n$/);
    }
    expect(await kept()).toEqual(before);
  });

  it('takes files from where the caller stands, and from standard input', async () => {
    const deep = join(folder, 'deep');
    mkdirSync(deep);
    await issue('deep/mine.json', { id: 'deep' });
    const { envelope } = await vendor.issue({ ...ORDER, id: 'piped' });
    expect(await typed(deep, ['install', 'mine.json'])).toMatchObject({ code: 0, err: '' });
    expect(await typed(deep, ['install', '-'], JSON.stringify(envelope))).toMatchObject({ code: 0, err: '' });
    expect(await typed(deep, ['install', 'other.json'])).toMatchObject({ code: 1, out: '' });
    expect(JSON.parse((await license('show', '--json')).out)).toMatchObject({ id: 'piped', mode: 'valid' });
  }, 60_000);
});

describe('npm run license without Internet', () => {
  beforeAll(async () => {
    const require = createRequire(import.meta.url);
    const wasmBinary = new Uint8Array(readFileSync(require.resolve('zxing-wasm/reader/zxing_reader.wasm'))).buffer;
    await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });
  });

  it('asks by a file and a QR code, and takes the reply', async () => {
    const [asked, drawn] = [join(folder, 'solicitud.json'), join(folder, 'solicitud.png')];
    const { code, out } = await license('request', '--out', asked, '--qr', drawn);
    expect([code, out]).toEqual([0, expect.stringContaining('license -- install')]);
    const request = JSON.parse(readFileSync(asked, 'utf8')) as RenewalRequest;
    expect(Object.keys(request)).toEqual(['id', 'nonce', 'binding']);
    const [seen] = await readBarcodes(readFileSync(drawn), { formats: ['QRCode'] });
    const url = new URL(String(seen?.text));
    expect([url.origin + url.pathname, out.includes(url.href)]).toEqual([`${PORTAL}/v1/offline`, true]);
    expect(JSON.parse(Buffer.from(String(url.searchParams.get('request')), 'base64url').toString())).toEqual(request);
    const reply = file('reply.json', (await vendor.answer(request)).envelope);
    expect(await license('install', reply)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Se instaló la respuesta/),
    });
  }, 60_000);

  it('tells what the portal said when its reply is a refusal', async () => {
    await license('install', await issue('stopped.json', { id: 'stopped' }));
    await vendor.suspend('stopped');
    const { out } = await license('request', '--out', '-');
    const reply = file('refused.json', (await vendor.answer(JSON.parse(out) as RenewalRequest)).envelope);
    const says = /^Se instaló la respuesta del portal\.\nEl portal no la renovó: .*suspendida.*\nModo: revocada/;
    expect(await license('install', reply)).toMatchObject({ code: 0, out: expect.stringMatching(says) });
    await vendor.reinstate('stopped');
    await license('install', await issue('going.json', { id: 'going' }));
  });

  it('refuses a reply to a question that nobody asked', async () => {
    const { out } = await license('request', '--out', '-');
    const request = JSON.parse(out) as RenewalRequest;
    const reply = file('strange.json', (await vendor.answer({ ...request, nonce: 'ab'.repeat(32) })).envelope);
    expect(await license('install', reply)).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/\S/) });
  });

  it('writes both where the caller stands, and says what it cannot write or has no address for', async () => {
    const here = join(folder, 'here');
    mkdirSync(here);
    expect(await typed(here, ['request'])).toMatchObject({ code: 0 });
    for (const name of ['solicitud-de-licencia.json', 'solicitud-de-licencia.svg'])
      expect(readFileSync(join(here, name), 'utf8')).toMatch(/^[{<]/);
    const nowhere = join(folder, 'no-such-folder', 'x.json');
    expect(await license('request', '--out', nowhere)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/no existe/),
    });
  }, 60_000);

  it('takes a revocation list that was brought', async () => {
    const list = file('crl.json', (await vendor.crl()).envelope);
    expect(await license('install', list)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Se instaló la lista/),
    });
  });
});

describe('npm run license about the machine', () => {
  it('shows digests and where they come from, never the facts', async () => {
    const { code, out } = await license('fingerprint', '--json');
    const digest: unknown = expect.stringMatching(/^[0-9a-f]{64}$/);
    expect([code, JSON.parse(out)]).toEqual([
      0,
      {
        binding: [digest, digest, digest],
        facts: [
          expect.objectContaining({ name: 'machine-id', digest }),
          expect.objectContaining({ name: 'serial', digest, read: true, source: 'LICENSE_SERIAL' }),
          expect.objectContaining({ name: 'installation', digest }),
        ],
        match: null,
        unread: expect.any(Array),
      },
    ]);
    const told = (await license('fingerprint')).out;
    expect(`${out}${told}`).not.toContain(SERIAL);
    const { unread } = JSON.parse(out) as { unread: string[] };
    expect(told.split('\n')).toHaveLength(unread.length === 0 ? 5 : 6);
    expect(told.includes('LICENSE_MACHINE_ID')).toBe(unread.includes('machine-id'));
  });

  it.each([
    ['is away', PORTAL, /^No se ligó la licencia a este equipo\. No hay conexión con el portal/],
    ['is not set', '', /^No se ligó la licencia a este equipo\. No hay dirección del portal.*LICENSE_PORTAL_URL/],
  ])('cannot rebind while the portal %s, and says so in Spanish', async (_what, url, says) => {
    process.env['LICENSE_PORTAL_URL'] = url;
    const ended = await license('rebind');
    process.env['LICENSE_PORTAL_URL'] = PORTAL;
    expect(ended).toEqual({ code: 1, out: '', err: expect.stringMatching(says) });
  });

  it('rebinds at the portal, once in 30 days', async () => {
    const portal = await startPortal({ dir: join(folder, 'vendor') });
    process.env['LICENSE_PORTAL_URL'] = portal.url;
    try {
      const elsewhere = ['a', 'b', 'c'].map((digit) => digit.repeat(64)) as [string, string, string];
      await license('install', await issue('bound.json', { id: 'bound', binding: elsewhere }));
      expect(JSON.parse((await license('show', '--json')).out)).toMatchObject({
        mode: 'limited',
        machine: { match: 0 },
      });
      expect(await license('rebind')).toMatchObject({
        code: 0,
        out: expect.stringMatching(/^La licencia quedó ligada/),
      });
      expect(JSON.parse((await license('show', '--json')).out)).toMatchObject({ mode: 'valid', machine: { match: 3 } });
      expect(await license('rebind')).toMatchObject({
        code: 1,
        out: '',
        err: expect.stringMatching(/30 días|20\d\d-/),
      });
    } finally {
      process.env['LICENSE_PORTAL_URL'] = PORTAL;
      await portal.stop();
    }
  }, 30_000);
});

describe('npm run license where there is no house', () => {
  it.each([
    ['that is up', '', /no está encendido.*npm run up/],
    ['whose database answers', 'postgresql://nobody@127.0.0.1:9/none', /npm run status/],
  ])('%s ends with 1 and a sentence', async (_what, url, says) => {
    process.env['DATABASE_URL'] = url;
    try {
      for (const args of [['show'], ['install', file('any.json', '{}')], ['request'], ['fingerprint'], ['rebind']]) {
        const { code, out, err } = await license(...args);
        expect([args, code, out, err]).toEqual([args, 1, '', expect.stringMatching(says)]);
      }
    } finally {
      process.env['DATABASE_URL'] = environment['DATABASE_URL'];
    }
  });
});
