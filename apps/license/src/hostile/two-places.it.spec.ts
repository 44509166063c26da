import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { json } from './own-portal.conformance.ts';
import { OwnVendor, type Sealed } from './own-vendor.conformance.ts';
import { World } from './world.conformance.ts';

// The licence is kept in a row and in a file: what somebody who can write to one of them can win or spoil.

let world: World;

beforeAll(async () => {
  world = await World.open();
});

afterAll(() => world.close());

beforeEach(async () => {
  await world.reset();
  await world.licensed();
  await world.offline('start');
});

const swap = (document: Sealed): Promise<void> => world.editFile(() => ({ document }));

describe('a licence that was put into the folder by hand', () => {
  it('is taken when it obeys the rules of a renewed one', async () => {
    await world.days(10);
    await swap(world.portal.license({ plan: 'max' }));
    await world.offline();
    expect(await world.state()).toMatchObject({ mode: 'valid', plan: 'max' });
  });

  it.each<[string, () => Sealed]>([
    ['a stranger’s', () => new OwnVendor().license(world.portal.fields())],
    [
      'an older one that lasts longer',
      () => world.portal.license({ issuedAt: world.portal.inDays(-30), validUntil: world.portal.inDays(300) }),
    ],
    [
      'one of the future',
      () => world.portal.license({ issuedAt: world.portal.inDays(1), validUntil: world.portal.inDays(300) }),
    ],
    [
      'one that begins in the future',
      () => world.portal.license({ notBefore: world.portal.inDays(1), validUntil: world.portal.inDays(300) }),
    ],
    ['one that has expired', () => world.portal.license({ validUntil: world.portal.inDays(-1) })],
    ['one whose contract has ended', () => world.portal.license({ paidUntil: world.portal.inDays(-1) })],
    ['a list', () => world.portal.crl()],
    ['what is no envelope', () => ({ payload: '', signature: '', kid: '' })],
  ])('is passed over when it is %s', async (_, make) => {
    await world.days(10);
    await world.offline();
    const before = await world.state();
    await swap(make());
    await world.offline();
    const { mode, plan, issuedAt, validUntil, notBefore } = await world.state();
    expect({ mode, plan, issuedAt, validUntil, notBefore }).toMatchObject({
      mode: 'valid',
      plan: before.plan,
      issuedAt: before.issuedAt,
      validUntil: before.validUntil,
    });
  });

  it('is passed over when it has expired by now, though it had not when the house last looked', async () => {
    const { validUntil } = await world.state();
    await swap(world.portal.license({ validUntil: world.portal.inDays(2) }));
    await world.days(20);
    await world.offline();
    expect(await world.state()).toMatchObject({ mode: 'valid', validUntil });
  });

  it('is passed over in the row as well when the file holds the newer one', async () => {
    const former = (await world.copy()).row as { document: Sealed };
    await world.days(10);
    await world.install(world.portal.license({ plan: 'max' }));
    await world.editRow({ document: former.document });
    await world.offline();
    expect(await world.state()).toMatchObject({ mode: 'valid', plan: 'max' });
  });
});

describe('the list of what is revoked', () => {
  beforeEach(async () => {
    world.portal.publish({ revoked: ['LIC-1'] });
    world.portal.onRenew = (_question, response) => void response.writeHead(500).end();
    await world.look('start');
    expect(await world.state()).toMatchObject({ mode: 'revoked', reason: 'revoked', crl: { number: 2 } });
  });

  const blank = (): Sealed => world.portal.crl({ number: 1, revoked: [] });

  it.each<[string, () => Promise<void>]>([
    ['the row’s list is an older one', () => world.editRow({ crl: blank() })],
    ['the file’s list is an older one', () => world.editFile(() => ({ crl: blank() }))],
    ['the row’s list is gone', () => world.editRow({ crl: null })],
    ['the file’s list is gone', () => world.editFile(() => ({ crl: null }))],
    ['the row’s list has one bit changed', () => world.editRow({ crl: { ...blank(), kid: '0'.repeat(16) } })],
    ['the row’s list is that of a stranger', () => world.editRow({ crl: new OwnVendor().crl({}) })],
    ['the row’s list is a licence', () => world.editRow({ crl: world.portal.license() })],
    ['the tables are empty', () => world.emptyTables()],
    ['the folder is lost', () => world.emptyFolder()],
    ['the file says that its series was left', () => world.editFile(() => ({ leftSeries: ['A'] }))],
    ['the file says so and holds no list', () => world.editFile(() => ({ leftSeries: ['A'], crl: null }))],
    [
      'the file says so and holds a stranger’s list',
      () => world.editFile(() => ({ leftSeries: ['A'], crl: new OwnVendor().crl({}) })),
    ],
    ['the row says that its series was left', () => world.editRow({ left_series: ['A'] })],
  ])('is not forgotten when %s', async (_, spoil) => {
    await spoil();
    await world.offline('start');
    expect(await world.state()).toMatchObject({ mode: 'revoked', crl: { number: 2, revoked: 1 } });
  });

  it('is fetched again when it is gone from both places, whatever tag is left of it', async () => {
    await world.editRow({ crl: null });
    await world.emptyFolder();
    await world.look('start');
    expect(await world.state()).toMatchObject({ mode: 'revoked', crl: { number: 2 } });
  });

  it('that says not modified to a house without one does not stand for one', async () => {
    await world.editRow({ crl: null, crl_etag: null });
    await world.emptyFolder();
    world.portal.onList = (_tag, response) => void response.writeHead(304).end();
    await world.look('start');
    world.portal.onList = null;
    await world.look('request');
    expect(await world.state()).toMatchObject({ mode: 'revoked' });
  });
});

