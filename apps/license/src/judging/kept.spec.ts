import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { rawPublicKey, readKeys, seal, type Envelope, type TimeMark } from '@nexora/licensing';
import { higher, keptIn, keptText, NOTHING_KEPT, type Kept } from './kept.ts';

const DAY_MS = 86_400_000;
const now = Date.UTC(2027, 0, 15);
const [key, stranger] = [generateKeyPairSync('ed25519').privateKey, generateKeyPairSync('ed25519').privateKey];
const { keyring } = readKeys(rawPublicKey(key).toString('hex'));
const iso = (ms: number): string => new Date(ms).toISOString();

function license(issuedAt: number, changes: object = {}, by = key): Envelope {
  const times = { issuedAt: iso(issuedAt), notBefore: iso(issuedAt), validUntil: iso(issuedAt + 30 * DAY_MS) };
  const names = { id: 'LIC-1', customer: 'C', rfc: 'R', plan: 'P', entitlements: { features: [], quantities: {} } };
  return seal(
    'license',
    { ...names, binding: null, ...times, paidUntil: iso(now + 300 * DAY_MS), minCrl: 0, ...changes },
    by,
  );
}

function list(number: number, series = 's1'): Envelope {
  const times = { issuedAt: iso(now), nextUpdate: iso(now + DAY_MS) };
  return seal('crl', { series, number, ...times, revoked: [], suspended: [] }, key);
}

function mark(changes: Partial<TimeMark> = {}): TimeMark {
  const known = { signed: now, certain: now, high: now, leap: null, settled: true, ahead: 0, counted: now };
  return { setRight: 1, ...known, bootId: 'b', bootMs: 1, ...changes };
}

const kept = (parts: Partial<Kept>): Kept => ({ ...NOTHING_KEPT, mark: mark(), ...parts });

/** Now, in the boot of the mark. */
const reading = { wall: now, bootId: 'b', bootMs: 1 };

describe('of two places the higher wins, part by part', () => {
  const [older, newer] = [license(now - DAY_MS), license(now)];

  it.each<[string, Envelope | null, Envelope | null, Envelope | null]>([
    ['the document that was issued later, in the file', older, newer, newer],
    ['the document that was issued later, in Postgres', newer, older, newer],
    ['the only one, in the file', null, older, older],
    ['the only one, in Postgres', older, null, older],
    ['the one that verifies', license(now, {}, stranger), older, older],
    [
      'Postgres’ where neither verifies',
      license(now, {}, stranger),
      license(now - 1, {}, stranger),
      license(now, {}, stranger),
    ],
    ['one of now before the present one of the future', license(now + DAY_MS), newer, newer],
    ['the present one before one of the future', older, license(now + DAY_MS), older],
    [
      'the later of two that have ended',
      license(now - 90 * DAY_MS),
      license(now - 60 * DAY_MS),
      license(now - 60 * DAY_MS),
    ],
  ])('%s', (_, stored, filed, wins) => {
    expect(higher(kept({ document: stored }), kept({ document: filed }), keyring, reading).document).toEqual(wins);
  });

  it('the list with the higher number; one whose series either place has left never', () => {
    const of = (a: Partial<Kept>, b: Partial<Kept>): Envelope | null => higher(kept(a), kept(b), keyring, reading).crl;
    expect(of({ crl: list(3) }, { crl: list(4) })).toEqual(list(4));
    expect(of({ crl: list(4) }, { crl: list(3) })).toEqual(list(4));
    expect(of({ crl: list(9) }, { crl: list(1, 's2'), leftSeries: ['s1'] })).toEqual(list(1, 's2'));
    expect(of({ crl: list(1, 's2'), leftSeries: ['s1'] }, { crl: list(9) })).toEqual(list(1, 's2'));
  });

  it('the time, the series that were left, the first sight of another machine, the last rebinding', () => {
    const a = kept({
      mark: mark({ certain: now + 5 }),
      leftSeries: ['x'],
      machineChangedAt: new Date(2),
      reboundAt: new Date(2),
    });
    const b = kept({ crl: list(1), leftSeries: ['y'], machineChangedAt: new Date(1), reboundAt: new Date(1) });
    expect(higher(a, b, keyring, reading)).toMatchObject({
      mark: { certain: now + 5 },
      leftSeries: ['x', 'y'],
      machineChangedAt: new Date(1),
      reboundAt: new Date(2),
    });
  });

  it('the refusal of the side that met the later reply, also when that one took it back', () => {
    const refusal = { envelope: list(1), nonce: 'n', licenseId: 'LIC-1' };
    const [before, after] = [kept({ refusal }), kept({ mark: mark({ setRight: 2 }) })];
    expect(higher(before, after, keyring, reading).refusal).toBeNull();
    expect(higher(after, before, keyring, reading).refusal).toBeNull();
    expect(higher(kept({}), kept({ refusal }), keyring, reading).refusal).toEqual(refusal);
  });

  it('the file’s own installation: a database may have come from another machine', () => {
    const of = (a: string | null, b: string | null): string | null =>
      higher(kept({ installationId: a }), kept({ installationId: b }), keyring, reading).installationId;
    expect([of('a', 'b'), of('a', null), of(null, 'b')]).toEqual(['b', 'a', 'b']);
  });
});

describe('the file', () => {
  it('holds what was written', () => {
    const all = kept({ document: license(now), crl: list(1), machineChangedAt: new Date(5), installationId: 'i' });
    expect(keptIn(keptText(all))).toEqual(all);
  });

  it.each(['', '{', '[]', 'null', '{"document":1}', '\0', keptText(kept({})).replace('"counted": ', '"counted": "x')])(
    'that holds %j is as none',
    (text) => {
      expect(keptIn(text)).toBeUndefined();
    },
  );
});
