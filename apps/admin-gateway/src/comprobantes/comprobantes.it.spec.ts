import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ejemploDeIngreso, type Documento } from '@nexora/comprobante';
import { Bell } from '@nexora/outbox';
import { loadSettings } from '@nexora/runtime';
import { openObjectStore, storageSettings, type ObjectStore } from '@nexora/storage';
import { until } from '@nexora/testing';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gatewayUnderTest, nobody, problemIn, type GatewayUnderTest } from '../testing/gateway.conformance.ts';

let gateway: GatewayUnderTest;

let store: ObjectStore;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nexora-objects-'));
  const settings = { STORAGE_URL: pathToFileURL(folder).href };
  store = await openObjectStore(loadSettings(storageSettings, settings));
  gateway = await gatewayUnderTest({ settings });
});
afterAll(async () => {
  await gateway.stop();
  await store.close();
  rmSync(folder, { recursive: true });
});

let sales = 0;

/** A sale that nobody has handed over yet. */
function sale(changes: Partial<Documento> = {}): Documento {
  sales += 1;
  return ejemploDeIngreso({ externalId: `venta-${sales}`, folio: String(sales), ...changes });
}

function post(document: unknown, headers: Record<string, string> = {}) {
  return gateway.call('POST', '/api/comprobantes', { as: 'operator', body: document, headers });
}

async function accepted(document = sale()): Promise<{ id: string; estado: string; jobId: string }> {
  return (await post(document)).body as { id: string; estado: string; jobId: string };
}

describe('handing a comprobante over', () => {
  it('is answered with 202, an id, its state and the job that stamps it', async () => {
    const answer = await post(sale());
    expect(answer.status).toBe(202);
    const { id, jobId, estado } = answer.body as Record<string, string>;
    expect(estado).toBe('pendiente');
    const [job] = await gateway.sql('SELECT kind, payload FROM agents.job WHERE id = $1', [jobId]);
    expect(job).toEqual({ kind: 'cfdi.stamp', payload: { comprobanteId: id } });
  });

  it('again with the same content is answered with 200 and the same id, and stores nothing more', async () => {
    const document = sale();
    const first = await accepted(document);
    const before = await gateway.storedRows();
    const again = await post({ ...document, conceptos: document.conceptos });
    expect([again.status, again.body]).toEqual([200, first]);
    expect(await gateway.storedRows()).toEqual(before);
  });

  it('with the same externalId and other content is answered with 409 in Spanish and stores nothing', async () => {
    const document = sale();
    await accepted(document);
    const before = await gateway.storedRows();
    const answer = await post({ ...document, condicionesDePago: 'Crédito' });
    expect([answer.status, problemIn(answer).type]).toEqual([409, 'urn:nexora:problem:cfdi.external-id-conflict']);
    expect(problemIn(answer).detail).toContain('externalId');
    expect(await gateway.storedRows()).toEqual(before);
  });

  it('with serie and folio of another one is answered with 409', async () => {
    const document = sale();
    await accepted(document);
    const answer = await post({ ...document, externalId: 'another' });
    expect([answer.status, problemIn(answer).type]).toEqual([409, 'urn:nexora:problem:cfdi.folio-conflict']);
  });

  it('twice at once makes one comprobante: one 202, one 200, the same id', async () => {
    const document = sale();
    const answers = await Promise.all(Array.from({ length: 6 }, () => post(document)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 202]);
    expect(new Set(answers.map(({ body }) => (body as { id: string }).id)).size).toBe(1);
    const [{ n }] = (await gateway.sql('SELECT count(*)::int AS n FROM cfdi.comprobante WHERE external_id = $1', [
      document.externalId,
    ])) as [{ n: number }];
    expect(n).toBe(1);
  });

  it('rings for the agent once it is committed', async () => {
    const bell = new Bell({ connection: gateway.redisUrl });
    let rings = 0;
    const serving = bell.serve('cfdi.stamp', async () => {
      rings += 1;
    });
    await accepted();
    await until(() => rings > 0, { within: 5_000, what: 'a ring' });
    await serving.close(1_000);
    await bell.close(1_000);
  });

  it('hands the trace of the caller on to the job', async () => {
    const traceparent = `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01`;
    const { jobId } = (await post(sale(), { traceparent })).body as { jobId: string };
    const [job] = await gateway.sql('SELECT traceparent FROM agents.job WHERE id = $1', [jobId]);
    expect(job).toEqual({ traceparent });
  });

  it('leaves who, from where, what and when in the audit log', async () => {
    const { id } = await accepted();
    const [entry] = await gateway.sql(
      'SELECT caller_name, role, host(address) AS address, action FROM gateway.audit WHERE target = $1',
      [id],
    );
    expect(entry).toEqual({
      caller_name: 'test operator',
      role: 'operator',
      address: '127.0.0.1',
      action: 'comprobante.submit',
    });
  });
});

