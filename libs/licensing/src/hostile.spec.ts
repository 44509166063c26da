import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { openCrl, openLicense, openRenewed, openReply } from './documents.ts';
import { MAX_BYTES, PREFIX, readEnvelope, type Envelope } from './envelope.ts';
import { readKeys } from './keys.ts';
import { Refused, type RefusalReason } from './refused.ts';
import { identify } from './seal.ts';
import { CRL, LICENSE, REPLY, Vendor } from './vendor.conformance.ts';

const vendor = new Vendor();
const good = vendor.seal('license', LICENSE);

function refusalOf(deed: () => unknown): RefusalReason | 'taken' {
  try {
    deed();
    return 'taken';
  } catch (fault) {
    if (fault instanceof Refused) return fault.reason;
    throw fault;
  }
}

const read = (text: string | Uint8Array): RefusalReason | 'taken' =>
  refusalOf(() => openLicense(readEnvelope(text, MAX_BYTES.license), vendor.keyring));
const file = (envelope: object): string => JSON.stringify(envelope);

describe('one bit changed', () => {
  const REASONS: (RefusalReason | 'taken')[] = ['unreadable', 'unknown key', 'bad signature', 'taken'];

  it('in any byte of the file: never read as another document', () => {
    const bytes = Buffer.from(file(good));
    const outcomes = bytes.map((_, at) => {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1 << (at & 7);
      return REASONS.indexOf(read(changed));
    });
    expect(new Set(outcomes)).toEqual(new Set([0, 1, 2]));
  });

  it('in any byte of the payload, in any bit of the signature: a bad signature', () => {
    const outcomes = (['payload', 'signature'] as const).flatMap((part) => {
      const bytes = Buffer.from(good[part], 'base64');
      const bits = part === 'payload' ? [...bytes.keys()].map((at) => at * 8 + (at % 8)) : [...Array(512).keys()];
      return bits.map((bit) => {
        const changed = Buffer.from(bytes);
        changed[bit >> 3]! ^= 1 << (bit & 7);
        return read(file({ ...good, [part]: changed.toString('base64') }));
      });
    });
    expect(new Set(outcomes)).toEqual(new Set(['bad signature']));
  });
});

describe('an envelope', () => {
  it('is taken as it was sealed, with space around it or its keys in another order', () => {
    const { payload, signature, kid } = good;
    for (const text of [file(good), JSON.stringify(good, null, 2), `\r\n${file({ kid, signature, payload })}\n`]) {
      expect(read(text)).toBe('taken');
    }
  });

  it.each<[string, string, RefusalReason]>([
    ['no JSON', 'license', 'unreadable'],
    ['a list', '[]', 'unreadable'],
    ['null', 'null', 'unreadable'],
    ['an empty object', '{}', 'unreadable'],
    ['another key', file({ ...good, expires: '3000-01-01T00:00:00Z' }), 'unreadable'],
    ['a payload twice', file(good).replace('{', `{"payload":"${good.payload}",`), 'unreadable'],
    ['a payload that is an object', file({ ...good, payload: LICENSE }), 'unreadable'],
    ['no payload', file({ ...good, payload: '' }), 'unreadable'],
    ['a signature of 63 bytes', file({ ...good, signature: Buffer.alloc(63).toString('base64') }), 'unreadable'],
    ['a signature of 65 bytes', file({ ...good, signature: Buffer.alloc(65).toString('base64') }), 'unreadable'],
    ['a kid of other digits', file({ ...good, kid: 'G'.repeat(16) }), 'unreadable'],
    ['a kid that is too long', file({ ...good, kid: `${good.kid}00` }), 'unreadable'],
    ['an unknown kid', file({ ...good, kid: '0'.repeat(16) }), 'unknown key'],
    ['a kid of an object’s own name', file({ ...good, kid: '__proto__' }), 'unreadable'],
    ['a signature of zeros', file({ ...good, signature: Buffer.alloc(64).toString('base64') }), 'bad signature'],
  ])('is refused with %s', (_name, text, reason) => {
    expect(read(text)).toBe(reason);
  });

  it('is refused in base64 that is not strict', () => {
    const { signature } = good; // 64 bytes: ends in ==
    const loose = [
      signature.replace('==', ''),
      `${signature}\n`,
      ` ${signature}`,
      signature.replace(
        /..==$/,
        (end) => `${end[0]!}${end[1] === 'A' ? 'B' : String.fromCharCode(end.charCodeAt(1) + 1)}==`,
      ),
      `${signature.slice(0, 10)}*${signature.slice(10)}`,
      Buffer.from(signature, 'base64').toString('base64url'),
    ];
    for (const written of loose) expect(read(file({ ...good, signature: written }))).not.toBe('taken');
    expect(read(file({ ...good, payload: `${good.payload}=` }))).toBe('unreadable');
  });

  it('is Ed25519 whatever the file says of its algorithm', () => {
    for (const alg of ['none', 'HS256', 'RS256', 'Ed25519', null, 7]) {
      expect(read(file({ ...good, alg }))).toBe('taken');
      expect(read(file({ ...good, alg, signature: Buffer.alloc(64).toString('base64') }))).toBe('bad signature');
    }
  });

  it('is refused beyond 64 KiB, a list beyond 1 MiB, whatever it holds', () => {
    const exact = file(good) + ' '.repeat(MAX_BYTES.license - file(good).length);
    expect([read(exact), read(`${exact} `), read(Buffer.from(`${exact} `))]).toEqual([
      'taken',
      'too large',
      'too large',
    ]);
    expect(refusalOf(() => identify(`${exact} `, vendor.keyring))).toBe('too large');
    const list = file(vendor.seal('crl', CRL));
    const long = list + ' '.repeat(MAX_BYTES.crl - list.length);
    expect(refusalOf(() => identify(long, vendor.keyring))).toBe('taken');
    expect(refusalOf(() => identify(`${long} `, vendor.keyring))).toBe('too large');
  });
});

