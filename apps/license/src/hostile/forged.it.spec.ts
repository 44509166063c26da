import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { LicenseState } from '../license-state.ts';
import { kidOfHex, OwnVendor, seeded, type Sealed } from './own-vendor.conformance.ts';
import { World } from './world.conformance.ts';

// Documents that nobody sold: changed, forged, of another kind; and keys under which anybody could sign.

const SEED = 20_261_121;
let world: World;

beforeAll(async () => {
  world = await World.open();
});

afterAll(() => world.close());

beforeEach(async () => {
  await world.reset();
});

/** Brings a document by hand; it is refused, and nothing has changed. */
async function refused(document: object | string, reason: string | RegExp): Promise<void> {
  const before = await world.state();
  const told = await world.house.told();
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  await expect(world.desk().install(text)).rejects.toMatchObject({
    name: 'Refused',
    reason: typeof reason === 'string' ? reason : expect.stringMatching(reason),
    es: expect.stringMatching(/\S/),
  });
  expect(await world.state()).toEqual(before);
  expect(await world.house.told()).toEqual(told);
}

describe(`a licence with one bit changed (seed ${SEED})`, () => {
  const chance = seeded(SEED);
  const pick = (length: number): number => Math.floor(chance() * length);
  const flip = (bytes: Buffer, bit: number): Buffer => {
    const changed = Buffer.from(bytes);
    changed[bit >> 3]! ^= 1 << (bit & 7);
    return changed;
  };

  it('is refused wherever in the file the bit is', async () => {
    await world.licensed();
    const bytes = Buffer.from(JSON.stringify(world.portal.license()));
    for (let turn = 0; turn < 24; turn += 1) {
      const changed = flip(bytes, pick(bytes.length * 8));
      await expect(world.desk().install(changed)).rejects.toMatchObject({ name: 'Refused' });
    }
    expect(await world.state()).toMatchObject({ mode: 'valid' });
  });

  it.each(['payload', 'signature'] as const)('is refused as badly signed wherever in the %s it is', async (part) => {
    const good = world.portal.license();
    const bytes = Buffer.from(good[part], 'base64');
    const ends = [0, bytes.length * 8 - 1];
    for (const bit of [...ends, ...Array.from({ length: 6 }, () => pick(bytes.length * 8))]) {
      await refused({ ...good, [part]: flip(bytes, bit).toString('base64') }, 'bad signature');
    }
    expect(await world.look()).toMatchObject({ mode: 'invalid', reason: 'no license' });
  });

  it('is passed over in one of its two places, and is no licence when it is changed in both', async () => {
    await world.licensed();
    const good = (await world.copy()).file;
    const { document } = JSON.parse(good) as { document: Sealed };
    const bytes = Buffer.from(document.payload, 'base64');
    const spoilt = { ...document, payload: flip(bytes, pick(bytes.length * 8)).toString('base64') };
    await world.editFile(() => ({ document: spoilt }));
    expect(await world.look()).toMatchObject({ mode: 'valid' });
    await world.editRow({ document: spoilt });
    expect(await world.look()).toMatchObject({ mode: 'valid' });
    await world.editRow({ document: spoilt });
    await world.editFile(() => ({ document: spoilt }));
    expect(await world.look()).toMatchObject({ mode: 'invalid', reason: 'bad signature' });
    expect(await world.state()).toMatchObject({ id: null, validUntil: null, paidUntil: null, customer: null });
    await world.putFileBack({ file: good });
    expect(await world.look()).toMatchObject({ mode: 'valid' });
  });
});

