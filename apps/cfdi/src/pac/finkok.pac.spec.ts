import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HouseClock } from '@nexora/runtime';
import { FinkokPac } from './finkok.pac.ts';
import type { Verdict } from './pac.ts';

const PASSWORD = 's3creta & larga';
const STAMPED = '&lt;cfdi:Comprobante xmlns:cfdi="http://www.sat.gob.mx/cfd/4"/&gt;';

/** What the service answers next, given what it was asked. */
let answer: (asked: string) => { status: number; body: string };
let server: Server;
let pac: FinkokPac;

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { status, body } = answer(Buffer.concat(chunks).toString());
      response.writeHead(status, { 'content-type': 'text/xml; charset=utf-8' }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const patience = { timeoutMs: 2_000, emptyMs: 0, lagMs: 0 };
  pac = new FinkokPac(
    { name: 'finkok', url, user: 'ana@example.mx', password: PASSWORD, ...patience },
    new HouseClock(),
  );
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const envelope = (inner: string): string =>
  `<?xml version='1.0' encoding='UTF-8'?>\n<senv:Envelope xmlns:senv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:tns="http://facturacion.finkok.com/stamp" xmlns:s0="apps.services.soap.core.views"><senv:Body>${inner}</senv:Body></senv:Envelope>`;
const incidence = (code: string, message = 'x'): string =>
  `<s0:Incidencia><s0:CodigoError>${code}</s0:CodigoError><s0:MensajeIncidencia>${message}</s0:MensajeIncidencia></s0:Incidencia>`;
const result = (xml: string, ...incidences: string[]): { status: number; body: string } => {
  const inner = `<s0:xml>${xml}</s0:xml><s0:Incidencias>${incidences.join('')}</s0:Incidencias>`;
  return {
    status: 200,
    body: envelope(`<tns:stampResponse><tns:stampResult>${inner}</tns:stampResult></tns:stampResponse>`),
  };
};
const fault = (status: number, sentence: string): { status: number; body: string } => ({
  status,
  body: envelope(`<senv:Fault><faultcode>x</faultcode><faultstring>${sentence}</faultstring></senv:Fault>`),
});

function stamp(said: typeof answer): Promise<Verdict> {
  answer = said;
  return pac.stamp({ customid: 'row', bytes: Buffer.from('<a/>') }, new AbortController().signal);
}

describe("Finkok's answers beyond those of the sandbox", () => {
  it('are a stamp when a stamped comprobante comes, whatever is complained of beside it', async () => {
    for (const code of ['501', '708']) {
      expect(await stamp(() => result(STAMPED, incidence(code)))).toMatchObject({ kind: 'stamped', previous: false });
    }
    const both = await stamp(() => result(STAMPED, incidence('708'), incidence('307')));
    expect(both).toMatchObject({ kind: 'stamped', previous: true });
  });

  it('are no stamp when only the name of a file comes in place of the comprobante', async () => {
    expect(await stamp(() => result('/var/x/a.xml'))).toMatchObject({ kind: 'unknown', code: 'no-cfdi' });
    expect(await stamp(() => result('/var/x/a.xml', incidence('307')))).toMatchObject({ kind: 'unknown' });
  });

  it('leave the outcome unknown when they say nothing that is understood', async () => {
    for (const said of [result(''), result('', incidence('')), result('', incidence('9999')), fault(200, 'no')]) {
      expect(await stamp(() => said)).toMatchObject({ kind: 'unknown' });
    }
  });

  it('show no credentials, even when the service repeats what it was asked', async () => {
    const verdicts = [
      await stamp((asked) => fault(500, asked.replaceAll('<', '&lt;'))),
      await stamp(() => result('', incidence('300', 'Usuario ana@example.mx, clave s3creta &amp; larga'))),
      await stamp(() => fault(500, 's3creta &amp; larga')),
    ];
    expect(verdicts.map(({ kind }) => kind)).toEqual(['unknown', 'refused', 'unknown']);
    for (const verdict of verdicts) expect(JSON.stringify(verdict)).not.toMatch(/s3creta|ana@example/);
  });
});