describe('a signed refusal', () => {
  it.each<[string, () => Promise<void>]>([
    ['is gone from the row', () => world.editRow({ refusal: null })],
    ['is gone from the file', () => world.editFile(() => ({ refusal: null }))],
    ['was before the copy that the row was put back from', () => world.putRowBack(before)],
    ['was before the copy that the file was put back from', () => world.putFileBack(before)],
    ['is in empty tables', () => world.emptyTables()],
    ['is in a lost folder', () => world.emptyFolder()],
  ])('stands when it %s', async (_, spoil) => {
    before = await world.copy();
    world.portal.refuses = { code: 'suspended', message: 'Falta un pago.' };
    await world.look('request');
    expect(await world.state()).toMatchObject({ mode: 'revoked', reason: 'suspended' });
    await spoil();
    await world.offline('start');
    expect(await world.state()).toMatchObject({ mode: 'revoked', reason: 'suspended' });
  });

  it('put into the folder does not stand when a stranger signed it, or it answers another question', async () => {
    const stranger = new OwnVendor();
    const fields = {
      nonce: 'ab'.repeat(32),
      time: world.portal.inDays(0),
      licenseId: 'LIC-1',
      license: null,
      refusal: { code: 'revoked', message: '' },
    };
    const kept = (envelope: Sealed, nonce: string): object => ({ refusal: { envelope, nonce, licenseId: 'LIC-1' } });
    for (const refusal of [
      kept(stranger.reply(fields), fields.nonce),
      kept(world.portal.vendor.reply(fields), 'cd'.repeat(32)),
    ]) {
      await world.editFile(() => refusal);
      await world.offline();
      expect(await world.state()).toMatchObject({ mode: 'valid', lastRefusal: null });
    }
  });

  let before: Awaited<ReturnType<World['copy']>>;
});

describe('a state that somebody has spoilt', () => {
  const mark = (changes: object) => (): Promise<void> =>
    world.editFile((kept) => ({ mark: { ...(kept['mark'] as object), setRight: 99, ...changes } }));
  const FAR = 1e300;

  it.each<[string, () => Promise<void>]>([
    ['no JSON', () => writeFile(stateFile(), 'no JSON')],
    ['an empty file', () => writeFile(stateFile(), '')],
    ['half a file', async () => writeFile(stateFile(), (await world.copy()).file.slice(0, 300))],
    ['a file of zeros', () => writeFile(stateFile(), Buffer.alloc(4096))],
    ['a list', () => writeFile(stateFile(), '[]')],
    ['a huge file', () => writeFile(stateFile(), Buffer.alloc(5 * 1_048_576, 0x20))],
    ['a folder', () => rm(stateFile()).then(() => mkdir(stateFile()).then(() => undefined))],
    ['a link that leads nowhere', () => rm(stateFile()).then(() => symlink('nowhere', stateFile()))],
    ['a link to itself', () => rm(stateFile()).then(() => symlink('state.json', stateFile()))],
    ['a link to what never ends', () => rm(stateFile()).then(() => symlink('/dev/zero', stateFile()))],
    ['a mark beyond all time', mark({ certain: FAR, high: FAR, counted: FAR })],
    ['a mark before all time', mark({ certain: -FAR, counted: -FAR })],
    ['a mark at the edge of time', mark({ certain: 8.64e15, high: 8.64e15, counted: 8.64e15 })],
    ['a mark that has been set right more often than can be counted', mark({ setRight: 2 ** 53 })],
    ['a mark in words', mark({ counted: 'today' })],
    ['a date that is none', () => world.editFile(() => ({ machineChangedAt: 'soon', reboundAt: '9999999-99-99' }))],
    ['a rebinding at the edge of time', () => world.editFile(() => ({ reboundAt: '+275760-09-12T00:00:00.000Z' }))],
    ['rows with a mark of nothing', () => world.editRow({ mark: {} })],
    ['rows with a mark in words', () => world.editRow({ mark: { counted: 'today', bootId: 7 } })],
    ['rows with a document of nothing', () => world.editRow({ document: {} })],
    ['rows with a document that is text', () => world.editRow({ document: 'licence' })],
    [
      'rows with a payload that is a number',
      () => world.editRow({ document: { payload: 1, signature: 2, kid: world.portal.vendor.kid } }),
    ],
    ['rows with a list of nothing', () => world.editRow({ crl: {} })],
    ['rows with a refusal of nothing', () => world.editRow({ refusal: {} })],
    ['rows with a refusal that is a list', () => world.editRow({ refusal: [1] })],
  ])('stops nothing and takes no licence away: %s', async (_, spoil) => {
    await spoil();
    await world.look('hour');
    expect(await world.state()).toMatchObject({ mode: 'valid', id: 'LIC-1' });
    await world.look('request');
    expect(await world.state()).toMatchObject({ mode: 'valid', id: 'LIC-1', clock: { verdict: 'ok' } });
  });
});

