import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MAX_BYTES, openCrl, openLicense, openReply, readKeys, type Envelope, type Keyring } from '@nexora/licensing';
import { OfficeRefused } from './refused.ts';
import { Vendor } from './vendor.ts';

const order = { customer: 'Tienda', rfc: 'EKU9003173C9' };
const day = 86_400_000;
let dir: string;
let now: Date;
let vendor: Vendor;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sandbox-office-'));
  now = new Date('2026-11-21T18:00:00Z');
  vendor = await Vendor.open(dir, () => now);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const office = (): string => join(dir, 'office');
const bookText = (): string => readFileSync(join(office(), 'office.json'), 'utf8');
const keyFiles = (): string[] => readdirSync(office()).filter((name) => name.endsWith('.pem'));
const keyring = async (): Promise<Keyring> => readKeys((await vendor.publicKeysHex()).join(',')).keyring;
const refused = async (work: Promise<unknown>, sentence: RegExp): Promise<void> => {
  const before = bookText();
  await expect(work).rejects.toThrow(OfficeRefused);
  await expect(work).rejects.toThrow(sentence);
  expect(bookText()).toBe(before);
};

describe("the vendor's keys", () => {
  it('are made at first use, mode 0600 in a folder of mode 0700, and used again', async () => {
    const [file = ''] = keyFiles();
    expect(keyFiles()).toHaveLength(1);
    expect(statSync(join(office(), file)).mode & 0o777).toBe(0o600);
    expect(statSync(join(office(), 'office.json')).mode & 0o777).toBe(0o600);
    expect(statSync(office()).mode & 0o777).toBe(0o700);
    const again = await Vendor.open(dir);
    expect(await again.publicKeysHex()).toEqual(await vendor.publicKeysHex());
    expect(keyFiles()).toEqual([file]);
  });

  it('are one pair, whoever opens the office first', async () => {
    rmSync(office(), { recursive: true });
    const opened = await Promise.all(Array.from({ length: 6 }, () => Vendor.open(dir)));
    const keys = await Promise.all(opened.map((each) => each.publicKeysHex()));
    expect(new Set(keys.flat()).size).toBe(1);
  });

  it('private ones are in no file but their own', async () => {
    await vendor.issue(order);
    const [file = ''] = keyFiles();
    const secret = readFileSync(join(office(), file), 'utf8').split('\n')[1] ?? '';
    expect(secret.length).toBeGreaterThan(60);
    expect(bookText()).not.toContain(secret.slice(-40));
  });

  it('rotate: the new one signs, the old one stays listed with its end', async () => {
    const [first] = await vendor.keys();
    const { envelope } = await vendor.issue(order);
    now = new Date(now.getTime() + day);
    const second = await vendor.rotate();
    expect(await vendor.keys()).toEqual([second, { ...first, until: now.toISOString() }]);
    now = new Date(now.getTime() + day);
    const third = await vendor.rotate();
    expect((await vendor.keys()).map(({ kid, until }) => [kid, until])).toEqual([
      [third.kid, null],
      [second.kid, now.toISOString()],
      [first?.kid, second.since],
    ]);
    expect(openLicense(envelope, await keyring()).kid).toBe(first?.kid);
    expect((await vendor.issue(order)).envelope.kid).toBe(third.kid);
  });
});

