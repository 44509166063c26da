import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MAX_BYTES, openCrl, readEnvelope, takeLicense, openLicense } from '@nexora/licensing';
import { until } from '@nexora/testing';
import type { RunningPortal } from './client.ts';
import { machine, newNonce, PortalUnderTest, sampleOrder, type Heard } from './portal-under-test.conformance.ts';

let under: PortalUnderTest;
let portal: RunningPortal;
let id: string;

beforeAll(async () => {
  under = await PortalUnderTest.start();
  portal = under.portal;
  ({ id } = await portal.vendor.issue(sampleOrder));
});
afterAll(() => under.end());
beforeEach(async () => {
  await portal.client.misbehave('none');
  await portal.client.clock(0);
});

/** Asks once while the portal behaves like this. */
async function met(words: string): Promise<Heard> {
  await portal.client.misbehave(words, 1);
  return under.ask(id);
}

/** Why an installation does not believe an answer. */
async function refusalOf(heard: Heard): Promise<unknown> {
  return under.verified(id, heard).then(
    () => 'none',
    (error: { reason?: string }) => error.reason,
  );
}

/** Why an installation does not take the licence of an answer that it believes. */
async function untakenBecause(heard: Heard): Promise<unknown> {
  const { reply } = await under.verified(id, heard);
  const candidate = openLicense(reply.license!, await under.keyring());
  const [record] = await portal.vendor.list();
  const present = openLicense(record!.envelope, await under.keyring());
  try {
    return takeLicense(candidate, present, reply.time);
  } catch (error) {
    return (error as { reason?: string }).reason;
  }
}

const lastOutcome = async (): Promise<unknown> => (await portal.client.log()).at(-1)?.outcome;

const fails = (promise: Promise<unknown>): Promise<boolean> =>
  promise.then(
    () => false,
    () => true,
  );

describe('a line or a service that fails, before the office is asked', () => {
  it.each(['400', '404', '500', '503'])('%s', async (word) => {
    const before = await portal.vendor.list();
    expect((await met(word)).status).toBe(Number(word));
    expect(await lastOutcome()).toBe('not-asked');
    expect(await portal.vendor.list()).toEqual(before);
  });

  it('429 says when to come back', async () => {
    const { status, headers } = await met('429');
    expect([status, headers.get('retry-after')]).toEqual([429, '2']);
  });

  it('511 and html are the page of a router, html with 200', async () => {
    for (const [word, expected] of [
      ['511', 511],
      ['html', 200],
    ] as const) {
      const { status, type, text } = await met(word);
      expect([status, type, text]).toEqual([
        expected,
        'text/html; charset=utf-8',
        expect.stringMatching(/Inicie sesión/),
      ]);
    }
  });

  it('redirect points to a portal that works, and the log shows who follows', async () => {
    const { status, headers } = await met('redirect');
    expect(status).toBe(307);
    const target = headers.get('location') ?? '';
    const body = JSON.stringify({ nonce: newNonce(), binding: machine('shop') });
    expect((await fetch(target, { method: 'POST', body })).status).toBe(200);
    expect((await portal.client.log()).at(-1)?.path).toMatch(/renew\?redirected=1$/);
  });

  it('drop breaks the connection', async () => {
    expect(await fails(met('drop'))).toBe(true);
    expect(await lastOutcome()).toBe('not-asked');
  });

  it('what it logs tells id and nonce all the same', async () => {
    const { nonce } = await met('500');
    expect((await portal.client.log()).at(-1)).toMatchObject({ licenseId: id, nonce, misbehaviour: '500' });
    await portal.client.misbehave('500', 1);
    await under.post(id, 'nonsense');
    expect((await portal.client.log()).at(-1)).toMatchObject({ licenseId: id, nonce: null, outcome: 'not-asked' });
  });
});

