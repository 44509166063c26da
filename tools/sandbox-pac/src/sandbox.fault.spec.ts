import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '@nexora/testing';
import { makeDemoIssuer } from './ca/issuers.ts';
import { startSandbox, type RunningSandbox } from './client.ts';
import { sampleComprobante, sealerOf, type Sealer } from './sample.ts';
import { SwCaller } from './sw/caller.ts';

let dir: string;
let sealer: Sealer;
let running: RunningSandbox | undefined;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sandbox-pac-fault-'));
  sealer = await sealerOf(await makeDemoIssuer(dir));
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  rmSync(dir, { recursive: true, force: true });
});

async function start(): Promise<RunningSandbox> {
  running = await startSandbox({ dir });
  return running;
}

describe('a sandbox PAC killed at any moment', () => {
  it('remembers what it stamped, on the same ports', async () => {
    const first = await start();
    const xml = sampleComprobante(sealer);
    const stamped = await new SwCaller(first).stamp(xml, 'row');
    const log = await first.client.log();
    await first.kill();
    const second = await start();
    expect([second.pacUrl, second.heartbeatUrl, second.controlUrl]).toEqual([
      first.pacUrl,
      first.heartbeatUrl,
      first.controlUrl,
    ]);
    expect(await second.client.log()).toEqual(log);
    const again = await new SwCaller(second).stamp(xml);
    expect([again.status, again.body?.data]).toEqual([400, stamped.body?.data]);
    const other = await new SwCaller(second).stamp(sampleComprobante(sealer), 'row');
    expect(other.body?.message).toMatch(/^CFDI3307 - /);
    expect(other.body?.data?.tfd).toContain(`UUID="${stamped.body?.data?.uuid}"`);
  });

  it('keeps every timbre that it answered under load, and gives no document two', async () => {
    const first = await start();
    const caller = new SwCaller(first);
    const token = await caller.token();
    const documents = Array.from({ length: 60 }, () => sampleComprobante(sealer));
    const answered = new Map<number, string>();
    const work = documents.map(async (xml, index) => {
      const answer = await caller.stamp(xml, `row-${index}`, { token });
      answered.set(index, answer.body?.data?.uuid ?? '');
    });
    const settled = Promise.allSettled(work);
    await until(() => answered.size >= 10, { what: 'ten timbres' });
    await first.kill();
    await settled;
    const second = await start();
    const after = new SwCaller(second);
    for (const [index, xml] of documents.entries()) {
      const uuid = (await after.stamp(xml, `row-${index}`)).body?.data?.uuid;
      expect(uuid).toMatch(/^[0-9a-f-]{36}$/);
      expect(uuid).toBe(answered.get(index) ?? uuid);
    }
    const stamped = (await second.client.log()).filter((request) => request.uuid !== null);
    expect(new Set(stamped.map((request) => request.sha256)).size).toBe(documents.length);
    expect(stamped).toHaveLength(documents.length);
  });

  it('remembers the cut line, the misbehaviour with its count, and the clock', async () => {
    const first = await start();
    await first.client.pac('500', 5);
    expect((await new SwCaller(first).stamp(sampleComprobante(sealer))).status).toBe(500);
    await first.client.clock(3600);
    await first.client.internet('cut');
    await first.kill();
    const second = await start();
    expect(await second.client.state()).toMatchObject({
      internet: 'cut',
      pac: { misbehaviour: '500', remaining: 4 },
      clock: { offsetSeconds: 3600 },
    });
    await expect(fetch(second.heartbeatUrl)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    await second.client.internet('restore');
    const heart = await fetch(second.heartbeatUrl);
    expect(Math.round((Date.parse(heart.headers.get('date') ?? '') - Date.now()) / 60_000)).toBe(60);
  });

  it('starts over a torn last line of its memory', async () => {
    const first = await start();
    const xml = sampleComprobante(sealer);
    const stamped = await new SwCaller(first).stamp(xml);
    await first.kill();
    appendFileSync(join(dir, 'pac.jsonl'), '{"time":"2026-11-21T18:00:00.000Z","customid":"torn","sha2');
    const second = await start();
    expect(await second.client.log()).toHaveLength(1);
    expect((await new SwCaller(second).stamp(xml)).body?.data?.uuid).toBe(stamped.body?.data?.uuid);
  });
});

describe('a sandbox PAC that cannot start', () => {
  it('refuses a directory where another one runs, with exit code 78', async () => {
    await start();
    await expect(startSandbox({ dir })).rejects.toThrow(/ended with 78 .*already runs in the directory/);
  });

  it('says which file cannot be read', async () => {
    writeFileSync(join(dir, 'state.json'), 'rubbish');
    await expect(start()).rejects.toThrow('state.json cannot be read: remove it');
  });
});

describe('a sandbox PAC that is asked to end', () => {
  it('ends with code 0, also in the middle of work', async () => {
    const first = await start();
    const caller = new SwCaller(first);
    const token = await caller.token();
    let answered = 0;
    const work = Array.from({ length: 40 }, async () => {
      await caller.stamp(sampleComprobante(sealer), undefined, { token });
      answered += 1;
    });
    const settled = Promise.allSettled(work);
    await until(() => answered >= 3, { what: 'three timbres' });
    expect(await first.stop()).toBe(0);
    await settled;
  });
});
