import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ControlRefused } from '@nexora/sandbox-kit';
import type { RunningPortal } from './client.ts';
import { machine, newNonce, PortalUnderTest, sampleOrder } from './portal-under-test.conformance.ts';

const day = 86_400;
let under: PortalUnderTest;
let portal: RunningPortal;

beforeAll(async () => {
  under = await PortalUnderTest.start();
  portal = under.portal;
});
afterAll(() => under.end());
beforeEach(async () => {
  await portal.client.clock(0);
});

const issued = async (change = {}): Promise<string> => (await portal.vendor.issue({ ...sampleOrder, ...change })).id;

describe('POST /v1/licenses/{id}/renew', () => {
  it('answers a signed reply with nonce, time, id and the next document', async () => {
    const id = await issued({ quantities: { users: 3 } });
    await portal.client.clock(20 * day);
    const heard = await under.ask(id);
    expect([heard.status, heard.type, heard.headers.get('cache-control')]).toEqual([
      200,
      'application/json',
      'no-store',
    ]);
    const { reply, license } = await under.verified(id, heard);
    expect(reply).toMatchObject({ nonce: heard.nonce, licenseId: id, refusal: null });
    const inTwentyDays = Date.now() + 20 * day * 1000;
    expect(Math.abs(reply.time.getTime() - inTwentyDays)).toBeLessThan(10_000);
    expect(license?.issuedAt).toEqual(reply.time);
    expect(license?.validUntil.getTime()).toBe(reply.time.getTime() + 30 * day * 1000);
    expect(license).toMatchObject({ id, customer: 'Abarrotes Ñandú', entitlements: { quantities: { users: 3 } } });
  });

  it('refuses with a signature whom it does not know, who is revoked, suspended, unpaid', async () => {
    const refused = async (id: string): Promise<unknown> => {
      const { reply, license } = await under.renewed(id);
      expect(license).toBeNull();
      expect(reply.refusal?.message).toMatch(/licencia/);
      return reply.refusal?.code;
    };
    expect(await refused('LIC-NONE')).toBe('unknown');
    expect(await refused('número 1/2')).toBe('unknown');
    const [revoked, suspended, unpaid] = [await issued(), await issued(), await issued({ paidUntil: '2026-01-01' })];
    await portal.vendor.revoke(revoked);
    await portal.vendor.suspend(suspended);
    expect([await refused(revoked), await refused(suspended), await refused(unpaid)]).toEqual([
      'revoked',
      'suspended',
      'unpaid',
    ]);
    await portal.vendor.reinstate(suspended);
    expect((await under.renewed(suspended)).license).not.toBeNull();
    await portal.vendor.renew(unpaid, { paidUntil: new Date(Date.now() + 365 * day * 1000) });
    expect((await under.renewed(unpaid)).license).not.toBeNull();
  });

  it('follows a machine of which one fact changed, and moves to another once in 30 days', async () => {
    const [m, s, i] = machine('shop');
    const id = await issued({ binding: [m, s, i] });
    const [other] = machine('other');
    expect((await under.renewed(id, [other, s, i])).license?.binding).toEqual([other, s, i]);
    expect((await under.renewed(id, machine('new'))).license?.binding).toEqual(machine('new'));
    expect((await portal.client.log()).at(-1)).toMatchObject({ outcome: 'rebound', licenseId: id });
    expect((await under.renewed(id, machine('new'))).license?.binding).toEqual(machine('new'));
    expect((await under.renewed(id, machine('third'))).reply.refusal?.code).toBe('rebind-too-soon');
    await portal.client.clock(31 * day);
    expect((await under.renewed(id, machine('third'))).license?.binding).toEqual(machine('third'));
  });

  it('binds to the first machine only who was sold so', async () => {
    const [free, sold] = [await issued(), await issued({ bindsAtFirstRenewal: true })];
    expect((await under.renewed(free)).license?.binding).toBeNull();
    expect((await under.renewed(sold)).license?.binding).toEqual(machine('shop'));
  });

  it('answers 400 with a sentence, unsigned, to what is no request', async () => {
    const id = await issued();
    const bodies = ['', '{', '[]', '{"nonce":"1"}', JSON.stringify({ nonce: newNonce(), binding: [], id })];
    for (const body of bodies) {
      const { status, text } = await under.post(id, body);
      expect([status, JSON.parse(text)]).toEqual([400, { error: expect.stringMatching(/must be/) }]);
    }
    expect((await portal.client.log()).at(-1)).toMatchObject({ outcome: 'bad-request', licenseId: id });
    expect((await under.post(id, 'x'.repeat(65 * 1024))).status).toBe(413);
  });

  it('lists the document in the office as it was given out', async () => {
    const id = await issued();
    const { license } = await under.renewed(id);
    const kept = (await portal.vendor.list()).find((record) => record.license.id === id);
    expect(kept?.license.issuedAt).toBe(license?.issuedAt.toISOString());
  });
});