describe('Idempotency-Key', () => {
  it('answers the same request with what the first one was answered, and says so', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const document = sale();
    const first = await post(document, headers);
    const again = await post(document, headers);
    expect([again.status, again.body]).toEqual([202, first.body]);
    expect(again.headers['idempotency-replayed']).toBe('true');
  });

  it('takes the same body with its keys in another order for the same request', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const document = sale();
    const first = await post(document, headers);
    const turned = Object.fromEntries(Object.entries(document).reverse());
    expect((await post(turned, headers)).body).toEqual(first.body);
  });

  it('refuses another body with 409 and stores nothing', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    await post(sale(), headers);
    const before = await gateway.storedRows();
    const answer = await post(sale(), headers);
    expect([answer.status, problemIn(answer).type]).toEqual([409, 'urn:nexora:problem:http.idempotency-conflict']);
    expect(await gateway.storedRows()).toEqual(before);
  });

  it('lets one of several equal requests at once work and answers all of them alike', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const document = sale();
    const answers = await Promise.all(Array.from({ length: 6 }, () => post(document, headers)));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202, 202]);
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(answers.filter((answer) => answer.headers['idempotency-replayed'] === 'true')).toHaveLength(5);
  });

  it('is not used up by a request that was refused', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    expect((await post({ ...sale(), formaPago: '77' }, headers)).status).toBe(422);
    expect((await post(sale(), headers)).status).toBe(202);
  });

  it('of one token says nothing about the same key of another', async () => {
    const headers = { 'idempotency-key': 'one' };
    const first = await gateway.call('POST', '/api/comprobantes', { as: 'operator', body: sale(), headers });
    const other = await gateway.call('POST', '/api/comprobantes', { as: 'admin', body: sale(), headers });
    expect([first.status, other.status]).toEqual([202, 202]);
  });
});