describe('one kind of document as another', () => {
  const kinds = ['license', 'crl', 'reply'] as const;
  const list = (): object => ({
    series: 'A',
    number: 7,
    issuedAt: world.portal.inDays(0),
    nextUpdate: world.portal.inDays(7),
    revoked: [],
    suspended: [],
  });
  const texts = {
    license: () => world.portal.fields(),
    crl: list,
    reply: () => ({
      nonce: '0'.repeat(64),
      time: world.portal.inDays(0),
      licenseId: 'LIC-1',
      license: null,
      refusal: null,
    }),
  };
  const pairs = kinds.flatMap((text) => kinds.filter((as) => as !== text).map((as) => [text, as] as const));

  it.each(pairs)('the text of a %s, signed as a %s, is refused', async (text, as) => {
    await world.licensed();
    await refused(world.portal.vendor.seal(as, texts[text]()), 'unreadable');
  });

  it('a document that carries the fields of all three is what it was signed as, and no more', async () => {
    await world.licensed();
    const all = {
      ...texts.reply(),
      ...list(),
      ...world.portal.fields(),
      revoked: ['LIC-1'],
      refusal: { code: 'revoked', message: '' },
    };
    await world.install(world.portal.vendor.license(all));
    expect(await world.state()).toMatchObject({ mode: 'valid', lastRefusal: null, crl: { number: 0, revoked: 0 } });
  });

  it('a licence whose text has a key twice is refused, though its signature is good', async () => {
    const text = JSON.stringify(world.portal.fields()).replace('{', '{"validUntil":"2000-01-01T00:00:00.000Z",');
    await refused(world.portal.vendor.seal('license', text), 'unreadable');
  });

  it.each<[string, object]>([
    ['an end in words', { validUntil: 'never' }],
    ['an end without a zone', { validUntil: '2099-01-01T00:00:00' }],
    ['an end as a number', { validUntil: 4_070_908_800_000 }],
    ['an end in a list', { validUntil: ['2099-01-01T00:00:00.000Z'] }],
    ['no contract', { paidUntil: null }],
    ['a binding of two facts', { binding: ['00', '00'] }],
    ['a binding as text', { binding: 'any' }],
    ['an id that leads elsewhere', { id: '..' }],
    ['no id', { id: '' }],
    ['a lowest list of -1', { minCrl: -1 }],
  ])('a licence with %s is refused, though its signature is good', async (_, changes) => {
    await world.licensed();
    await refused(world.portal.license(changes), 'unreadable');
  });

  it('a field of a newer vendor does not take the licence away', async () => {
    await world.install(world.portal.license({ seats: 7, mode: 'invalid', reason: 'revoked' }));
    expect(await world.state()).toMatchObject({ mode: 'valid', reason: null });
  });
});

/** The y of the points of order 1, 2, 4 and 8, also written without reduction. */
const SMALL = [
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
];
const signed = (hex: string): string => hex.slice(0, 62) + (parseInt(hex.slice(62), 16) | 0x80).toString(16);

const NO_KEYS: readonly [string, string][] = [
  ['one digit short', 'a'.repeat(63)],
  ['one digit long', 'a'.repeat(65)],
  ['with a sign that is no digit', `${'a'.repeat(63)}g`],
  ['in words', 'clave'],
  ['that is no point of the curve', `02${'00'.repeat(31)}`],
  ['of a number beyond the field', 'ff'.repeat(32)],
  ...SMALL.flatMap((hex): [string, string][] => [
    [`of small order, ${hex.slice(0, 4)}…${hex.slice(60)}`, hex],
    [`of small order with the sign bit, ${hex.slice(0, 4)}…${signed(hex).slice(60)}`, signed(hex)],
  ]),
];

