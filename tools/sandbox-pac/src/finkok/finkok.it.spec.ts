import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { RunningSandbox } from '../client.ts';
import { attribute, parse } from '../pac/document.ts';
import { sampleComprobante, type Sealer } from '../sample.ts';
import {
  sandboxUnderTest,
  sha256,
  timbreIn,
  uuidOf,
  type SandboxUnderTest,
} from '../sandbox-under-test.conformance.ts';
import { FinkokCaller, type FinkokAnswer } from './caller.ts';

let under: SandboxUnderTest;
let sandbox: RunningSandbox;
let sealer: Sealer;
let caller: FinkokCaller;

beforeAll(async () => {
  under = await sandboxUnderTest();
  ({ sandbox, sealer } = under);
  caller = new FinkokCaller(sandbox);
});
afterAll(() => under.end());
beforeEach(async () => {
  await sandbox.client.pac('none');
});

const sample = (): Buffer => sampleComprobante(sealer);
const uuidIn = (answer: FinkokAnswer): string => (answer.fields.get('UUID') ?? '').toLowerCase();
const failed = (promise: Promise<unknown>): Promise<boolean> =>
  promise.then(
    () => false,
    () => true,
  );

describe("Finkok's window of the one PAC", () => {
  it('stamps sealed XML and says all that the service says', async () => {
    const xml = sample();
    const answer = await caller.stamp(xml);
    expect(answer).toMatchObject({ status: 200, codes: [] });
    const timbre = timbreIn(answer.fields.get('xml') ?? '');
    expect(attribute(timbre, 'UUID')).toBe(uuidIn(answer));
    expect(answer.fields.get('SatSeal')).toBe(attribute(timbre, 'SelloSAT'));
    expect(answer.fields.get('Fecha')).toBe(attribute(timbre, 'FechaTimbrado'));
    expect(answer.fields.get('CodEstatus')).toBe('Comprobante timbrado satisfactoriamente');
    expect(await under.lastLogged()).toEqual({
      time: expect.any(String),
      customid: null,
      sha256: sha256(xml),
      uuid: uuidIn(answer),
    });
  });

  it('answers 307 with the first timbre, quick_stamp 307 alone', async () => {
    const xml = sample();
    const first = await caller.stamp(xml, 'quick_stamp');
    const again = await caller.stamp(xml);
    expect(again.codes).toEqual(['307']);
    expect(uuidIn(again)).toBe(uuidIn(first));
    const quick = await caller.stamp(xml, 'quick_stamp');
    expect([quick.codes, quick.fields.get('xml')]).toEqual([['307'], '']);
  });

  it("shares its memory with SW's window", async () => {
    const xml = sample();
    const first = await under.stamp(xml);
    const again = await caller.stamp(xml);
    expect([again.codes, uuidIn(again)]).toEqual([['307'], uuidOf(first)]);
    const other = sample();
    const here = await caller.stamp(other);
    expect((await under.stamp(other)).body?.data?.uuid).toBe(uuidIn(here));
  });

  it('looks a timbre up by its comprobante, and by its UUID at two places', async () => {
    const xml = sample();
    expect((await caller.stamp(xml, 'stamped')).codes).toEqual(['603']);
    const uuid = uuidIn(await caller.stamp(xml));
    const before = (await sandbox.client.log()).length;
    const found = await caller.stamp(xml, 'stamped');
    expect([found.codes, uuidIn(found)]).toEqual([[], uuid]);
    const pending = await caller.call('query_pending', { uuid });
    expect(pending.fields.get('status')).toBe('F');
    expect(pending.fields.get('xml')).toBe(found.fields.get('xml'));
    const asked = { uuid: uuid.toUpperCase(), taxpayer_id: sealer.rfc, invoice_type: 'I' };
    expect((await caller.call('get_xml', asked, 'utilities')).fields.get('xml')).toBe(found.fields.get('xml'));
    expect((await sandbox.client.log()).length).toBe(before);
  });

  it('says of a UUID that it is none, or that it is not found', async () => {
    expect((await caller.call('query_pending', { uuid: 'foo' })).fields.get('error')).toBe('UUID con formato invalido');
    const uuid = '01234567-0123-0123-0123-012345678901';
    const error = `UUID ${uuid} No Encontrado`;
    expect((await caller.call('query_pending', { uuid })).fields.get('error')).toBe(error);
    expect((await caller.call('get_xml', { uuid }, 'utilities')).fields.get('error')).toBe(error);
  });

  it('refuses with incidences: wrong credentials 300, a changed document by its code, one that has a timbre 707', async () => {
    const password = 'wrong & wrong';
    const xml = sample();
    const wrong = await caller.call('stamp', { xml: xml.toString('base64') }, 'stamp', password.replace('&', '&amp;'));
    expect([wrong.status, wrong.codes, wrong.fields.get('xml')]).toEqual([200, ['300'], '']);
    expect((await caller.call('stamped', { xml: 'eA==' }, 'stamp', 'wrong')).codes).toEqual(['300']);
    const changed = Buffer.from(xml.toString().replace('Café de olla', 'Café de Olla'));
    expect((await caller.stamp(changed)).codes).toEqual(['CFDI40102']);
    expect((await caller.stamp(Buffer.from('x'))).codes).toEqual(['301']);
    const tfd =
      '<cfdi:Complemento><t:TimbreFiscalDigital xmlns:t="http://www.sat.gob.mx/TimbreFiscalDigital"/></cfdi:Complemento>';
    const stamped = Buffer.from(xml.toString().replace('</cfdi:Comprobante>', `${tfd}</cfdi:Comprobante>`));
    expect((await caller.stamp(stamped)).codes).toEqual(['707']);
  });

  it('describes itself by a WSDL with the address of its calls', async () => {
    for (const [service, operation] of [
      ['stamp', 'query_pending'],
      ['utilities', 'get_xml'],
    ] as const) {
      const answer = await fetch(`${caller.address(service)}.wsdl`);
      const text = await answer.text();
      expect(parse(Buffer.from(text)).root.name).toBe('definitions');
      expect(text).toContain(`<soap:address location="${caller.address(service)}"/>`);
      expect(text).toContain(`<wsdl:operation name="${operation}">`);
    }
  });

  it('answers a SOAP fault to what is no call of it', async () => {
    expect(await caller.call('sign_stamp', {})).toMatchObject({ status: 500, fault: 'No existe sign_stamp' });
    expect(await caller.call('stamp', {}, 'utilities')).toMatchObject({ status: 500, fault: 'No existe stamp' });
    expect(await caller.post('stamp', '<a/>')).toMatchObject({ status: 500, fault: 'No es un sobre SOAP 1.1' });
    const empty = '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body/></e:Envelope>';
    expect(await caller.post('stamp', empty)).toMatchObject({ status: 500, fault: 'El sobre no lleva operación' });
    expect((await caller.post('stamp', '<a>')).fault).toMatch(/^No es XML bien formado/);
    expect((await fetch(caller.address('stamp'), { method: 'PUT' })).status).toBe(405);
    expect((await fetch(`${sandbox.pacUrl}/finkok/servicios/soap/registration`)).status).toBe(404);
  });
});