describe('GET /v1/crl', () => {
  it('is a signed list with a number that rises, an ETag, and 304 for who has it', async () => {
    const id = await issued();
    const before = await under.crl();
    const first = await under.get('/v1/crl');
    const etag = first.headers.get('etag') ?? '';
    expect([first.status, first.type, etag]).toEqual([
      200,
      'application/json',
      expect.stringMatching(/^"[0-9a-f]{32}"$/),
    ]);
    for (const header of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await under.get('/v1/crl', { 'if-none-match': header });
      expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', etag]);
    }
    await portal.vendor.revoke(id);
    const next = await under.get('/v1/crl', { 'if-none-match': etag });
    expect(next.status).toBe(200);
    const after = await under.crl();
    expect([after.series, after.number, after.revoked.includes(id)]).toEqual([before.series, before.number + 1, true]);
  });

  it('is followed by the next before its own next update', async () => {
    const before = await under.crl();
    expect(before.nextUpdate.getTime() - before.issuedAt.getTime()).toBe(7 * day * 1000);
    await portal.client.clock(3 * day);
    expect((await under.crl()).number).toBe(before.number);
    await portal.client.clock(4 * day);
    const after = await under.crl();
    expect([after.number, after.series]).toEqual([before.number + 1, before.series]);
    expect(after.nextUpdate.getTime()).toBeGreaterThan(before.nextUpdate.getTime());
  });
});

