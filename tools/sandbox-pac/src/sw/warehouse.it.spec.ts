import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sampleComprobante } from '../sample.ts';
import { sandboxUnderTest, uuidOf, type SandboxUnderTest } from '../sandbox-under-test.conformance.ts';

let under: SandboxUnderTest;

beforeAll(async () => {
  under = await sandboxUnderTest();
});
afterAll(() => under.end());
beforeEach(async () => {
  await under.sandbox.client.pac('none');
});

const ask = (uuid: string, token = under.token): Promise<Response> =>
  fetch(`${under.sandbox.pacUrl}/datawarehouse/v1/live/${uuid}`, { headers: { authorization: `Bearer ${token}` } });

describe("SW's storage", () => {
  it('has a record of each timbre by its UUID, and its XML at the address in it', async () => {
    const stamped = await under.stamp(sampleComprobante(under.sealer));
    const record = (await (await ask(uuidOf(stamped).toUpperCase())).json()) as {
      data: { records: { uuid: string; urlXml: string }[] };
    };
    expect(record.data.records).toEqual([{ uuid: uuidOf(stamped), urlXml: expect.stringMatching(/^http:.*\.xml$/) }]);
    const file = await fetch(record.data.records[0]!.urlXml);
    expect(await file.text()).toBe(stamped.body?.data?.cfdi);
  });

  it('has no record of what it never stamped, nor a file', async () => {
    const uuid = '01234567-0123-4123-8123-012345678901';
    expect(await (await ask(uuid)).json()).toMatchObject({ status: 'success', data: { records: [] } });
    expect((await fetch(`${under.sandbox.pacUrl}/datawarehouse/files/${uuid}.xml`)).status).toBe(404);
  });

  it('asks for a token, and meets the line as it is', async () => {
    expect((await ask('x', 'a.b.c')).status).toBe(401);
    await under.sandbox.client.pac('500', 1);
    expect((await ask('x')).status).toBe(500);
    expect((await under.sandbox.client.state()).pac.remaining).toBe(1);
    await under.sandbox.client.pac('drop-before', 1);
    await expect(ask('x')).rejects.toThrow('fetch failed');
  });
});