describe('an answer that is damaged on its way', () => {
  it('truncated announces all and sends half', async () => {
    expect(await fails(met('truncated'))).toBe(true);
    expect(await lastOutcome()).toBe('renewed');
  });

  it('drop-after has renewed, and nobody hears it', async () => {
    expect(await fails(met('drop-after'))).toBe(true);
    expect(await lastOutcome()).toBe('renewed');
  });

  it('huge is a good reply with 32 MiB of blanks behind it', async () => {
    await portal.client.misbehave('huge', 1);
    const response = await fetch(`${portal.url}/v1/licenses/${id}/renew`, {
      method: 'POST',
      body: JSON.stringify({ nonce: newNonce(), binding: machine('shop') }),
    });
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(32 * 1024 * 1024);
    let bytes = 0;
    for await (const chunk of response.body!) bytes += (chunk as Uint8Array).length;
    expect(bytes).toBe(Number(response.headers.get('content-length')));
  });

  it('huge ends when the caller has had enough', async () => {
    await portal.client.misbehave('huge', 1);
    const gone = new AbortController();
    const response = await fetch(`${portal.url}/v1/licenses/${id}/renew`, {
      method: 'POST',
      body: JSON.stringify({ nonce: newNonce(), binding: machine('shop') }),
      signal: gone.signal,
    });
    await response.body?.getReader().read();
    gone.abort();
    expect((await under.ask(id)).status).toBe(200);
  });

  it('text-type is a good reply that says it is text', async () => {
    const heard = await met('text-type');
    expect(heard.type).toBe('text/plain; charset=utf-8');
    expect(await refusalOf(heard)).toBe('none');
  });

  it('bad-json and duplicate-key cannot be read', async () => {
    expect(await refusalOf(await met('bad-json'))).toBe('unreadable');
    const twice = await met('duplicate-key');
    expect(JSON.parse(twice.text)).toHaveProperty('payload');
    expect(await refusalOf(twice)).toBe('unreadable');
  });

  it('delay answers late, and asks the office at once', async () => {
    await portal.client.misbehave('delay:60000', 1);
    const gone = new AbortController();
    const nonce = newNonce();
    const waiting = fetch(`${portal.url}/v1/licenses/${id}/renew`, {
      method: 'POST',
      body: JSON.stringify({ nonce, binding: machine('shop') }),
      signal: gone.signal,
    });
    waiting.catch(() => undefined);
    const arrived = async (): Promise<boolean> => (await portal.client.log()).at(-1)?.nonce === nonce;
    await until(arrived, { what: 'the request in the log' });
    gone.abort();
    expect(await fails(waiting)).toBe(true);
    const started = performance.now();
    expect(await refusalOf(await met('delay:300'))).toBe('none');
    expect(performance.now() - started).toBeGreaterThan(295);
  });

  it('drip sends byte by byte', async () => {
    await portal.client.misbehave('drip:60000', 1);
    const gone = new AbortController();
    const response = await fetch(`${portal.url}/v1/licenses/${id}/renew`, {
      method: 'POST',
      body: JSON.stringify({ nonce: newNonce(), binding: machine('shop') }),
      signal: gone.signal,
    });
    const first = (await response.body?.getReader().read()) as { value?: Uint8Array };
    expect(first.value).toHaveLength(1);
    gone.abort();
    expect(await refusalOf(await met('drip:0'))).toBe('none');
  });
});

it('no-license is a reply that tells the time and nothing else', async () => {
  const heard = await met('no-license');
  expect(await refusalOf(heard)).toBe('none');
  expect((await under.verified(id, heard)).reply).toMatchObject({ license: null, refusal: null });
});

describe('a reply that an installation must not believe', () => {
  it.each([
    ['wrong-signature', 'bad signature'],
    ['wrong-type', 'bad signature'],
    ['unknown-key', 'unknown key'],
    ['wrong-nonce', 'wrong nonce'],
    ['wrong-id', 'other license'],
    ['unsigned-refusal', 'unreadable'],
    ['wrong-license-signature', 'bad signature'],
  ])('%s', async (word, reason) => {
    const heard = await met(word);
    expect([heard.status, heard.type]).toEqual([200, 'application/json']);
    expect(await refusalOf(heard)).toBe(reason);
    expect((await portal.client.log()).at(-1)?.misbehaviour).toBe(word);
    expect(await refusalOf(await under.ask(id))).toBe('none');
  });

  it('wrong-nonce is the reply before it, to the byte', async () => {
    const before = await under.ask(id);
    expect((await met('wrong-nonce')).text).toBe(before.text);
  });

  it('unsigned-refusal says revoked, and nobody signs for it', async () => {
    const { text } = await met('unsigned-refusal');
    expect(JSON.parse(text)).toMatchObject({ license: null, refusal: { code: 'revoked' } });
  });

  it.each([
    ['expired', 'file expired'],
    ['future', 'from the future'],
    ['older', 'older'],
  ])('%s: the licence is signed and not taken', async (word, reason) => {
    expect(await untakenBecause(await met(word))).toBe(reason);
  });

  it('clock is a portal that is wrong about the time, and signs it', async () => {
    const heard = await met('clock:-7200');
    const { reply, license } = await under.verified(id, heard);
    expect(Math.round((reply.time.getTime() - Date.now()) / 60_000)).toBe(-120);
    expect(license?.issuedAt).toEqual(reply.time);
    expect(Math.round((Date.parse(heard.headers.get('date') ?? '') - Date.now()) / 60_000)).toBe(-120);
    const { reply: right } = await under.renewed(id);
    expect(Math.abs(right.time.getTime() - Date.now())).toBeLessThan(10_000);
  });

  it('signed-refusal refuses with any code, and is believed', async () => {
    for (const code of ['revoked', 'suspended', 'unpaid', 'some-new-code']) {
      const heard = await met(`signed-refusal:${code}`);
      const { reply } = await under.verified(id, heard);
      expect(reply).toMatchObject({ license: null, refusal: { code, message: expect.any(String) } });
    }
  });
});