describe('the portal', () => {
  it('signs with a new key after a rotation, and the list starts a new series', async () => {
    const id = await issued();
    await portal.vendor.suspend(id);
    const before = await under.crl();
    const [oldKey] = await portal.vendor.publicKeysHex();
    const { publicKeyHex, kid } = await portal.vendor.rotate();
    expect((await portal.vendor.publicKeysHex()).slice(0, 2)).toEqual([publicKeyHex, oldKey]);
    const after = await under.crl();
    expect([after.series, after.number]).toEqual([kid, 1]);
    expect(after.series).not.toBe(before.series);
    expect(after.suspended).toContain(id);
    await portal.vendor.reinstate(id);
    expect(JSON.parse((await under.ask(id)).text)).toMatchObject({ kid });
  });

  it('knows no other paths and methods', async () => {
    for (const path of ['/', '/v1/licenses/x/renew', '/v1/licenses//renew', '/v1/crl/x', '/%']) {
      expect((await under.get(path)).status).toBe(404);
    }
    const posted = await fetch(`${portal.url}/v1/crl`, { method: 'POST' });
    expect(posted.status).toBe(404);
    const broken = await fetch(`${portal.url}/v1/licenses/%E0%A4/renew`, { method: 'POST' });
    expect(broken.status).toBe(404);
  });

  it('goes on after an address that is none', async () => {
    const { hostname, port } = new URL(portal.url);
    const socket = connect(Number(port), hostname);
    const answer = text(socket);
    socket.write('GET http://[ HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    expect(await answer).toMatch(/^HTTP\/1.1 404 /);
    expect((await under.get('/v1/crl')).status).toBe(200);
  });

  it('answers 500 while its office cannot be read, and goes on afterwards', async () => {
    const id = await issued();
    const path = join(portal.dir, 'office/office.json');
    const book = readFileSync(path);
    writeFileSync(path, 'rubbish');
    expect((await under.ask(id)).status).toBe(500);
    expect((await portal.client.log()).at(-1)?.outcome).toBe('failed');
    writeFileSync(path, book);
    expect((await under.renewed(id)).license).not.toBeNull();
  });

  it('logs every request: when, what, for whom, and what the office did', async () => {
    const id = await issued();
    const { length } = await portal.client.log();
    const heard = await under.ask(id);
    await under.get('/v1/crl?x=1');
    await under.get('/nowhere');
    expect((await portal.client.log()).slice(length)).toEqual([
      {
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        method: 'POST',
        path: `/v1/licenses/${id}/renew`,
        licenseId: id,
        nonce: heard.nonce,
        binding: machine('shop'),
        outcome: 'renewed',
        misbehaviour: null,
      },
      expect.objectContaining({ method: 'GET', path: '/v1/crl?x=1', licenseId: null, outcome: 'crl' }),
      expect.objectContaining({ path: '/nowhere', outcome: 'not-found' }),
    ]);
    expect((await portal.client.logLines()).trim().split('\n')).toHaveLength(length + 3);
  });

  it('goes by the clock of the house: Date, log, documents', async () => {
    await portal.client.clock(3600);
    const { headers } = await under.get('/v1/crl');
    expect(Math.round((Date.parse(headers.get('date') ?? '') - Date.now()) / 60_000)).toBe(60);
    expect((await portal.client.state()).clock.offsetSeconds).toBe(3600);
    const { license } = await portal.vendor.issue(sampleOrder);
    expect(Math.round((Date.parse(license.issuedAt) - Date.now()) / 60_000)).toBe(60);
  });
});

describe('the line', () => {
  it('when cut refuses connections and breaks the open ones, the control port stays, and it comes back', async () => {
    const { hostname, port } = new URL(portal.url);
    const open = connect(Number(port), hostname);
    const broken = new Promise<void>((resolve) => open.once('close', () => resolve()));
    await new Promise<void>((resolve) => open.once('connect', () => resolve()));
    expect((await portal.client.internet('cut')).internet).toBe('cut');
    await broken;
    await expect(fetch(`${portal.url}/v1/crl`)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    expect((await portal.client.misbehave('500', 1)).portal.misbehaviour).toBe('500');
    await portal.client.misbehave('none');
    expect((await portal.client.internet('restore')).internet).toBe('up');
    expect((await under.get('/v1/crl')).status).toBe(200);
  });

  it('may be cut and restored twice, in any haste', async () => {
    const { client } = portal;
    const words = ['cut', 'cut', 'restore', 'restore', 'cut', 'restore'] as const;
    await Promise.all(words.map((word) => client.internet(word)));
    expect((await client.state()).internet).toBe('up');
    expect((await under.get('/v1/crl')).status).toBe(200);
  });
});

describe('the control port', () => {
  it('tells the state', async () => {
    const state = await portal.client.state();
    expect(state).toMatchObject({
      internet: 'up',
      portal: { url: portal.url, misbehaviour: 'none', remaining: null, next: [] },
      office: { publicKeysHex: await portal.vendor.publicKeysHex(), crl: { number: expect.any(Number) } },
    });
    expect((await fetch(`${portal.controlUrl}/health/ready`)).status).toBe(200);
  });

  it('refuses what it does not know by a sentence, and changes nothing', async () => {
    const before = await portal.client.state();
    const { client } = portal;
    await expect(client.misbehave('slow')).rejects.toThrow(/'slow' is no misbehaviour of the portal/);
    await expect(client.misbehave('500', 0)).rejects.toThrow(/times must be a whole number above 0/);
    for (const seconds of [Number.NaN, 1e11]) await expect(client.clock(seconds)).rejects.toThrow(/offsetSeconds/);
    await expect(client.internet('off' as 'cut')).rejects.toThrow(ControlRefused);
    expect((await fetch(`${portal.controlUrl}/control/pac`, { method: 'POST', body: '{}' })).status).toBe(404);
    expect(await portal.client.state()).toEqual({ ...before, clock: expect.anything() });
  });
});
