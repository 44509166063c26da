import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Vendor, type Issued } from '@nexora/sandbox-portal';
import { TestHouse, type Ended } from './fixtures/commands.ts';
import { Home } from './home.ts';
import { readState, type StackState } from './state.ts';
import { DEMO_LICENSE } from './steps/license-order.ts';

const START_MS = 180_000;
const HOUR_MS = 3_600_000;
const ORDER = { customer: 'ESCUELA KEMPER URGATE', rfc: 'EKU9003173C9' };
const folder = mkdtempSync(join(tmpdir(), 'nexora-vendor-'));
let stranger: Vendor;
let house: TestHouse;
let first: Ended;

/** What `show --json` prints. */
type Shown = Readonly<Record<string, unknown>>;

async function shown(of = house): Promise<Shown> {
  const { code, stdout } = await of.run('license', 'show', '--json');
  expect(code).toBe(0);
  return JSON.parse(stdout) as Shown;
}

/** The licence without what a check at any moment changes. */
async function standing(): Promise<Shown> {
  const { lastCheck: _check, nextCheck: _next, clock: _clock, crl, ...rest } = await shown();
  return { ...rest, crl: { ...(crl as object), ageSeconds: null } };
}

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

function state(): StackState {
  const found = readState(new Home(house.path));
  if (found === null) throw new Error('the house is not up');
  return found;
}

/** The vendor's office of the house. */
function office(): Promise<Vendor> {
  return Vendor.open(join(house.path, 'sandbox-portal'));
}

beforeAll(async () => {
  stranger = await Vendor.open(join(folder, 'stranger'));
  house = new TestHouse();
  first = await house.run('up', '--detach');
}, START_MS);

afterAll(async () => {
  await house.end();
  rmSync(folder, { recursive: true });
}, 60_000);

describe('a house that comes up with the portal of the sandbox', () => {
  it('has a licence that is valid, for the demonstration business', async () => {
    expect(first.code).toBe(0);
    expect(await shown()).toMatchObject({ id: DEMO_LICENSE, mode: 'valid', reason: null, rfc: ORDER.rfc });
    expect(state().processes.map((each) => each.name)).toEqual(expect.arrayContaining(['license', 'sandbox-portal']));
  });

  it('prints what the gateway answers', async () => {
    const token = (await house.run('admin', 'create-token', '--role', 'viewer')).stdout.trim();
    const url = `${String(state().gateway?.url)}/api/admin/license`;
    const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    const { crl, ...rest } = (await answer.json()) as Shown;
    const printed = await shown();
    expect({ ...printed, crl: null }).toEqual({ ...rest, crl: null });
    expect(Object.keys(printed['crl'] as object)).toEqual(Object.keys(crl as object));
  });

  it('shows it to people on one screen, in Spanish', async () => {
    const { code, stdout } = await house.run('license', 'show');
    expect([code, stdout.split('\n').length < 24]).toEqual([0, true]);
    expect(stdout).toMatch(/^Licencia vigente/);
  });

  it('cuts the portal with the line, makes it misbehave meanwhile, and lists what reached it', async () => {
    const url = `${String(state().sandbox?.portal?.url)}/v1/crl`;
    expect((await house.run('sandbox', 'internet', 'cut')).code).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
    expect((await house.run('sandbox', 'portal', 'crl-500', '--times', '1')).code).toBe(0);
    expect((await house.run('sandbox', 'internet', 'restore')).code).toBe(0);
    expect((await fetch(url)).status).toBe(500);
    const lines = (await house.run('sandbox', 'portal', 'log')).stdout.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toContainEqual(
      expect.objectContaining({ path: '/v1/crl', misbehaviour: 'crl-500' }),
    );
  }, 60_000);
});

describe('install', () => {
  const changed = ({ envelope }: Issued) => {
    const payload = Buffer.from(envelope.payload, 'base64');
    payload[payload.length >> 1]! ^= 1;
    return { ...envelope, payload: payload.toString('base64') };
  };

  it('refuses with 1 and a reason what is foreign, expired or changed, and changes nothing', async () => {
    const before = await standing();
    const vendor = await office();
    const past = { notBefore: new Date(Date.now() - 2 * HOUR_MS), validUntil: new Date(Date.now() - HOUR_MS) };
    const bad = [
      file('foreign.json', (await stranger.issue(ORDER)).envelope),
      file('expired.json', (await vendor.issue({ ...ORDER, ...past })).envelope),
      file('changed.json', changed(await vendor.issue(ORDER))),
    ];
    const refused = await Promise.all(bad.map((path) => house.run('license', 'install', path)));
    for (const { code, stdout, output } of refused) {
      expect([code, stdout]).toEqual([1, '']);
      expect(output).toMatch(/^\S.*\.$/m);
    }
    expect(await standing()).toEqual(before);
  }, 60_000);

  it('takes the answer that a phone got for a request, and a licence of a person’s own', async () => {
    const code = join(folder, 'solicitud.svg');
    const asked = await house.run('license', 'request', '--out', join(folder, 'solicitud.json'), '--qr', code);
    expect([asked.code, readFileSync(code, 'utf8')]).toEqual([0, expect.stringContaining('<svg')]);
    const { stdout: answer } = await house.run('license-portal', 'answer', join(folder, 'solicitud.json'));
    expect(await house.run('license', 'install', file('respuesta.json', answer))).toMatchObject({ code: 0 });
    const own = await (await office()).issue({ ...ORDER, id: 'own-1' });
    expect(await house.run('license', 'install', file('own.json', own.envelope))).toMatchObject({ code: 0 });
    expect(await shown()).toMatchObject({ id: 'own-1', mode: 'valid' });
  }, 60_000);
});

describe('the next start', () => {
  it(
    'with the keys of another vendor has the mode invalid, ends well, and leaves a person’s licence where it is',
    async () => {
      await house.run('down');
      rmSync(join(house.path, 'license'), { recursive: true });
      const [keys = ''] = await stranger.publicKeysHex();
      const other = house.with({ LICENSE_PUBLIC_KEY_HEX: keys });
      const up = await other.run('up', '--detach');
      expect(up).toMatchObject({ code: 0, output: expect.stringContaining('Nexora is up') as unknown });
      expect(await shown()).toMatchObject({ mode: 'invalid', reason: 'unknown key' });
      expect(state().license).toMatchObject({ LICENSE_PUBLIC_KEY_HEX: keys });
      const { envelope } = await stranger.issue(ORDER);
      expect((await house.run('license', 'install', file('foreign-taken.json', envelope))).code).toBe(0);
      expect(await shown()).toMatchObject({ mode: 'valid' });
      await house.run('down');
    },
    START_MS,
  );
});