describe('one kind of document as another', () => {
  const openers = {
    license: openLicense,
    crl: openCrl,
    reply: (e: Envelope, k: Vendor['keyring']) => openReply(e, k, ASKED),
  };
  const ASKED = new Map([[REPLY.nonce, REPLY.licenseId]]);
  const payloads = { license: LICENSE, crl: CRL, reply: REPLY };
  const types = ['license', 'crl', 'reply'] as const;
  const pairs = types.flatMap((made) => types.map((as) => [made, as] as const));

  it.each(pairs)('a %s read as a %s', (made, as) => {
    const outcome = refusalOf(() => openers[as](vendor.seal(made, payloads[made]), vendor.keyring));
    expect(outcome).toBe(made === as ? 'taken' : 'bad signature');
  });

  it.each(types)('a %s with the text of another under its own signature is not of the agreed shape', (type) => {
    const other = payloads[type === 'license' ? 'crl' : 'license'];
    expect(refusalOf(() => openers[type](vendor.seal(type, other), vendor.keyring))).toBe('unreadable');
  });

  it.each(types)('identify tells a %s by its signature', (type) => {
    expect(identify(file(vendor.seal(type, payloads[type])), vendor.keyring).type).toBe(type);
  });

  it('the bare payload, signed without a prefix or with half of one, is nothing', () => {
    const payload = Buffer.from(JSON.stringify(LICENSE));
    for (const prefix of ['', 'nexora-license-v1', 'nexora-license-v2\n', `${PREFIX.license}\n`]) {
      const signature = sign(null, Buffer.concat([Buffer.from(prefix), payload]), vendor.privateKey).toString('base64');
      const envelope = { ...good, payload: payload.toString('base64'), signature };
      expect([read(file(envelope)), refusalOf(() => identify(file(envelope), vendor.keyring))]).toEqual([
        'bad signature',
        'bad signature',
      ]);
    }
  });
});

describe('keys', () => {
  const SMALL = ['00', '01', 'ec'].map((low) => (low === 'ec' ? `ec${'ff'.repeat(30)}7f` : `${low}${'00'.repeat(31)}`));

  it('none at all: no key; others only: unknown key', () => {
    expect(refusalOf(() => openLicense(good, readKeys('').keyring))).toBe('no key');
    expect(refusalOf(() => openLicense(good, readKeys(SMALL.join(',')).keyring))).toBe('no key');
    expect(refusalOf(() => openLicense(good, new Vendor().keyring))).toBe('unknown key');
  });

  it.each(SMALL)('the constant signature forged under %s opens nothing, beside a good key or alone', (hex) => {
    const raw = Buffer.from(hex, 'hex');
    const { keyring } = readKeys(`${hex},${vendor.hex}`);
    for (const first of [raw, Buffer.from(`01${'00'.repeat(31)}`, 'hex')]) {
      for (let n = 0; n < 16; n += 1) {
        const payload = Buffer.from(JSON.stringify({ ...LICENSE, id: `forged-${String(n)}` })).toString('base64');
        const signature = Buffer.concat([first, Buffer.alloc(32)]).toString('base64');
        for (const kid of [vendor.keyring.keys().next().value!, '0'.repeat(16)]) {
          expect(refusalOf(() => openLicense({ payload, signature, kid }, keyring))).not.toBe('taken');
        }
      }
    }
  });

  it('another key’s signature under our kid is a bad signature', () => {
    const forged = { ...new Vendor().seal('license', LICENSE), kid: good.kid };
    expect(refusalOf(() => openLicense(forged, vendor.keyring))).toBe('bad signature');
  });

  it('rotate: both are taken while both are set, the old one no more once its key is gone', () => {
    const next = new Vendor();
    const both = readKeys(`${vendor.hex},${next.hex}`).keyring;
    const renewed = next.seal('license', LICENSE);
    expect([good, renewed].map((envelope) => refusalOf(() => openLicense(envelope, both)))).toEqual(['taken', 'taken']);
    expect([good, renewed].map((envelope) => refusalOf(() => openLicense(envelope, next.keyring)))).toEqual([
      'unknown key',
      'taken',
    ]);
  });

  it('a key of another sort signs nothing of ours', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    expect(() => new Vendor().seal.call({ privateKey: rsa }, 'license', LICENSE)).toThrow();
    const ed448 = createPrivateKey(generateKeyPairSync('ed448').privateKey.export({ type: 'pkcs8', format: 'pem' }));
    expect(() => new Vendor().seal.call({ privateKey: ed448 }, 'license', LICENSE)).toThrow(
      'An Ed25519 key is expected.',
    );
  });
});