describe('a key that is no key', () => {
  it('none at all: no licence can be verified, the process goes on, and the key brings it all back', async () => {
    await world.licensed();
    for (const none of ['', ' ', ',', ' , ,']) {
      expect(await world.look('hour', { LICENSE_PUBLIC_KEY_HEX: none })).toMatchObject({
        mode: 'invalid',
        reason: 'no key',
      });
    }
    expect(await world.state()).toMatchObject({ id: null, validUntil: null });
    expect(await world.look()).toMatchObject({ mode: 'valid' });
  });

  it.each(NO_KEYS)(
    '%s: is refused by name, verifies nothing alone, and does not disturb a good one',
    async (_, hex) => {
      const good = world.portal.vendor.hex;
      await world.licensed();
      expect(await world.look('hour', { LICENSE_PUBLIC_KEY_HEX: hex })).toMatchObject({
        mode: 'invalid',
        reason: 'no key',
      });
      expect(await world.look('hour', { LICENSE_PUBLIC_KEY_HEX: `${hex},${good}` })).toMatchObject({ mode: 'valid' });
      expect((await world.state()).refusedKeys).toEqual([
        { position: 1, start: hex.slice(0, 8), why: expect.stringMatching(/\S/) },
      ]);
      for (const keys of [hex, `${good},${hex}`]) {
        for (const forged of forgeries(hex)) {
          await expect(world.install(forged, { LICENSE_PUBLIC_KEY_HEX: keys })).rejects.toMatchObject({
            name: 'Refused',
          });
        }
      }
      expect(await world.look()).toMatchObject({ mode: 'valid' });
    },
  );

  it('the same key twice: the second is named, the first serves', async () => {
    const { hex } = world.portal.vendor;
    await world.licensed();
    const twice = { LICENSE_PUBLIC_KEY_HEX: `${hex},${hex.toUpperCase()}` };
    expect(await world.look('hour', twice)).toMatchObject({ mode: 'valid' });
    expect((await world.state()).refusedKeys).toMatchObject([{ position: 2 }]);
  });

  it('a thousand keys that are none, around one that is', async () => {
    await world.licensed();
    const junk = Array.from({ length: 500 }, (_, n) => `${n}`.padStart(64, '0'));
    const keys = [...junk, world.portal.vendor.hex, ...junk].join(',');
    expect(await world.look('hour', { LICENSE_PUBLIC_KEY_HEX: keys })).toMatchObject({ mode: 'valid' });
  });
});

/** Constant signatures: each small point as R and zero as S satisfy the equation under a key of small order, for some texts. */
function forgeries(hex: string): Sealed[] {
  const kids = [/^[0-9a-f]{64}$/.test(hex) ? kidOfHex(hex) : '0'.repeat(16), world.portal.vendor.kid];
  return ['01', '00'].flatMap((first) =>
    kids.map((kid, turn) => ({
      payload: Buffer.from(JSON.stringify({ ...world.portal.fields(), id: `FORGED-${turn}` })).toString('base64'),
      signature: Buffer.concat([Buffer.from(first, 'hex'), Buffer.alloc(63)]).toString('base64'),
      kid,
    })),
  );
}

describe('keys that rotate', () => {
  const pick = ({ mode, reason, kid }: LicenseState): unknown => ({ mode, reason, kid });

  it('both set: the old document stands, one by the new key is taken; the old key gone: its documents are refused', async () => {
    const old = world.portal.vendor;
    const fresh = new OwnVendor();
    const both = { LICENSE_PUBLIC_KEY_HEX: `${old.hex},${fresh.hex}` };
    const only = { LICENSE_PUBLIC_KEY_HEX: fresh.hex };
    try {
      await world.licensed();
      const former = world.portal.license();
      await world.look('request', both);
      expect(pick(await world.state())).toEqual({ mode: 'valid', reason: null, kid: old.kid });
      world.portal.vendor = fresh;
      world.portal.list = { ...world.portal.list, series: 'B' };
      await world.look('request', both);
      expect(pick(await world.state())).toEqual({ mode: 'valid', reason: null, kid: fresh.kid });
      expect((await world.state()).crl).toMatchObject({ series: 'B', number: 1 });
      await world.look('request', only);
      expect(pick(await world.state())).toEqual({ mode: 'valid', reason: null, kid: fresh.kid });
      await expect(world.install(former, only)).rejects.toMatchObject({ reason: 'unknown key' });
      expect(await world.house.told()).toEqual(['mode:valid']);
    } finally {
      world.portal.vendor = old;
    }
  });

  it('the old key gone before the licence was renewed: an unknown key, until the licence comes by the new one', async () => {
    const old = world.portal.vendor;
    const fresh = new OwnVendor();
    const only = { LICENSE_PUBLIC_KEY_HEX: fresh.hex };
    await world.licensed();
    expect(await world.look('hour', only)).toMatchObject({ mode: 'invalid', reason: 'unknown key' });
    await world.install(fresh.license(world.portal.fields()), only);
    expect(await world.state()).toMatchObject({ mode: 'valid', kid: fresh.kid });
    expect(await world.look('hour', { LICENSE_PUBLIC_KEY_HEX: old.hex })).toMatchObject({ mode: 'invalid' });
  });
});
