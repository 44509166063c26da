import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { DAY_MS, licenseAt, TestVendor } from './desk-house.conformance.ts';
import { HOUR_MS, PortalHouse, type Asked } from './portal-house.conformance.ts';

const here = PortalHouse.forTests();

describe('when a renewal is due', () => {
  it('two thirds of the file’s life: not before, then by itself', async () => {
    await here().licensed();
    here().renews(here().renewing);
    await here().desk.sync();
    await here().house.pass(20 * DAY_MS - HOUR_MS);
    await here().desk.cycle.run('hour');
    expect(here().asks()).toHaveLength(1);
    await here().house.pass(HOUR_MS);
    expect(await here().desk.cycle.run('hour')).toMatchObject({ renewed: true, notRenewed: null });
    expect(here().asks()).toHaveLength(2);
  });

  it('at a start when the last success is over 24 h ago, else not', async () => {
    await here().licensed();
    here().renews(here().renewing);
    await here().desk.cycle.run('start');
    expect(here().asks()).toHaveLength(1); // there was no success yet
    await here().house.pass(DAY_MS - HOUR_MS);
    await here().desk.cycle.run('start');
    expect(here().asks()).toHaveLength(1);
    await here().house.pass(2 * HOUR_MS);
    await here().desk.cycle.run('start');
    expect(here().asks()).toHaveLength(2);
  });

  it('on request at any time, and the state says so', async () => {
    const at = await here().licensed();
    here().renews(here().renewing);
    await here().house.pass(HOUR_MS);
    expect(await here().desk.sync()).toMatchObject({ mode: 'valid', renewed: true, notRenewed: null });
    const state = await here().desk.show();
    expect(Date.parse(state.issuedAt!)).toBeGreaterThan(at.getTime());
    expect(Date.parse(state.lastSuccess!)).toBeGreaterThan(at.getTime());
    const next = Date.parse(state.nextCheck!) - Date.parse(state.lastCheck!);
    expect(next).toBeGreaterThanOrEqual(0.9 * HOUR_MS);
    expect(next).toBeLessThanOrEqual(1.1 * HOUR_MS);
  });

  it('and there is no line, it waits in the outbox, once', async () => {
    await here().licensed();
    await here().house.owner.query({ text: `SELECT agents.report_connectivity('offline')` });
    await here().house.pass(20 * DAY_MS);
    await here().house.owner.query({ text: `SELECT agents.report_connectivity('offline')` });
    for (const trigger of ['start', 'hour', 'hour'] as const) {
      expect(await here().desk.cycle.run(trigger)).toMatchObject({ mode: 'valid', notRenewed: 'no line' });
    }
    expect(here().stub.reached).toEqual([]);
    expect(await here().house.waitingRenewals()).toBe(1);
  });

  it('a person’s request that met no line is not forgotten when the line is back', async () => {
    await here().licensed();
    here().renews(here().renewing);
    await here().desk.sync();
    const gone = here().house.desk({ LICENSE_PORTAL_URL: 'http://127.0.0.1:9' });
    expect(await gone.sync()).toMatchObject({
      mode: 'valid',
      renewed: false,
      notRenewed: expect.stringContaining('unreachable'),
    });
    expect(await here().house.waitingRenewals()).toBe(1);
    expect(await here().desk.cycle.run('renewal')).toMatchObject({ renewed: true });
    expect(await here().desk.cycle.run('renewal')).toMatchObject({ renewed: false, notRenewed: null });
    expect(here().asks()).toHaveLength(2);
  });

  it('without an address of a portal nobody is asked and nothing waits', async () => {
    await here().licensed();
    await here().house.pass(25 * DAY_MS);
    expect(await here().house.desk().cycle.run('hour')).toMatchObject({ mode: 'valid', notRenewed: null });
    expect(await here().house.waitingRenewals()).toBe(0);
  });
});