describe('a revocation list', () => {
  const fetched = async (words: string): Promise<Heard> => {
    await portal.client.misbehave(words, 1);
    return under.get('/v1/crl');
  };
  const listIn = async ({ text }: Heard): Promise<ReturnType<typeof openCrl>> =>
    openCrl(readEnvelope(text, MAX_BYTES.crl), await under.keyring());

  it('older-crl has the number before, and has forgotten who is revoked', async () => {
    const revoked = await portal.vendor.issue(sampleOrder);
    await portal.vendor.revoke(revoked.id);
    const { content: now } = await listIn(await under.get('/v1/crl'));
    const { content: older } = await listIn(await fetched('older-crl'));
    expect([older.series, older.number, older.revoked]).toEqual([now.series, now.number - 1, []]);
  });

  it('same-number-crl has the number of the present one and other bytes', async () => {
    const present = await listIn(await under.get('/v1/crl'));
    const other = await listIn(await fetched('same-number-crl'));
    expect([other.content.series, other.content.number]).toEqual([present.content.series, present.content.number]);
    expect(other.sha256).not.toBe(present.sha256);
  });

  it('crl-freeze gives out the same one for ever', async () => {
    const present = await listIn(await under.get('/v1/crl'));
    await portal.client.misbehave('crl-freeze');
    await portal.client.clock(30 * 86_400);
    expect((await listIn(await under.get('/v1/crl'))).sha256).toBe(present.sha256);
    await portal.client.misbehave('none');
    expect((await listIn(await under.get('/v1/crl'))).content.number).toBe(present.content.number + 1);
  });

  it.each([
    ['crl-500', 500],
    ['crl-404', 404],
    ['crl-511', 511],
    ['crl-html', 200],
    ['crl-redirect', 307],
    ['crl-text-type', 200],
  ])('%s answers %d, and renewals go on', async (word, status) => {
    await portal.client.misbehave(word);
    const { text, ...heard } = await under.get('/v1/crl');
    expect(heard.status).toBe(status);
    expect(await refusalOf(await under.ask(id))).toBe('none');
  });

  it.each([
    ['crl-wrong-signature', 'bad signature'],
    ['crl-wrong-type', 'bad signature'],
    ['crl-unknown-key', 'unknown key'],
    ['crl-bad-json', 'unreadable'],
    ['crl-duplicate-key', 'unreadable'],
  ])('%s is not believed: %s', async (word, reason) => {
    const heard = await fetched(word);
    expect(heard.status).toBe(200);
    await expect(listIn(heard)).rejects.toMatchObject({ reason });
  });

  it('crl-truncated, crl-drop break the connection; crl-huge is far too long; crl-delay is late', async () => {
    expect(await fails(fetched('crl-truncated'))).toBe(true);
    expect(await fails(fetched('crl-drop'))).toBe(true);
    expect((await fetched('crl-huge')).text.length).toBeGreaterThan(32 * 1024 * 1024);
    const started = performance.now();
    await fetched('crl-delay:200');
    expect(performance.now() - started).toBeGreaterThan(195);
  });
});

describe('everything at once, and in turn', () => {
  it('html-all is 200 and a page on every path, as behind a captive portal', async () => {
    await portal.client.misbehave('html-all');
    for (const path of ['/', '/v1/crl', '/v1/offline', '/generate_204']) {
      const { status, type } = await under.get(path);
      expect([status, type]).toEqual([200, 'text/html; charset=utf-8']);
    }
    expect((await under.ask(id)).type).toBe('text/html; charset=utf-8');
  });

  it('joined by + act together', async () => {
    const started = performance.now();
    const heard = await met('delay:200+wrong-signature+text-type');
    expect(performance.now() - started).toBeGreaterThan(195);
    expect(heard.type).toBe('text/plain; charset=utf-8');
    expect(await refusalOf(heard)).toBe('bad signature');
  });

  it('a count means the requests that it meets; without one it lasts until none', async () => {
    await portal.client.misbehave('500', 2);
    expect((await under.get('/v1/crl')).status).toBe(200);
    const statuses = [];
    for (let index = 0; index < 3; index += 1) statuses.push((await under.ask(id)).status);
    expect(statuses).toEqual([500, 500, 200]);
    await portal.client.misbehave('500');
    for (let index = 0; index < 4; index += 1) expect((await under.ask(id)).status).toBe(500);
    expect((await portal.client.state()).portal).toMatchObject({ misbehaviour: '500', remaining: null });
  });

  it('separated by commas come one after the other', async () => {
    await portal.client.misbehave('500,html,wrong-nonce,crl-404', 2);
    expect((await portal.client.state()).portal).toMatchObject({
      misbehaviour: '500',
      remaining: 2,
      next: ['html', 'wrong-nonce', 'crl-404'],
    });
    const heard = [];
    for (let index = 0; index < 7; index += 1) heard.push(await under.ask(id));
    expect(heard.map(({ status }) => status)).toEqual([500, 500, 200, 200, 200, 200, 200]);
    expect(heard[3]?.type).toBe('text/html; charset=utf-8');
    expect(await refusalOf(heard[5]!)).toBe('wrong nonce');
    expect(await refusalOf(heard[6]!)).toBe('none');
    const lists = [];
    for (let index = 0; index < 3; index += 1) lists.push((await under.get('/v1/crl')).status);
    expect(lists).toEqual([404, 404, 200]);
  });
});
