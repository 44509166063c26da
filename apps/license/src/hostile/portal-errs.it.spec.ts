import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { LicenseState } from '../license-state.ts';
import { json, type Manner, type Question } from './own-portal.conformance.ts';
import { OwnVendor, type Sealed } from './own-vendor.conformance.ts';
import { World } from './world.conformance.ts';

// "Only a verified document lowers the mode": every way in which a portal errs, against a house that is valid and one in
// its grace. Both go through the whole visit, the renewal and the list.

const DAYS_OF_GRACE = 33;
let world: World;

beforeAll(async () => {
  world = await World.open();
});

afterAll(() => world.close());

afterEach(() => {
  world.portal.onRenew = null;
  world.portal.onList = null;
  jest.restoreAllMocks();
});

/** What a portal that errs may not touch. */
const untouched = ({ mode, reason, graceDaysLeft, id, issuedAt, validUntil, paidUntil, kid, crl }: LicenseState) => ({
  ...{ mode, reason, graceDaysLeft, id, issuedAt, validUntil, paidUntil, kid },
  ...{ number: crl.number, series: crl.series, revoked: crl.revoked },
});

const raw =
  (status: number, headers: Record<string, string>, body: string | Buffer = '') =>
  (_about: unknown, response: ServerResponse): void =>
    void response.writeHead(status, headers).end(body);
const JSON_TYPE = { 'content-type': 'application/json' };
const page = '<html><body>Inicie sesión para usar la red</body></html>';

/** Both answers are of no use. */
type Everything = Manner<unknown>;

const EVERYTHING: readonly [string, Everything][] = [
  ['500', raw(500, JSON_TYPE, '{"error":"revoked"}')],
  ['503 with a Retry-After', raw(503, { 'retry-after': '99999' })],
  ['404', raw(404, JSON_TYPE, '{}')],
  ['401', raw(401, JSON_TYPE, '{"refusal":{"code":"revoked","message":"no"}}')],
  ['403 with a refusal', raw(403, JSON_TYPE, '{"refusal":{"code":"suspended","message":"no"}}')],
  ['410, gone', raw(410, JSON_TYPE, '{}')],
  ['429', raw(429, {})],
  ['511 of a captive portal', raw(511, { 'content-type': 'text/html' }, page)],
  ['200 with HTML to everything', raw(200, { 'content-type': 'text/html; charset=utf-8' }, page)],
  ['200 with HTML that calls itself JSON', raw(200, JSON_TYPE, page)],
  ['a redirect to a page', raw(302, { location: 'http://127.0.0.1:9/login' })],
  ['a redirect that keeps the method', raw(308, { location: '/elsewhere' })],
  ['no content', raw(204, JSON_TYPE)],
  ['a part of the content', raw(206, JSON_TYPE, '{}')],
  ['not modified, to who has nothing', raw(304, {})],
  ['an empty body', raw(200, JSON_TYPE)],
  ['null', raw(200, JSON_TYPE, 'null')],
  ['a list', raw(200, JSON_TYPE, '[]')],
  ['brackets without end', raw(200, JSON_TYPE, '['.repeat(60_000))],
  ['bytes that are no text', raw(200, JSON_TYPE, Buffer.from([0xff, 0xfe, 0x00, 0xd8]))],
  ['a connection that closes', (_, response) => void response.destroy()],
  [
    'a head that never ends',
    (_, response) => void response.socket?.end(`HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(20_000)}`),
  ],
  [
    'another protocol',
    (_, response) =>
      void response.socket?.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'),
  ],
  ['hints and no answer', (_, response) => void response.socket?.end('HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n')],
  [
    'two lengths',
    (_, response) =>
      void response.socket?.end(
        'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nContent-Length: 4\r\n\r\n{}{}',
      ),
  ],
  ['no HTTP', (_, response) => void response.socket?.end('SSH-2.0-OpenSSH_9.6\r\n')],
];

const sealing =
  (make: (question: Question) => Sealed): Manner<Question> =>
  (question, response) =>
    json(response, make(question));
const changed = (changes: () => object): Manner<Question> =>
  sealing((question) => world.portal.reply(question, changes()));
const renewedAs = (changes: () => object): Manner<Question> =>
  changed(() => ({ license: world.portal.license(changes()), refusal: null }));

