import { expect, it } from '@jest/globals';
import { DAY_MS, licenseAt } from './desk-house.conformance.ts';
import { json } from './portal/portal-stub.conformance.ts';
import { HOUR_MS, PortalHouse } from './portal-house.conformance.ts';

const here = PortalHouse.forTests();

interface Line {
  readonly what: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** What the history has got since it had so many lines. */
async function linesSince(count: number): Promise<Line[]> {
  return here().house.owner.query<Line & Record<string, unknown>>({
    text: 'SELECT what, before, after FROM license.history ORDER BY id OFFSET $1',
    values: [count],
  });
}

/** What the history says of one thing that happened. */
async function leavesBehind(happens: () => Promise<unknown>): Promise<Line[]> {
  const { length } = await linesSince(0);
  await happens();
  return linesSince(length);
}

/** From here on the portal answers this list, and no renewal. */
function lists(at: Date, number: number, revoked: readonly string[] = []): void {
  const nextUpdate = new Date(at.getTime() + 7 * DAY_MS).toISOString();
  const fields = { series: 's1', number, issuedAt: at.toISOString(), nextUpdate, revoked, suspended: [] };
  const list = here().house.vendor.crl(fields);
  here().stub.answers((reached, response) => {
    if (reached.method === 'POST') return void response.writeHead(500).end();
    json(response, list);
  });
}

it('every change of document, list and mode leaves a line with what was and what is', async () => {
  const at = await here().licensed();
  lists(at, 1);
  expect(await leavesBehind(() => here().desk.cycle.run('start'))).toEqual([
    { what: 'crl', before: { kid: null }, after: { series: 's1', number: 1, sha256: expect.any(String) } },
  ]);
  lists(at, 2, ['LIC-1']);
  expect(await leavesBehind(() => here().desk.cycle.run('start'))).toEqual([
    { what: 'mode', before: { mode: 'valid', reason: null }, after: { mode: 'revoked', reason: 'revoked' } },
    { what: 'crl', before: { kid: expect.any(String) }, after: expect.objectContaining({ number: 2 }) },
  ]);
  lists(at, 3);
  await here().desk.cycle.run('start');
  here().renews(here().renewing);
  await here().house.pass(HOUR_MS);
  expect(await leavesBehind(() => here().desk.sync())).toEqual([
    expect.objectContaining({ what: 'document', after: expect.objectContaining({ id: 'LIC-1' }) }),
  ]);
});

it('a clock that was set, and a signed time that sets the mark right, each leave a line with both marks', async () => {
  await here().licensed();
  const marks = { before: { mark: expect.any(Object) }, after: { mark: expect.any(Object) } };
  const set = await leavesBehind(async () => {
    await here().house.moveClock(40 * DAY_MS);
    await here().desk.cycle.run('clock');
  });
  expect(set).toEqual([{ what: 'clock', before: expect.objectContaining(marks.before), after: expect.any(Object) }]);
  expect(set[0]).toMatchObject({ before: { verdict: 'ok' }, after: { verdict: 'ahead' } });
  here().renews(({ nonce }, now) =>
    here().replied(nonce, new Date(now.getTime() - 50 * DAY_MS), { refusal: { code: 'unpaid', message: '' } }),
  );
  const told = await leavesBehind(() => here().desk.sync());
  expect(told.map(({ what }) => what)).toEqual(['clock', 'refusal']);
  expect(told[0]).toMatchObject(marks);
});

it('what a look decides and records rests on one reading of the time, made after the portal has answered', async () => {
  await here().licensed();
  let answered: Date | undefined;
  here().renews(async (asked, now) => {
    await here().house.pass(2 * HOUR_MS);
    answered = new Date(now.getTime() + 2 * HOUR_MS);
    return here().replied(asked.nonce, answered, { license: here().house.vendor.license(licenseAt(answered)) });
  });
  expect(await here().desk.sync()).toMatchObject({ mode: 'valid', renewed: true });
  const { lastCheck, lastSuccess, clock } = await here().desk.show();
  expect([lastSuccess, clock.time]).toEqual([lastCheck, lastCheck]);
  expect(Date.parse(lastCheck!)).toBeGreaterThanOrEqual(answered!.getTime());
});