describe("misbehaviour in Finkok's way", () => {
  it('drop-before, drop-after and cut break the connection; the same bytes then give what was stamped', async () => {
    for (const [word, isStamped] of [
      ['drop-before', false],
      ['drop-after', true],
      ['cut', true],
    ] as const) {
      const xml = sample();
      await sandbox.client.pac(word, 1);
      expect([word, await failed(caller.stamp(xml))]).toEqual([word, true]);
      const { uuid } = (await under.lastLogged())!;
      expect([word, uuid !== null]).toEqual([word, isStamped]);
      const again = uuidIn(await caller.stamp(xml));
      if (isStamped) expect(again).toBe(uuid);
    }
  });

  it('500 is a SOAP fault, 429 says when to come back, html is a page of a router', async () => {
    const xml = sample();
    await sandbox.client.pac('500', 1);
    expect(await caller.stamp(xml)).toMatchObject({ status: 500, fault: 'Error no clasificado en el servicio.' });
    await sandbox.client.pac('429', 1);
    const busy = await caller.stamp(xml);
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([429, '2']);
    await sandbox.client.pac('html', 1);
    expect((await caller.stamp(xml)).text).toMatch(/^<!DOCTYPE html>/);
    expect((await caller.stamp(xml)).codes).toEqual([]);
  });

  it('empty-307 stamps and says 307 twice without the timbre', async () => {
    const xml = sample();
    await sandbox.client.pac('empty-307');
    const empty = await caller.stamp(xml);
    expect([empty.codes, empty.fields.get('xml'), empty.fields.get('UUID')]).toEqual([['307', '307'], '', undefined]);
    expect((await caller.stamp(xml, 'stamped')).codes).toEqual(['603']);
    await sandbox.client.pac('none');
    expect(uuidIn(await caller.stamp(xml))).toBe((await sandbox.client.log()).at(-2)?.uuid);
  });

  it('lag finds no timbre that is too young, at either window, and finds it afterwards', async () => {
    const xml = sample();
    await sandbox.client.pac('lag:60000');
    const uuid = uuidIn(await caller.stamp(xml));
    expect(uuid).not.toBe('');
    expect((await caller.stamp(xml)).codes).toEqual(['307', '307']);
    expect((await caller.stamp(xml, 'stamped')).codes).toEqual(['603']);
    expect((await under.stamp(xml)).body).toMatchObject({ message: expect.stringMatching(/^307\. /), data: null });
    await sandbox.client.clock(61);
    expect(uuidIn(await caller.stamp(xml, 'stamped'))).toBe(uuid);
    expect(uuidIn(await caller.stamp(xml))).toBe(uuid);
    await sandbox.client.clock(0);
  });

  it('wrong-sello lies about the seal once, delay answers late', async () => {
    const xml = sample();
    const sello = attribute(parse(xml).root, 'Sello');
    await sandbox.client.pac('wrong-sello', 1);
    const wrong = await caller.stamp(xml);
    expect(attribute(timbreIn(wrong.fields.get('xml') ?? ''), 'SelloCFD')).not.toBe(sello);
    await sandbox.client.pac('delay:300', 1);
    const started = performance.now();
    const right = await caller.stamp(xml);
    expect(performance.now() - started).toBeGreaterThan(295);
    expect(attribute(timbreIn(right.fields.get('xml') ?? ''), 'SelloCFD')).toBe(sello);
    expect(uuidIn(right)).toBe(uuidIn(wrong));
  });

  it('no-stamps is 718, code: any code, in the numbers of this PAC where it has some', async () => {
    const xml = sample();
    await sandbox.client.pac('no-stamps', 1);
    expect((await caller.stamp(xml)).codes).toEqual(['718']);
    for (const [code, shown] of [
      ['AU2003', '740'],
      ['AU2004', '702'],
      ['701', '701'],
      ['708', '708'],
      ['CFDI40145', 'CFDI40145'],
    ] as const) {
      await sandbox.client.pac(`code:${code}`, 1);
      expect((await caller.stamp(xml)).codes).toEqual([shown]);
    }
  });

  it('clock shows in the Date header, FechaTimbrado and judgement', async () => {
    await sandbox.client.pac('clock:-600', 1);
    const behind = await caller.stamp(sample());
    expect(behind.codes).toEqual(['CFDI40101']);
    expect(Math.round((Date.parse(behind.headers.get('date')!) - Date.now()) / 60_000)).toBe(-10);
  });

  it('look-ups meet the line as it is, and use no count up', async () => {
    const xml = sample();
    const uuid = uuidIn(await caller.stamp(xml));
    for (const word of ['drop-before', 'drop-after', 'cut']) {
      await sandbox.client.pac(word, 1);
      expect([word, await failed(caller.stamp(xml, 'stamped'))]).toEqual([word, true]);
      expect((await sandbox.client.state()).pac).toMatchObject({ misbehaviour: word, remaining: 1 });
    }
    await sandbox.client.pac('500');
    expect((await caller.stamp(xml, 'stamped')).status).toBe(500);
    await sandbox.client.pac('429');
    expect((await caller.stamp(xml, 'stamped')).status).toBe(429);
    await sandbox.client.pac('html');
    expect((await caller.stamp(xml, 'stamped')).text).toMatch(/^<!DOCTYPE html>/);
    await sandbox.client.pac('delay:200');
    const started = performance.now();
    expect(uuidIn(await caller.stamp(xml, 'stamped'))).toBe(uuid);
    expect(performance.now() - started).toBeGreaterThan(195);
  });
});
