import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  identify,
  openCrl,
  openLicense,
  openReply,
  readKeys,
  type Crl,
  type DocumentType,
  type Keyring,
  type License,
} from '@nexora/licensing';
import { startPortal } from '../client.ts';
import { machine, newNonce } from '../portal-under-test.conformance.ts';
import { Vendor } from '../office/vendor.ts';
import { runCommand } from './run.ts';

/** What a command left. */
interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

let cwd: string;
let everything: string[];
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'sandbox-portal-cli-'));
  everything = [];
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

/** Runs a command in the folder of the test. */
async function run(words: readonly string[], { input = '', dir = 'office' as string | null } = {}): Promise<Ran> {
  let out = '';
  let err = '';
  const code = await runCommand(words, {
    dir: dir === null ? undefined : join(cwd, dir),
    cwd,
    print: (text) => void (out += text),
    remark: (text) => void (err += text),
    readInput: () => Promise.resolve(input),
  });
  everything.push(out, err);
  return { code, out, err };
}

const office = (): Promise<Vendor> => Vendor.open(join(cwd, 'office'));
const keyring = async (): Promise<Keyring> => readKeys((await (await office()).publicKeysHex()).join(',')).keyring;

async function licenseIn(document: string): Promise<License> {
  return openLicense(identify(document, await keyring()).envelope, await keyring()).content;
}

async function crlIn(document: string): Promise<Crl> {
  return openCrl(identify(document, await keyring()).envelope, await keyring()).content;
}

const order = ['issue', '--customer', 'Mi Tienda', '--rfc', 'EKU9003173C9'];

/** Issues a licence; answers its id. */
async function issued(...more: string[]): Promise<string> {
  const { id } = await licenseIn((await run([...order, ...more])).out);
  return id;
}

const lineOf = (sentence: RegExp): unknown => expect.stringMatching(sentence);

describe('issue', () => {
  it('puts the document on stdout, and what it is on stderr', async () => {
    const { code, out, err } = await run(order);
    expect([code, err]).toEqual([
      0,
      lineOf(/^Licence LIC-[0-9A-F]{16} for Mi Tienda, valid until .*, paid until .*\n$/),
    ]);
    expect(out.trimEnd().split('\n')).toHaveLength(1);
    const license = await licenseIn(out);
    expect(license).toMatchObject({ customer: 'Mi Tienda', rfc: 'EKU9003173C9', plan: 'sandbox', binding: null });
    expect(license.validUntil.getTime() - license.issuedAt.getTime()).toBe(30 * 86_400_000);
    expect(license.paidUntil.getTime() - license.issuedAt.getTime()).toBe(365 * 86_400_000);
  });

  it('takes every option and writes a file', async () => {
    const binding = machine('shop');
    const { code, out, err } = await run([
      ...order,
      ...['--plan', 'pro', '--feature', 'cfdi', '--feature', 'media', '--quantity', 'users=3', '--quantity', 'shops=2'],
      ...['--paid-until', '2028-01-31', '--valid-until', '2027-02-28T06:00:00Z', '--not-before', '2026-01-01'],
      ...['--binding', binding.join(','), '--min-crl', '2', '--id', 'tienda-1', '--out', 'licencia.json'],
    ]);
    expect([code, out, err]).toEqual([0, lineOf(/^Licence tienda-1 .*: .*\/licencia\.json\n$/), '']);
    const { issuedAt: _, ...license } = await licenseIn(readFileSync(join(cwd, 'licencia.json'), 'utf8'));
    expect(license).toEqual({
      id: 'tienda-1',
      customer: 'Mi Tienda',
      rfc: 'EKU9003173C9',
      plan: 'pro',
      entitlements: { features: ['cfdi', 'media'], quantities: { users: 3, shops: 2 } },
      binding,
      notBefore: new Date('2026-01-01T00:00:00Z'),
      validUntil: new Date('2027-02-28T06:00:00Z'),
      paidUntil: new Date('2028-01-31T00:00:00Z'),
      minCrl: 2,
    });
  });

  it('--valid-days is the life of this document and of those after it; --bind waits for the first machine', async () => {
    const id = await issued('--valid-days', '10', '--bind');
    const { license } = await (await office()).answer({ id, nonce: newNonce(), binding: machine('shop') });
    expect(license?.binding).toEqual(machine('shop'));
    expect(Date.parse(license?.validUntil ?? '') - Date.parse(license?.issuedAt ?? '')).toBe(10 * 86_400_000);
  });

  it.each([
    [['issue', '--rfc', 'EKU9003173C9'], /^--customer is missing$/m],
    [['issue', '--customer', 'x'], /^--rfc is missing$/m],
    [[...order, '--quantity', 'users'], /--quantity must be <name>=<whole number>, not "users"/],
    [[...order, '--quantity', 'users=-1'], /--quantity must be/],
    [[...order, '--quantity', 'a=1', '--quantity', 'a=2'], /the quantity a is given twice/],
    [[...order, '--valid-days', 'ten'], /--valid-days must be a whole number, not "ten"/],
    [[...order, '--min-crl', '-1'], /--min-crl/],
    [[...order, '--colour', 'red'], /--colour/],
    [[...order, '--binding', 'a,b,c', '--bind'], /--binding and --bind exclude each other/],
    [[...order, 'more'], /"more" is too much/],
  ])('misused shows how it goes, exit 2: %j', async (words, sentence) => {
    const { code, out, err } = await run(words);
    expect([code, out, err]).toEqual([2, '', lineOf(sentence)]);
    expect(err).toMatch(/^license-portal -- issue --customer <name>/m);
  });

  it.each([
    [['issue', '--customer', 'x', '--rfc', 'x'], 'the RFC must be as EKU9003173C9, not "x"\n'],
    [[...order, '--binding', 'a,b,c'], lineOf(/^the binding must be three digests/)],
    [[...order, '--paid-until', 'soon'], 'paid until must be a time as 2027-01-31 or 2027-01-31T18:00:00Z\n'],
    [[...order, '--out', 'nowhere/l.json'], lineOf(/nowhere\/l\.json cannot be written: ENOENT/)],
  ])('refused says why in one sentence, exit 1: %j', async (words, sentence) => {
    const before = await (await office()).list();
    expect(await run(words)).toEqual({ code: 1, out: '', err: sentence });
    expect(await (await office()).list()).toEqual(before);
  });
});