describe('a reply', () => {
  const request = async (): Promise<{ id: string; nonce: string }> => {
    const { licenseId, nonce } = await world.desk().request();
    return { id: licenseId, nonce };
  };

  it('that is carried by hand renews once; the same again is nothing new, and an older one is refused', async () => {
    const [first, second] = [await request(), await request()];
    const early = world.portal.reply(first);
    await world.days(1);
    const late = world.portal.reply(second);
    await world.install(late);
    const renewed = await world.state();
    expect(await world.install(late)).toMatchObject({ took: 'reply', same: true });
    await expect(world.install(early)).rejects.toMatchObject({ reason: 'older' });
    expect((await world.state()).issuedAt).toBe(renewed.issuedAt);
  });

  it('over the line is no answer to a question on paper, nor the other way round', async () => {
    await world.look('request');
    const overTheLine = world.portal.answers.at(-1)!;
    await expect(world.install(overTheLine)).rejects.toMatchObject({ reason: 'wrong nonce' });
    const onPaper = world.portal.reply(await request());
    world.portal.onRenew = (_question, response) => json(response, onPaper);
    expect(await world.look('request')).toMatchObject({ missed: { why: 'the reply was not taken: wrong nonce' } });
  });

  it('to a question of a month ago comes too late', async () => {
    const question = await request();
    await world.days(31);
    await expect(world.install(world.portal.reply(question))).rejects.toMatchObject({ reason: 'wrong nonce' });
  });

  it('that says no, on paper, and is played again after a yes, changes nothing', async () => {
    const question = await request();
    world.portal.refuses = { code: 'suspended', message: 'Falta un pago.' };
    const no = world.portal.reply(question);
    world.portal.refuses = null;
    await world.days(1);
    await world.look('request');
    await world
      .desk()
      .install(JSON.stringify(no))
      .catch(() => undefined);
    expect(await world.state()).toMatchObject({ mode: 'valid' });
  });

  it('that was good before the database was restored turns no time back when it is played again', async () => {
    const question = await request();
    const reply = world.portal.reply(question);
    const nonces = await world.house.owner.query<{ nonce: string }>({
      text: 'SELECT to_jsonb(n) AS nonce FROM license.nonce n',
    });
    await world.days(20);
    await world.look('request');
    await world.days(25);
    await world.offline();
    const { clock } = await world.state();
    await world.house.owner.query({ text: 'DELETE FROM license.nonce' });
    for (const { nonce } of nonces) {
      await world.house.owner.query({
        text: `INSERT INTO license.nonce SELECT * FROM jsonb_populate_record(NULL::license.nonce, $1 || jsonb_build_object('made_at', agents.now()))`,
        values: [JSON.stringify(nonce)],
      });
    }
    await world
      .desk()
      .install(JSON.stringify(reply))
      .catch(() => undefined);
    await world.offline();
    const after = await world.state();
    expect(Date.parse(after.clock.time!)).toBeGreaterThanOrEqual(Date.parse(clock.time!));
    await world.setWall(-44);
    await world.off(0);
    await world.offline('start');
    expect(Date.parse((await world.state()).clock.time!)).toBeGreaterThanOrEqual(Date.parse(clock.time!) - 86_400_000);
  });
});

function stateFile(): string {
  return join(world.house.dir, 'state.json');
}
