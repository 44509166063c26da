import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ControlRefused } from '@nexora/sandbox-kit';
import type { RunningSandbox } from './client.ts';
import { sampleComprobante, type Sealer } from './sample.ts';
import {
  newCustomid,
  sandboxUnderTest,
  type SandboxUnderTest,
  sha256,
  uuidOf,
} from './sandbox-under-test.conformance.ts';

let under: SandboxUnderTest;
let sandbox: RunningSandbox;
let sealer: Sealer;
let token: string;
let stamp: SandboxUnderTest['stamp'];

beforeAll(async () => {
  under = await sandboxUnderTest();
  ({ sandbox, sealer, token, stamp } = under);
});
afterAll(() => under.end());
beforeEach(async () => {
  await sandbox.client.pac('none');
});

describe('the line', () => {
  it('when cut refuses connections to PAC and heartbeat and breaks the open ones, and comes back', async () => {
    const heart = await fetch(sandbox.heartbeatUrl);
    expect([heart.status, await heart.text()]).toEqual([200, 'nexora-sandbox-heartbeat\n']);
    const { hostname, port } = new URL(sandbox.pacUrl);
    const open = connect(Number(port), hostname);
    const broken = new Promise<void>((resolve) => open.once('close', () => resolve()));
    await new Promise<void>((resolve) => open.once('connect', () => resolve()));
    expect((await sandbox.client.internet('cut')).internet).toBe('cut');
    await broken;
    for (const url of [sandbox.heartbeatUrl, sandbox.pacUrl]) {
      await expect(fetch(url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    }
    expect((await sandbox.client.pac('500', 1)).pac.misbehaviour).toBe('500');
    await sandbox.client.pac('none');
    expect((await sandbox.client.internet('restore')).internet).toBe('up');
    expect((await fetch(sandbox.heartbeatUrl)).status).toBe(200);
    expect((await stamp(sampleComprobante(sealer))).status).toBe(200);
  });

  it('may be cut and restored twice, in any haste', async () => {
    const { client } = sandbox;
    await Promise.all([
      client.internet('cut'),
      client.internet('cut'),
      client.internet('restore'),
      client.internet('restore'),
    ]);
    expect((await fetch(sandbox.heartbeatUrl)).status).toBe(200);
  });
});

describe('the PAC port', () => {
  it('answers what no protocol knows, a body without XML, and one too large for a comprobante', async () => {
    expect((await fetch(`${sandbox.pacUrl}/nothing`)).status).toBe(404);
    expect((await fetch(`${sandbox.pacUrl}/security/authenticate`)).status).toBe(405);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'text/xml' };
    const url = `${sandbox.pacUrl}/v4/cfdi33/stamp/v4`;
    expect((await fetch(url, { method: 'POST', headers, body: '<a/>' })).status).toBe(400);
    expect((await fetch(url, { method: 'POST', headers, body: Buffer.alloc(21 * 1024 * 1024) })).status).toBe(413);
    expect((await stamp(sampleComprobante(sealer), 'x'.repeat(101))).body?.message).toContain('mayor a 100 caracteres');
    expect((await stamp(sampleComprobante(sealer))).status).toBe(200);
  });

  it('takes the document in base64 too', async () => {
    const form = new FormData();
    form.set('xml', sampleComprobante(sealer).toString('base64'));
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${sandbox.pacUrl}/cfdi33/stamp/v4/b64`, { method: 'POST', headers, body: form });
    expect(await answer.json()).toMatchObject({ status: 'success' });
  });
});

describe('the control port', () => {
  it('says what is wrong with a call', async () => {
    await expect(sandbox.client.pac('explode')).rejects.toThrow(ControlRefused);
    await expect(sandbox.client.pac('500', 0)).rejects.toThrow('times must be a whole number above 0');
    expect((await fetch(`${sandbox.controlUrl}/control/internet`, { method: 'POST', body: 'cut' })).status).toBe(400);
    expect((await fetch(`${sandbox.controlUrl}/control/nothing`)).status).toBe(404);
  });

  it('lists each request that reached the PAC on one line of four fields', async () => {
    const xml = sampleComprobante(sealer);
    const customid = newCustomid();
    const answer = await stamp(xml, customid);
    const lines = (await sandbox.client.logLines()).trimEnd().split('\n');
    expect(JSON.parse(lines.at(-1) ?? '')).toEqual({
      time: expect.any(String),
      customid,
      sha256: sha256(xml),
      uuid: uuidOf(answer),
    });
  });

  it('answers health and state', async () => {
    expect((await fetch(`${sandbox.controlUrl}/health/ready`)).status).toBe(200);
    const state = await sandbox.client.state();
    expect(state.requests).toBe((await sandbox.client.log()).length);
    expect(state.stamps).toBe((await sandbox.client.log()).filter((request) => request.uuid !== null).length);
  });
});