describe('the other commands', () => {
  it('renew gives out the next document, for another contract if told', async () => {
    const id = await issued();
    const { code, out, err } = await run(['renew', id, '--paid-until', '2030-01-01', '--valid-days', '5']);
    expect([code, err]).toEqual([0, lineOf(new RegExp(`^Licence ${id} renewed, valid until `))]);
    expect(await licenseIn(out)).toMatchObject({ id, paidUntil: new Date('2030-01-01T00:00:00Z') });
    expect((await run(['renew', id, '--out', 'next.json'])).out).toMatch(/next\.json\n$/);
    expect((await licenseIn(readFileSync(join(cwd, 'next.json'), 'utf8'))).id).toBe(id);
    expect(await run(['renew', 'nobody'])).toEqual({ code: 1, out: '', err: 'there is no licence nobody\n' });
    expect((await run(['renew'])).err).toMatch(/^the id is missing$/m);
  });

  it('suspend, reinstate and revoke say which list says so', async () => {
    const id = await issued();
    const said: string[] = [];
    for (const word of ['suspend', 'reinstate', 'revoke']) {
      const { code, out, err } = await run([word, id]);
      expect([code, err]).toEqual([0, '']);
      said.push(out);
    }
    expect(
      said.map((line) => line.replace(/.* is (.*); revocation list [0-9a-f]{16} number \d+ says so\n/, '$1')),
    ).toEqual(['suspended', 'active again', 'revoked']);
    expect((await crlIn((await run(['crl'])).out)).revoked).toContain(id);
    expect(await run(['reinstate', id])).toEqual({ code: 1, out: '', err: `licence ${id} is revoked\n` });
    for (const word of ['suspend', 'reinstate', 'revoke']) expect((await run([word])).code).toBe(2);
  });

  it('crl gives out the list, also to a file', async () => {
    const { out, err } = await run(['crl']);
    const list = await crlIn(out);
    expect(err).toBe(`Revocation list ${list.series} number ${list.number}\n`);
    const filed = await run(['crl', '--out', 'crl.json']);
    expect([filed.code, filed.out]).toEqual([0, lineOf(/crl\.json\n$/)]);
    expect(readFileSync(join(cwd, 'crl.json'), 'utf8')).toBe(out);
  });

  it('rotate and keys tell public keys only', async () => {
    const before = (await run(['keys', '--hex'])).out.trim();
    expect(before).toMatch(/^[0-9a-f]{64}$/);
    const { code, out } = await run(['rotate']);
    expect(code).toBe(0);
    const after = (await run(['keys', '--hex'])).out.trim();
    expect(after).toBe(`${after.slice(0, 64)},${before}`);
    expect(out).toContain(`LICENSE_PUBLIC_KEY_HEX=${after}\n`);
    const lines = (await run(['keys'])).out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toMatchObject([
      { publicKeyHex: after.slice(0, 64), signs: true, until: null },
      { publicKeyHex: before, signs: false, until: lineOf(/Z$/) },
    ]);
  });

  it('answer takes the request of an installation as file, link or input', async () => {
    const id = await issued();
    const nonce = newNonce();
    const json = JSON.stringify({ id, nonce, binding: machine('shop') });
    writeFileSync(join(cwd, 'solicitud.json'), `${json}\n`);
    const asked = new Map([[nonce, id]]);
    const { code, out, err } = await run(['answer', 'solicitud.json']);
    expect([code, err]).toEqual([0, `Reply for licence ${id}: renewed\n`]);
    expect(openReply(identify(out, await keyring()).envelope, await keyring(), asked).content.refusal).toBeNull();
    const link = `https://portal.example/v1/offline?request=${Buffer.from(json).toString('base64url')}`;
    const filed = await run(['answer', '-', '--out', 'respuesta.json'], { input: link });
    expect([filed.code, filed.out]).toEqual([0, lineOf(/: renewed: .*respuesta\.json\n$/)]);
    const type: DocumentType = identify(readFileSync(join(cwd, 'respuesta.json')), await keyring()).type;
    expect(type).toBe('reply');
    await run(['revoke', id]);
    const refused = await run(['answer', 'solicitud.json']);
    expect([refused.code, refused.err]).toEqual([0, `Reply for licence ${id}: refused (revoked)\n`]);
    expect((await run(['answer', 'missing.json'])).err).toMatch(/missing\.json is not there\n$/);
    expect(await run(['answer', '-'], { input: 'hello' })).toMatchObject({
      code: 1,
      err: lineOf(/no request of an inst/),
    });
    expect((await run(['answer'])).err).toMatch(/^the request file is missing$/m);
  });

  it('list tells every licence on a line', async () => {
    const id = await issued();
    const lines = (await run(['list'])).out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string });
    expect(lines).toHaveLength((await (await office()).list()).length);
    expect(lines.find((line) => line.id === id)).toMatchObject({
      customer: 'Mi Tienda',
      rfc: 'EKU9003173C9',
      status: 'active',
      bound: false,
      kid: lineOf(/^[0-9a-f]{16}$/),
    });
  });
});

