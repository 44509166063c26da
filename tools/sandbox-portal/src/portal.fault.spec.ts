import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawnNode, until } from '@nexora/testing';
import { fileURLToPath } from 'node:url';
import { startPortal, type RunningPortal } from './client.ts';
import { Vendor } from './office/vendor.ts';
import { machine, newNonce, sampleOrder } from './portal-under-test.conformance.ts';

let dir: string;
let running: RunningPortal | undefined;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sandbox-portal-fault-'));
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  rmSync(dir, { recursive: true, force: true });
});

async function start(): Promise<RunningPortal> {
  running = await startPortal({ dir });
  return running;
}

async function renew(portal: RunningPortal, id: string, nonce = newNonce()): Promise<Response> {
  const body = JSON.stringify({ nonce, binding: machine('shop') });
  return fetch(`${portal.url}/v1/licenses/${id}/renew`, { method: 'POST', body });
}

describe('a licence portal killed at any moment', () => {
  it('remembers keys, licences, list and log, on the same ports', async () => {
    const first = await start();
    const { id } = await first.vendor.issue(sampleOrder);
    await first.vendor.suspend(id);
    await first.vendor.reinstate(id);
    expect((await renew(first, id)).status).toBe(200);
    const known = [await first.vendor.keys(), await first.vendor.list(), await first.vendor.crl()];
    const log = await first.client.log();
    await first.kill();
    const second = await start();
    expect([second.url, second.controlUrl, second.keys]).toEqual([first.url, first.controlUrl, first.keys]);
    expect([await second.vendor.keys(), await second.vendor.list(), await second.vendor.crl()]).toEqual(known);
    expect(await second.client.log()).toEqual(log);
  });

  it('has every request that it answered in its log, and the document that it gave out in its book', async () => {
    const first = await start();
    const licenses = await Promise.all(Array.from({ length: 8 }, () => first.vendor.issue(sampleOrder)));
    const answered = new Map<string, string>();
    const work = licenses.flatMap(({ id }) =>
      Array.from({ length: 4 }, async () => {
        const nonce = newNonce();
        await (await renew(first, id, nonce)).text();
        answered.set(nonce, id);
      }),
    );
    const settled = Promise.allSettled(work);
    await until(() => answered.size >= 6, { what: 'six replies' });
    await first.kill();
    await settled;
    const second = await start();
    const logged = (await second.client.log()).map(({ nonce }) => nonce);
    for (const nonce of answered.keys()) expect(logged).toContain(nonce);
    for (const { license } of await second.vendor.list()) {
      const issued = licenses.find(({ id }) => id === license.id)?.license;
      const isRenewed = [...answered.values()].includes(license.id);
      if (isRenewed) expect(license.issuedAt > (issued?.issuedAt ?? '')).toBe(true);
    }
    for (const { id } of licenses) expect((await renew(second, id)).status).toBe(200);
  });

  it('remembers the cut line, what is left of a misbehaviour, and the clock', async () => {
    const first = await start();
    await first.client.misbehave('500,html', 3);
    expect((await renew(first, 'x')).status).toBe(500);
    await first.client.clock(3600);
    await first.client.internet('cut');
    await first.kill();
    const second = await start();
    expect(await second.client.state()).toMatchObject({
      internet: 'cut',
      portal: { misbehaviour: '500', remaining: 2, next: ['html'] },
      clock: { offsetSeconds: 3600 },
    });
    await expect(fetch(second.url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    await second.client.internet('restore');
    expect((await renew(second, 'x')).status).toBe(500);
  });

  it('starts over a torn last line of its log', async () => {
    const first = await start();
    await renew(first, 'x');
    await first.kill();
    appendFileSync(join(dir, 'requests.jsonl'), '{"time":"2026-11-21T18:00:00.000Z","meth');
    expect(await (await start()).client.log()).toHaveLength(1);
  });
});

describe('the command line killed at any moment', () => {
  it('leaves a whole book: all that was answered, each key with its file, no heap of drafts', async () => {
    const issuer = fileURLToPath(new URL('./office/issuer-main.conformance.ts', import.meta.url));
    const acknowledged: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      const process = await spawnNode({ entry: issuer, args: [dir], env: {}, ready: /issued/ });
      await until(() => (process.output.match(/issued/g)?.length ?? 0) >= 5 + round * 3, { what: 'some licences' });
      await process.kill9();
      acknowledged.push(...[...process.output.matchAll(/issued (\S+)\n/g)].map(([, id = '']) => id));
      const vendor = await Vendor.open(dir);
      const listed = (await vendor.list()).map(({ license }) => license.id);
      for (const id of acknowledged) expect(listed).toContain(id);
      const files = readdirSync(join(dir, 'office'));
      expect(files.filter((name) => name.startsWith('office.json')).length).toBeLessThanOrEqual(2);
      for (const { kid } of await vendor.keys()) expect(files).toContain(`key-${kid}.pem`);
      await vendor.rotate();
    }
    expect((await (await Vendor.open(dir)).keys()).length).toBeGreaterThan(3);
  });
});

describe('a licence portal that cannot start', () => {
  it('refuses a directory where another one runs, with exit code 78', async () => {
    await start();
    await expect(startPortal({ dir })).rejects.toThrow(/ended with 78 .*licence portal already runs in the directory/);
  });

  it('says which file cannot be read', async () => {
    writeFileSync(join(dir, 'state.json'), 'rubbish');
    await expect(start()).rejects.toThrow('state.json cannot be read: remove it');
  });

  it('says so when a certificate is not there or is none, with exit code 78', async () => {
    const missing = { cert: join(dir, 'c.pem'), key: join(dir, 'k.pem') };
    await expect(startPortal({ dir, tls: missing })).rejects.toThrow(/ended with 78 .*PORTAL_TLS_CERT.*c\.pem/);
    writeFileSync(missing.cert, 'rubbish');
    writeFileSync(missing.key, 'rubbish');
    await expect(startPortal({ dir, tls: missing })).rejects.toThrow(/ended with 78 .*PORTAL_TLS_CERT/);
  });
});

describe('a licence portal that is asked to end', () => {
  it('ends with code 0, also in the middle of work', async () => {
    const portal = await start();
    const { id } = await portal.vendor.issue(sampleOrder);
    let answered = 0;
    const work = Array.from({ length: 30 }, async () => {
      await (await renew(portal, id)).text();
      answered += 1;
    });
    const settled = Promise.allSettled(work);
    await until(() => answered >= 3, { what: 'three replies' });
    expect(await portal.stop()).toBe(0);
    await settled;
  });

  it('does not wait for a reply that is delayed or drips', async () => {
    const portal = await start();
    await portal.client.misbehave('delay:600000,drip:600000');
    const settled = Promise.allSettled([renew(portal, 'x'), renew(portal, 'y').then((response) => response.text())]);
    await until(async () => (await portal.client.log()).length === 2, { what: 'both requests' });
    expect(await portal.stop()).toBe(0);
    await settled;
  });
});