describe('a reply', () => {
  const asked = new Map([[REPLY.nonce, REPLY.licenseId]]);
  const answer = (changes: object): RefusalReason | 'taken' =>
    refusalOf(() => openReply(vendor.seal('reply', { ...REPLY, ...changes }), vendor.keyring, asked));

  it('answers our nonce about our licence, or nothing', () => {
    expect(answer({})).toBe('taken');
    expect(answer({ nonce: 'cd'.repeat(32) })).toBe('wrong nonce');
    expect(answer({ licenseId: 'lic-0002' })).toBe('other license');
    expect(refusalOf(() => openReply(vendor.seal('reply', REPLY), vendor.keyring, new Map()))).toBe('wrong nonce');
  });

  it('holds a licence or a refusal, not both; with neither it still tells the time', () => {
    expect(answer({ license: good, refusal: null })).toBe('taken');
    expect(answer({ license: null, refusal: null })).toBe('taken');
    expect(answer({ license: good })).toBe('unreadable');
  });

  it('is no refusal when it is not signed', () => {
    for (const body of ['{"refusal":{"code":"revoked","message":"no"}}', file({ ...REPLY }), '<html>revoked</html>']) {
      expect(refusalOf(() => readEnvelope(body, MAX_BYTES.reply))).toBe('unreadable');
    }
  });

  it('carries a licence that must verify by itself and be the one that was asked for', () => {
    const renewed = (license: Envelope): RefusalReason | 'taken' =>
      refusalOf(() => openRenewed(vendor.reply({ license, refusal: null }).content, vendor.keyring));
    expect(renewed(good)).toBe('taken');
    expect(renewed(new Vendor().seal('license', LICENSE))).toBe('unknown key');
    expect(renewed({ ...good, signature: Buffer.alloc(64).toString('base64') })).toBe('bad signature');
    expect(renewed(vendor.seal('crl', LICENSE))).toBe('bad signature');
    expect(renewed(vendor.seal('license', { ...LICENSE, id: 'lic-0002' }))).toBe('other license');
    expect(openRenewed(vendor.reply().content, vendor.keyring)).toBeNull();
  });
});

describe('anything at all', () => {
  const openers = [
    (envelope: Envelope) => openLicense(envelope, vendor.keyring),
    (envelope: Envelope) => openCrl(envelope, vendor.keyring),
    (envelope: Envelope) => openReply(envelope, vendor.keyring, new Map([[REPLY.nonce, REPLY.licenseId]])),
  ];
  const types = ['license', 'crl', 'reply'] as const;

  it('as a file is a refusal, never another fault', () => {
    const bytes = fc.oneof(fc.uint8Array(), fc.json(), fc.string(), fc.object().map(file));
    fc.assert(fc.property(bytes, (text) => expect(refusalOf(() => identify(text, vendor.keyring))).not.toBe('taken')));
  });

  it('signed by the vendor is a document or a refusal, never another fault', () => {
    const documents = [LICENSE, CRL, REPLY].map((document) => JSON.parse(file(document)) as Record<string, unknown>);
    const spoilt = fc
      .tuple(fc.nat({ max: 2 }), fc.nat({ max: 20 }), fc.oneof(fc.anything(), fc.jsonValue()))
      .map(([which, key, value]): [number, object] => {
        const document = documents[which]!;
        const names = Object.keys(document);
        return [which, { ...document, [names[key % names.length]!]: typeof value === 'bigint' ? null : value }];
      })
      .filter(([, document]) => isJson(document));
    fc.assert(
      fc.property(spoilt, ([which, document]) => {
        const envelope = vendor.seal(types[which]!, document);
        expect(['taken', 'unreadable', 'wrong nonce', 'other license']).toContain(
          refusalOf(() => openers[which]!(envelope)),
        );
      }),
      { numRuns: 500 },
    );
  });

  function isJson(value: unknown): boolean {
    try {
      return JSON.stringify(value) !== undefined;
    } catch {
      return false;
    }
  }
});