const REPLIES: readonly [string, Manner<Question>][] = [
  ['a wrong nonce', changed(() => ({ nonce: 'ab'.repeat(32) }))],
  [
    'our nonce in capitals',
    sealing((q) => world.portal.reply(q, { nonce: q.nonce.toUpperCase().replace(/\d/g, 'A') })),
  ],
  ['a nonce that is a list', sealing((q) => world.portal.reply(q, { nonce: [q.nonce] }))],
  [
    'a refusal without a signature',
    (q, r) => json(r, { nonce: q.nonce, licenseId: q.id, license: null, refusal: REVOKED }),
  ],
  [
    'a refusal that a stranger signed',
    (q, r) => json(r, { ...refusal(new OwnVendor(), q), kid: world.portal.vendor.kid }),
  ],
  ['a refusal by a key that we do not have', (q, r) => json(r, refusal(new OwnVendor(), q))],
  ['a refusal of another nonce', sealing((q) => refusal(world.portal.vendor, { ...q, nonce: '0'.repeat(64) }))],
  ['a refusal of another licence', sealing((q) => refusal(world.portal.vendor, { ...q, id: 'LIC-2' }))],
  ['a refusal signed as a list', sealing((q) => world.portal.vendor.seal('crl', refusalFields(q)))],
  ['a refusal signed as a licence', sealing((q) => world.portal.vendor.seal('license', refusalFields(q)))],
  ['a licence and a refusal at once', changed(() => ({ refusal: REVOKED }))],
  ['neither', changed(() => ({ license: null, refusal: null }))],
  ['a licence in the place of a reply', sealing(() => world.portal.license())],
  ['a list in the place of a reply', sealing(() => world.portal.crl({ revoked: ['LIC-1'], number: 99 }))],
  ['a reply without a time', changed(() => ({ time: null }))],
  ['a reply whose time is no day of the calendar', changed(() => ({ time: '2026-02-30T00:00:00.000Z' }))],
  ['two nonces in one reply', twice],
  ['a licence of a stranger in it', changed(() => ({ license: new OwnVendor().license(world.portal.fields()) }))],
  ['a licence with one bit changed in it', changed(() => ({ license: oneBit(world.portal.license()) }))],
  ['another licence in it', renewedAs(() => ({ id: 'LIC-2' }))],
  ['a licence without an end in it', renewedAs(() => ({ validUntil: null }))],
  ['a licence that is expired on arrival', renewedAs(() => ({ validUntil: world.portal.inDays(-0.001) }))],
  ['a licence whose contract has ended', renewedAs(() => ({ paidUntil: world.portal.inDays(-0.001) }))],
  ['a licence of the future', renewedAs(() => ({ issuedAt: world.portal.inDays(0.01) }))],
  ['a licence that begins in the future', renewedAs(() => ({ notBefore: world.portal.inDays(1) }))],
  ['a licence older than the present one', renewedAs(() => ({ issuedAt: world.portal.inDays(-90) }))],
  [
    'text',
    (q, r) => void r.writeHead(200, { 'content-type': 'text/plain' }).end(JSON.stringify(world.portal.reply(q))),
  ],
  ['no content type', (q, r) => void r.writeHead(200).end(JSON.stringify(world.portal.reply(q)))],
  ['truncated JSON', (q, r) => json(r, JSON.stringify(world.portal.reply(q)).slice(0, -20))],
  ['a body cut off by the line', cutOff],
  ['a body of more than 64 KiB', (q, r) => json(r, `${JSON.stringify(world.portal.reply(q))}${' '.repeat(65_536)}`)],
  ['a body in gzip', (q, r) => json(r, world.portal.reply(q), { 'content-encoding': 'gzip' })],
];

const LISTS: readonly [string, () => string | Sealed][] = [
  ['of a stranger', () => new OwnVendor().crl({ ...listed(), number: 99 })],
  ['of a stranger under our key’s name', () => ({ ...new OwnVendor().crl(listed()), kid: world.portal.vendor.kid })],
  ['signed as a licence', () => world.portal.vendor.seal('license', listed())],
  ['signed as a reply', () => world.portal.vendor.seal('reply', listed())],
  ['with one bit changed', () => oneBit(world.portal.vendor.crl(listed()))],
  ['of a lower number', () => world.portal.crl({ ...listed(), number: world.portal.list.number - 1 })],
  ['of the same number with other bytes', () => world.portal.crl({ ...listed(), number: world.portal.list.number })],
  ['of another series by the same key', () => world.portal.crl({ ...listed(), series: 'B', number: 99 })],
  ['of a negative number', () => world.portal.crl({ ...listed(), number: -1 })],
  ['of a number that is none', () => world.portal.crl({ ...listed(), number: '99' })],
  [
    'of more than 1 MiB',
    () => `${JSON.stringify(world.portal.crl({ ...listed(), number: 99 }))}${' '.repeat(1_048_576)}`,
  ],
  ['cut off', () => JSON.stringify(world.portal.crl({ ...listed(), number: 99 })).slice(0, -9)],
  ['that is a licence', () => world.portal.license()],
];