describe('the command line', () => {
  it('works while the portal runs, and goes by the clock of its house', async () => {
    const portal = await startPortal({ dir: join(cwd, 'office') });
    try {
      await portal.client.clock(86_400);
      const id = await issued();
      expect(Date.parse((await portal.vendor.renew(id)).license.issuedAt)).toBeGreaterThan(Date.now() + 80_000_000);
      const body = JSON.stringify({ nonce: newNonce(), binding: machine('shop') });
      await fetch(`${portal.url}/v1/licenses/${id}/renew`, { method: 'POST', body });
      expect((await portal.client.log()).at(-1)).toMatchObject({ licenseId: id, outcome: 'renewed' });
    } finally {
      await portal.client.clock(0);
      await portal.stop();
    }
  });

  it('explains itself', async () => {
    const { code, out } = await run(['--help']);
    expect([code, out]).toEqual([0, lineOf(/^license-portal -- issue/)]);
    expect(await run([])).toEqual({ code: 2, out: '', err: out });
    expect(await run(['--dir', 'x'], { dir: null })).toEqual({ code: 2, out: '', err: out });
    expect((await run(['isue'])).err).toMatch(/^there is no command "isue"\n/);
    expect(await run(['list'], { dir: null })).toMatchObject({ code: 2, err: lineOf(/^--dir must name the folder/) });
    for (const words of [
      ['list', '--dir'],
      ['--dir=', 'list'],
    ])
      expect((await run(words)).code).toBe(2);
  });

  it('takes the folder before or behind the command', async () => {
    const { out } = await run(['list']);
    const dir = join(cwd, 'office');
    for (const words of [
      ['--dir', dir, 'list'],
      ['list', '--dir', dir],
      [`--dir=${dir}`, 'list'],
    ]) {
      expect(await run(words, { dir: null })).toEqual({ code: 0, out, err: '' });
    }
  });

  it('says which file it cannot read', async () => {
    mkdirSync(join(cwd, 'spoilt/office'), { recursive: true });
    writeFileSync(join(cwd, 'spoilt/office/office.json'), 'rubbish');
    const { code, err } = await run(['list'], { dir: 'spoilt' });
    expect([code, err]).toEqual([
      1,
      lineOf(/^.*office\.json is no book of a licence office: move the folder away.*\n$/),
    ]);
    writeFileSync(join(cwd, 'file'), '');
    expect(await run(['list'], { dir: 'file' })).toMatchObject({ code: 1, err: lineOf(/^ENOTDIR: .*\n$/) });
  });
});

/** Whatever the tests above ran: no private key was told to anybody. */
afterEach(() => {
  const folder = join(cwd, 'office/office');
  const secrets = readdirSync(folder)
    .filter((name) => name.endsWith('.pem'))
    .map((name) => readFileSync(join(folder, name), 'utf8').split('\n')[1] ?? '');
  for (const secret of secrets) for (const told of everything) expect(told).not.toContain(secret.slice(-40));
});