describe('licences in the office', () => {
  it('are issued and listed, each with an id of its own', async () => {
    const issued = await Promise.all(Array.from({ length: 12 }, () => vendor.issue(order)));
    const listed = (await vendor.list()).map(({ license }) => license.id);
    expect(new Set(listed)).toEqual(new Set(issued.map(({ id }) => id)));
    expect(listed).toHaveLength(12);
    const [{ id, envelope, license }] = issued as [(typeof issued)[0]];
    expect(openLicense(envelope, await keyring()).content).toMatchObject({ id, issuedAt: new Date(license.issuedAt) });
  });

  it('survive two offices at work on one folder', async () => {
    const other = await Vendor.open(dir, () => now);
    await Promise.all(Array.from({ length: 10 }, (_, index) => (index % 2 ? vendor : other).issue(order)));
    expect(await vendor.list()).toHaveLength(10);
    expect(await other.list()).toEqual(await vendor.list());
  });

  it('an id is given once', async () => {
    await vendor.issue({ ...order, id: 'one' });
    await refused(vendor.issue({ ...order, id: 'one' }), /there is a licence one already/);
  });

  it('what is no order is refused, and nothing has changed', async () => {
    await refused(vendor.issue({ ...order, rfc: '' }), /RFC/);
    await refused(vendor.issue({ ...order, validDays: 0, validUntil: '2027-01-01' }), /valid days/);
  });

  it('what no installation would read is not issued', async () => {
    await refused(vendor.issue({ ...order, customer: 'Dos\nlíneas' }), /no installation would read .*customer/);
    await refused(vendor.issue({ ...order, plan: 'x'.repeat(101) }), /no installation would read .*plan/);
    const features = Array.from({ length: 900 }, (_, index) => `feature ${index} with quite a long name`);
    await refused(vendor.issue({ ...order, features }), /the licence is too long: a file may have 40960 bytes/);
    const { id } = await vendor.issue({ ...order, features: features.slice(0, 600) });
    const { envelope } = await vendor.answer({ id, nonce: '1'.repeat(64), binding: ['a', 'b', 'c'] });
    expect(JSON.stringify(envelope).length).toBeLessThan(MAX_BYTES.reply);
  });

  it('are renewed by hand, for other days and another contract', async () => {
    const { id, license } = await vendor.issue({ ...order, validDays: 10 });
    now = new Date(now.getTime() + 5 * day);
    const renewed = await vendor.renew(id);
    expect(renewed.license).toEqual({
      ...license,
      issuedAt: now.toISOString(),
      validUntil: new Date(now.getTime() + 10 * day).toISOString(),
    });
    const paid = await vendor.renew(id, { paidUntil: '2030-01-01', validDays: 20 });
    expect(paid.license).toMatchObject({
      paidUntil: '2030-01-01T00:00:00.000Z',
      validUntil: new Date(now.getTime() + 20 * day).toISOString(),
    });
    const answered = await vendor.answer({ id, nonce: '1'.repeat(64), binding: ['a', 'b', 'c'] });
    expect(answered.license?.validUntil).toBe(paid.license.validUntil);
    now = new Date('2030-01-01T00:00:00Z');
    await refused(vendor.renew(id), /is paid until 2030-01-01T00:00:00.000Z only/);
    await refused(vendor.renew(id, { paidUntil: 'tomorrow' }), /paid until must be a time/);
    await refused(vendor.renew('nobody'), /there is no licence nobody/);
  });

  it('are suspended and reinstated; revoked is for good; each is in the list, with the next number', async () => {
    const { id } = await vendor.issue(order);
    const standing = async (): Promise<unknown> => {
      const { content } = openCrl((await vendor.crl()).envelope, await keyring());
      return [content.number, content.suspended, content.revoked];
    };
    expect(await standing()).toEqual([1, [], []]);
    await vendor.suspend(id);
    expect(await standing()).toEqual([2, [id], []]);
    await refused(vendor.suspend(id), /is suspended/);
    await refused(vendor.renew(id), /is suspended/);
    await vendor.reinstate(id);
    expect(await standing()).toEqual([3, [], []]);
    await refused(vendor.reinstate(id), /is active/);
    await vendor.suspend(id);
    await vendor.revoke(id);
    expect(await standing()).toEqual([5, [], [id]]);
    await refused(vendor.reinstate(id), /is revoked/);
    await refused(vendor.revoke(id), /is revoked/);
    await refused(vendor.suspend('nobody'), /there is no licence nobody/);
  });
});

describe('the revocation list of the office', () => {
  it('stays the same to the byte until something changes or it is half way to its next update', async () => {
    const first = await vendor.crl();
    await vendor.issue(order);
    now = new Date(now.getTime() + 3.5 * day - 1);
    expect(await vendor.crl()).toEqual(first);
    now = new Date(now.getTime() + 1);
    const second = await vendor.crl();
    expect([second.crl.series, second.crl.number]).toEqual([first.crl.series, 2]);
    expect(await vendor.frozenCrl()).toEqual(second);
    expect(await vendor.crl()).toEqual(second);
  });

  it('is made anew when the clock was set back to before it', async () => {
    const { id } = await vendor.issue(order);
    await vendor.suspend(id);
    now = new Date(now.getTime() - day);
    expect((await vendor.crl()).crl).toMatchObject({ number: 3, issuedAt: now.toISOString(), suspended: [id] });
  });

  it('starts a new series with a new key, and keeps who is revoked', async () => {
    const { id } = await vendor.issue({ ...order, minCrl: 2 });
    const other = await vendor.issue(order);
    await vendor.revoke(other.id);
    const { kid } = await vendor.rotate();
    expect((await vendor.crl()).crl).toMatchObject({ series: kid, number: 1, revoked: [other.id] });
    expect((await vendor.renew(id)).license.minCrl).toBe(0);
  });
});

describe('an answer of the office', () => {
  it('is signed, with the nonce, its time and the id that was asked for', async () => {
    const nonce = 'ab'.repeat(32);
    const binding = ['a'.repeat(64), 'b'.repeat(64), 'c'.repeat(64)] as const;
    const { envelope } = await vendor.answer({ id: 'LIC-NONE', nonce, binding });
    const asked = new Map([[nonce, 'LIC-NONE']]);
    expect(openReply(envelope, await keyring(), asked).content).toMatchObject({
      time: now,
      refusal: { code: 'unknown' },
    });
    expect(Object.keys(JSON.parse(payloadOf(envelope)) as object)).toEqual([
      'nonce',
      'time',
      'licenseId',
      'license',
      'refusal',
    ]);
  });
});

describe('an office whose files were spoilt', () => {
  it('says which file, and makes no second one in its place', async () => {
    for (const text of ['', 'rubbish', '[]', '{"keys":[]}']) {
      writeFileSync(join(office(), 'office.json'), text);
      await expect(Vendor.open(dir)).rejects.toThrow(/office\.json is no book of a licence office/);
      expect(bookText()).toBe(text);
    }
  });

  it('does not sign without its key', async () => {
    const [file = ''] = keyFiles();
    rmSync(join(office(), file));
    await expect(vendor.issue(order)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await vendor.list()).toEqual([]);
  });
});

function payloadOf({ payload }: Envelope): string {
  return Buffer.from(payload, 'base64').toString('utf8');
}