describe('looking at comprobantes', () => {
  it('shows one by its id', async () => {
    const document = sale();
    const { id } = await accepted(document);
    const answer = await gateway.call('GET', `/api/comprobantes/${id}`, { as: 'viewer' });
    expect(answer.body).toMatchObject({
      id,
      externalId: document.externalId,
      estado: 'pendiente',
      uuid: null,
      estadoSat: null,
      checkedAt: null,
      cancelacion: null,
      links: { xml: null, pdf: null, acuse: null },
    });
  });

  it('answers 404 to an unknown id', async () => {
    for (const path of ['', '/xml', '/pdf']) {
      const answer = await gateway.call('GET', `/api/comprobantes/${nobody()}${path}`);
      expect([answer.status, problemIn(answer).type]).toEqual([404, 'urn:nexora:problem:cfdi.not-found']);
    }
  });

  it('finds one by its externalId, and those in a state', async () => {
    const document = sale();
    const { id } = await accepted(document);
    const byId = await gateway.call('GET', `/api/comprobantes?externalId=${document.externalId}`);
    expect((byId.body as { items: { id: string }[] }).items.map((item) => item.id)).toEqual([id]);
    const none = await gateway.call('GET', '/api/comprobantes?estado=cancelado');
    expect(none.body).toEqual({ items: [], nextCursor: null });
  });

  it('pages through all of them, newest first, each once', async () => {
    for (let n = 0; n < 5; n += 1) await accepted();
    const all = await gateway.sql<{ id: string }>('SELECT id FROM cfdi.comprobante ORDER BY id DESC');
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const path: string = `/api/comprobantes?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const { items, nextCursor } = (await gateway.call('GET', path)).body as {
        items: { id: string }[];
        nextCursor: string | null;
      };
      seen.push(...items.map(({ id }) => id));
      cursor = nextCursor;
    }
    expect(seen).toEqual(all.map(({ id }) => id));
  });
});

describe('an issuer that the house does not know', () => {
  it('is answered with 422 in Spanish and stores nothing', async () => {
    const before = await gateway.storedRows();
    const answer = await post(sale({ emisor: 'CACX7605101P8' }));
    expect(answer.status).toBe(422);
    expect(problemIn(answer).errors?.[0]).toMatchObject({ path: 'emisor', code: 'cfdi.unknown-issuer' });
    expect(await gateway.storedRows()).toEqual(before);
  });
});

/** Brings a comprobante into the state in which the agent leaves it. */
async function became(id: string, changes: string, values: unknown[] = []): Promise<void> {
  await gateway.sql(`UPDATE cfdi.comprobante SET ${changes} WHERE id = $1`, [id, ...values]);
}

/** Ends the job of a comprobante as the agent's permanent refusal does. */
async function buried(jobId: string): Promise<void> {
  await gateway.sql(`UPDATE agents.job SET state = 'dead', ended_at = agents.now() WHERE id = $1`, [jobId]);
}

const ERROR = { code: 'cfdi.data', field: 'receptor.rfc', message: 'El RFC no existe.', remedy: 'Corrija el RFC.' };

describe('a comprobante that was refused', () => {
  async function refused(): Promise<{ id: string; jobId: string; document: Documento }> {
    const document = sale();
    const { id, jobId } = await accepted(document);
    await became(id, `estado = 'rechazado', error = $2`, [JSON.stringify(ERROR)]);
    await buried(jobId);
    return { id, jobId, document };
  }

  it('says in Spanish why, and how to mend it', async () => {
    const { id } = await refused();
    const { body } = await gateway.call('GET', `/api/comprobantes/${id}`);
    expect(body).toMatchObject({ estado: 'rechazado', error: ERROR });
  });

  it('is mended by PUT under the same id, and stamped anew', async () => {
    const { id, document } = await refused();
    const mended = { ...document, condicionesDePago: 'Crédito' };
    const answer = await gateway.call('PUT', `/api/comprobantes/${id}`, { body: mended });
    expect([answer.status, answer.body]).toMatchObject([202, { id, estado: 'pendiente' }]);
    const [row] = await gateway.sql('SELECT revision, document FROM cfdi.comprobante WHERE id = $1', [id]);
    expect(row).toEqual({ revision: 2, document: mended });
  });

  it('is judged at the door when it is mended', async () => {
    const { id, document } = await refused();
    const answer = await gateway.call('PUT', `/api/comprobantes/${id}`, { body: { ...document, formaPago: '77' } });
    expect(answer.status).toBe(422);
  });

  it('is tried again by one call', async () => {
    const { id } = await refused();
    const answer = await gateway.call('POST', `/api/admin/agents/retry/cfdi/${id}`, { as: 'operator' });
    const { jobId } = answer.body as { jobId: string };
    const [job] = await gateway.sql('SELECT state, payload FROM agents.job WHERE id = $1', [jobId]);
    expect([answer.status, job]).toEqual([202, { state: 'pending', payload: { comprobanteId: id } }]);
  });
});

describe('a comprobante that was not refused', () => {
  it('is not mended: 409', async () => {
    const document = sale();
    const { id } = await accepted(document);
    const answer = await gateway.call('PUT', `/api/comprobantes/${id}`, { body: document });
    expect([answer.status, problemIn(answer).type]).toEqual([409, 'urn:nexora:problem:cfdi.not-mendable']);
  });

  it('that waits gives the job under way when a retry is asked', async () => {
    const { id, jobId } = await accepted();
    const answer = await gateway.call('POST', `/api/admin/agents/retry/cfdi/${id}`);
    expect([answer.status, answer.body]).toEqual([202, { jobId }]);
  });

  it('that is ready is not retried: 409', async () => {
    const { id } = await stamped();
    await became(id, `estado = 'listo'`);
    const answer = await gateway.call('POST', `/api/admin/agents/retry/cfdi/${id}`);
    expect(answer.status).toBe(409);
  });
});

const XML = Buffer.from('<?xml version="1.0" encoding="UTF-8"?><cfdi:Comprobante>ñ</cfdi:Comprobante>');

async function stamped(): Promise<{ id: string; uuid: string }> {
  const { id } = await accepted();
  const uuid = randomUUID();
  await became(
    id,
    `estado = 'timbrado', sealed = $2, sha256 = $3, sealed_at = agents.now(), uuid = $4, xml = $2,
     fecha_timbrado = '2026-11-21T10:00:00', sub_total = 99.99, descuento = 0, total = 115.99`,
    [XML, 'a'.repeat(64), uuid],
  );
  return { id, uuid };
}

describe('a comprobante that was stamped', () => {
  it('shows its UUID, when, and its totals as decimal strings', async () => {
    const { id, uuid } = await stamped();
    const { body } = await gateway.call('GET', `/api/comprobantes/${id}`);
    expect(body).toMatchObject({
      estado: 'timbrado',
      uuid,
      fechaTimbrado: '2026-11-21T16:00:00.000Z',
      subTotal: '99.99',
      total: '115.99',
      moneda: 'MXN',
      links: { xml: `/api/comprobantes/${id}/xml`, pdf: null, acuse: null },
    });
  });

  it('gives its XML byte by byte, with nothing that a browser would run', async () => {
    const { id, uuid } = await stamped();
    const { status, bytes, headers } = await gateway.call('GET', `/api/comprobantes/${id}/xml`, { as: 'viewer' });
    expect([status, bytes]).toEqual([200, XML]);
    expect(headers['content-type']).toBe('application/xml');
    expect(headers['content-disposition']).toBe(`inline; filename="${uuid}.xml"`);
    expect(headers['content-security-policy']).toContain('sandbox');
    expect(headers['x-content-type-options']).toBe('nosniff');
  });
});

describe('a comprobante whose documents stand in object storage', () => {
  const PDF = Buffer.from('%PDF-1.7 …');

  async function stored(objects: Readonly<Record<'xml' | 'pdf', Buffer | null>>): Promise<string> {
    const { id, uuid } = await stamped();
    for (const [which, body] of Object.entries(objects)) {
      const key = `cfdi/EKU9003173C9/2026/11/${uuid}.${which}`;
      if (body !== null) await store.put(key, body, { contentType: `application/${which}` });
      await became(id, `estado = 'listo', xml = NULL, ${which}_key = $2`, [key]);
    }
    return id;
  }

  it('gives both byte by byte with 200, never a redirect', async () => {
    const id = await stored({ xml: XML, pdf: PDF });
    const xml = await gateway.call('GET', `/api/comprobantes/${id}/xml`);
    const pdf = await gateway.call('GET', `/api/comprobantes/${id}/pdf`);
    expect([xml.status, xml.bytes, pdf.status, pdf.bytes]).toEqual([200, XML, 200, PDF]);
    expect(pdf.headers['content-type']).toBe('application/pdf');
  });

  it('is answered with 503 and Retry-After while storage does not have what it should', async () => {
    const id = await stored({ xml: XML, pdf: null });
    const answer = await gateway.call('GET', `/api/comprobantes/${id}/pdf`);
    expect([answer.status, problemIn(answer).type]).toEqual([503, 'urn:nexora:problem:http.unavailable']);
    expect(problemIn(answer).detail).not.toContain('EKU9003173C9');
  });
});

describe('XML and PDF', () => {
  it('are answered with 409 before they exist', async () => {
    const { id } = await accepted();
    for (const which of ['xml', 'pdf']) {
      const answer = await gateway.call('GET', `/api/comprobantes/${id}/${which}`);
      expect([answer.status, problemIn(answer).type]).toEqual([409, 'urn:nexora:problem:cfdi.not-ready']);
    }
  });
});