describe('only a verified document lowers the mode', () => {
  const refusal = { code: 'revoked', message: 'Se canceló.' };
  const older = (now: Date): object => licenseAt(new Date(now.getTime() - 20 * DAY_MS));

  it.each<[string, string, (asked: Asked, now: Date) => object]>([
    [
      'a reply with one byte changed',
      'bad signature',
      (asked, now) => {
        const envelope = here().renewing(asked, now) as { payload: string };
        return { ...envelope, payload: Buffer.from('{}').toString('base64') };
      },
    ],
    [
      'a reply signed by a stranger',
      'unknown key',
      ({ nonce }, now) =>
        new TestVendor().reply({ nonce, time: now.toISOString(), licenseId: 'LIC-1', license: null, refusal }),
    ],
    ['an unsigned refusal', 'unreadable', () => ({ refusal })],
    ['a replayed nonce', 'wrong nonce', (_, now) => here().replied('ab'.repeat(32), now, { refusal })],
    [
      'a refusal of another licence',
      'other license',
      ({ nonce }, now) => here().replied(nonce, now, { licenseId: 'LIC-2', refusal }),
    ],
    ['a licence in the place of a reply', 'bad signature', (_, now) => here().house.vendor.license(licenseAt(now))],
    [
      'a licence that has expired on arrival',
      'file expired',
      ({ nonce }, now) =>
        here().replied(nonce, now, {
          license: here().house.vendor.license(licenseAt(now, { validUntil: now.toISOString() })),
        }),
    ],
    [
      'a licence of the future',
      'from the future',
      ({ nonce }, now) =>
        here().replied(nonce, now, {
          license: here().house.vendor.license(licenseAt(new Date(now.getTime() + 400_000))),
        }),
    ],
    [
      'an older licence',
      'older',
      ({ nonce }, now) => here().replied(nonce, now, { license: here().house.vendor.license(older(now)) }),
    ],
    [
      'another’s licence',
      'other license',
      ({ nonce }, now) =>
        here().replied(nonce, now, { license: here().house.vendor.license(licenseAt(now, { id: 'LIC-2' })) }),
    ],
    [
      'a licence signed by a stranger',
      'unknown key',
      ({ nonce }, now) => here().replied(nonce, now, { license: new TestVendor().license(licenseAt(now)) }),
    ],
  ])('%s means "not renewed"', async (_, reason, answer) => {
    await here().licensed();
    await here().house.pass(HOUR_MS);
    const before = await here().desk.show();
    here().renews(answer);
    const end = await here().desk.sync();
    expect(end).toMatchObject({ mode: 'valid', renewed: false });
    expect(end.notRenewed).toBe(`the reply was not taken: ${reason}`);
    expect(await here().desk.show()).toMatchObject({
      issuedAt: before.issuedAt,
      mode: 'valid',
      lastRefusal: null,
      lastSuccess: null,
    });
    expect(await here().house.waitingRenewals()).toBe(1);
    expect(await here().house.history()).toContain('refused');
    expect(await here().house.told()).toEqual(['mode:valid']);
  });

  it('a signed refusal with our nonce that says revoked does, until a later reply says otherwise', async () => {
    await here().licensed();
    here().renews(({ nonce }, now) => here().replied(nonce, now, { refusal }));
    expect(await here().desk.sync()).toMatchObject({
      mode: 'revoked',
      reason: 'revoked',
      notRenewed: 'the portal refused: revoked',
    });
    expect(await here().desk.show()).toMatchObject({ lastRefusal: refusal });
    await here().house.pass(HOUR_MS);
    expect(await here().house.desk().cycle.run('hour')).toMatchObject({ mode: 'revoked' });
    expect(await here().house.waitingRenewals()).toBe(0);
    here().renews(here().renewing);
    expect(await here().desk.cycle.run('hour')).toMatchObject({ mode: 'valid', renewed: true });
    expect(await here().house.told()).toEqual(['mode:valid', 'mode:revoked', 'mode:valid']);
  });

  it('a signed refusal for any other reason is shown and means "not renewed"', async () => {
    await here().licensed();
    here().renews(({ nonce }, now) =>
      here().replied(nonce, now, { refusal: { code: 'unpaid', message: 'Falta el pago.' } }),
    );
    expect(await here().desk.sync()).toMatchObject({ mode: 'valid', notRenewed: 'the portal refused: unpaid' });
    expect(await here().desk.show()).toMatchObject({ lastRefusal: { code: 'unpaid', message: 'Falta el pago.' } });
  });

  it('a reply with neither a licence nor a refusal sets the time right, and means "not renewed"', async () => {
    const at = await here().licensed();
    here().renews(({ nonce }, now) => here().replied(nonce, now, {}));
    expect(await here().desk.sync()).toMatchObject({
      mode: 'valid',
      renewed: false,
      notRenewed: 'the portal gave neither a licence nor a reason',
    });
    const state = await here().desk.show();
    expect(state).toMatchObject({ mode: 'valid', lastRefusal: null, lastSuccess: null, clock: { verdict: 'ok' } });
    expect(Date.parse(state.clock.mark!)).toBeGreaterThan(at.getTime());
    expect(await here().house.waitingRenewals()).toBe(1);
  });

  it('and takes no refusal back', async () => {
    await here().licensed();
    here().renews(({ nonce }, now) => here().replied(nonce, now, { refusal }));
    await here().desk.sync();
    here().renews(({ nonce }, now) => here().replied(nonce, now, {}));
    expect(await here().desk.sync()).toMatchObject({ mode: 'revoked' });
  });

  it('a refusal that stands is not taken back by an older reply that is brought by hand', async () => {
    await here().licensed();
    const request = await here().desk.request();
    const carried = here().replied(request.nonce, await here().house.now(), {
      license: here().house.vendor.license(licenseAt(await here().house.now())),
    });
    await here().house.pass(HOUR_MS);
    here().renews(({ nonce }, now) => here().replied(nonce, now, { refusal }));
    await here().desk.sync();
    expect(await here().desk.install(JSON.stringify(carried))).toMatchObject({ mode: 'revoked' });
  });
});

it('several replicas at once ask the portal one after the other, and tell each change once', async () => {
  await here().licensed();
  let open = 0;
  let most = 0;
  here().renews(async (asked, now) => {
    most = Math.max(most, (open += 1));
    await new Promise((resolve) => setImmediate(resolve));
    open -= 1;
    return here().renewing(asked, now);
  });
  const replicas = [here().desk, here().newDesk(), here().newDesk()];
  await Promise.all(replicas.map((each) => each.sync()));
  expect(most).toBe(1);
  expect(await here().house.told()).toEqual(['mode:valid']);
  const kept = JSON.parse(await readFile(join(here().house.dir, 'state.json'), 'utf8')) as {
    mark: { setRight: number };
  };
  expect(kept.mark.setRight).toBe(3);
});