describe.each<[string, number, Partial<LicenseState>]>([
  ['a house whose licence is valid', 0, { mode: 'valid' }],
  ['a house in its grace', DAYS_OF_GRACE, { mode: 'grace', graceDaysLeft: 4 }],
])('%s', (_, passed, present) => {
  beforeAll(async () => {
    await world.licensed();
    world.portal.publish({});
    await world.look('start');
    await world.days(passed);
    await world.offline();
    expect(await world.state()).toMatchObject({ ...present, crl: { number: world.portal.list.number } });
  });

  /** A person asks for everything, and nothing has changed. */
  async function nothingComesOf(): Promise<LicenseState> {
    const before = untouched(await world.state());
    const modes = (await world.house.told()).length;
    await world.look('request');
    const after = await world.state();
    expect(untouched(after)).toEqual(before);
    expect((await world.house.told()).length).toBe(modes);
    return after;
  }

  it.each(EVERYTHING)('stays so when the portal answers everything with %s', async (_name, manner) => {
    world.portal.onRenew = manner;
    world.portal.onList = manner;
    await nothingComesOf();
  });

  it.each(REPLIES)('stays so when the reply has %s', async (_name, manner) => {
    world.portal.onRenew = manner;
    await nothingComesOf();
    expect(await world.house.waitingRenewals()).toBe(1);
  });

  it.each(LISTS)('stays so when the list is one %s', async (_name, make) => {
    world.portal.onRenew = raw(500, {});
    world.portal.onList = (_tag, response) => json(response, make());
    await nothingComesOf();
  });

  it('stays so when the answer before is played again', async () => {
    const before = await world.copy();
    await world.look('request');
    const played = world.portal.answers.at(-1)!;
    await world.putRowBack(before);
    await world.putFileBack(before);
    world.portal.onRenew = (_q, response) => json(response, played);
    await nothingComesOf();
  });

  it('stays so when the portal is slow: one limit of 30 seconds for the renewal and the list together', async () => {
    const limits: number[] = [];
    const limit = new AbortController();
    jest.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
      limits.push(ms);
      return limit.signal;
    });
    world.portal.onRenew = (_q, response) => {
      response.writeHead(200, JSON_TYPE).write('{');
      limit.abort();
    };
    const before = untouched(await world.state());
    expect(await world.look('request')).toMatchObject({ missed: { word: 'time-out', again: true } });
    expect(limits).toEqual([30_000]);
    expect(untouched(await world.state())).toEqual(before);
  });
});

const REVOKED = { code: 'revoked', message: 'no' };

function refusalFields({ nonce, id }: Pick<Question, 'nonce' | 'id'>): object {
  return { nonce, time: world.portal.inDays(0), licenseId: id, license: null, refusal: REVOKED };
}

function refusal(vendor: OwnVendor, question: Pick<Question, 'nonce' | 'id'>): Sealed {
  return vendor.reply(refusalFields(question));
}

/** A list that would revoke the house's licence if it were believed. */
function listed(): object {
  const { series, number } = world.portal.list;
  return {
    series,
    number,
    issuedAt: world.portal.inDays(0),
    nextUpdate: world.portal.inDays(7),
    revoked: ['LIC-1'],
    suspended: [],
  };
}

function oneBit(sealed: Sealed): Sealed {
  const bytes = Buffer.from(sealed.payload, 'base64');
  bytes[bytes.length >> 1]! ^= 1;
  return { ...sealed, payload: bytes.toString('base64') };
}

function twice(question: Question, response: ServerResponse): void {
  const { nonce, id } = question;
  const fields = JSON.stringify({
    nonce: '0'.repeat(64),
    time: world.portal.inDays(0),
    licenseId: id,
    license: null,
    refusal: REVOKED,
  });
  json(response, world.portal.vendor.seal('reply', fields.replace('{', `{"nonce":"${nonce}",`)));
}

function cutOff(question: Question, response: ServerResponse): void {
  const body = JSON.stringify(world.portal.reply(question));
  response.writeHead(200, { ...JSON_TYPE, 'content-length': String(body.length) });
  response.write(body.slice(0, 200), () => response.destroy());
}
