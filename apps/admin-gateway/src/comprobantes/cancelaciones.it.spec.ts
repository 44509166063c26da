import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ejemploDeIngreso, type Documento } from '@nexora/comprobante';
import { gatewayUnderTest, problemIn, type Answer, type GatewayUnderTest } from '../testing/gateway.conformance.ts';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await gatewayUnderTest({});
});
afterAll(() => gateway.stop());

/** No comprobante has this UUID. */
const UNKNOWN = '01234567-89ab-4cde-8f01-23456789abcd';
let sales = 0;

/** A comprobante as the agent leaves it, by default when XML and PDF are there. */
async function comprobante(
  estado = 'listo',
  changes: Partial<Documento> = {},
): Promise<{ readonly id: string; readonly uuid: string }> {
  sales += 1;
  const document = ejemploDeIngreso({ externalId: `cancel-${sales}`, folio: `C${sales}`, ...changes });
  const { body } = await gateway.call('POST', '/api/comprobantes', { as: 'operator', body: document });
  const { id } = body as { id: string };
  const uuid = randomUUID();
  const isStamped = ['listo', 'timbrado', 'almacenado', 'cancelado'].includes(estado);
  await gateway.sql(
    isStamped
      ? `UPDATE cfdi.comprobante SET estado = $2, sha256 = 'x', sealed_at = agents.now(), uuid = $3 WHERE id = $1`
      : `UPDATE cfdi.comprobante SET estado = $2 WHERE id = $1 AND $3::uuid IS NOT NULL`,
    [id, estado, uuid],
  );
  return { id, uuid };
}

function cancel(id: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  return gateway.call('POST', `/api/comprobantes/${id}/cancel`, { as: 'operator', body, headers });
}

describe('POST /api/comprobantes/:id/cancel', () => {
  it.each(['02', '03', '04'])('takes motivo %s with 202, the state and the job that does it', async (motivo) => {
    const { id } = await comprobante();
    const answer = await cancel(id, { motivo });
    expect([answer.status, answer.body]).toMatchObject([202, { id, estado: 'cancelacion_pedida' }]);
    const { jobId } = answer.body as { jobId: string };
    const [job] = await gateway.sql('SELECT kind, payload FROM agents.job WHERE id = $1', [jobId]);
    expect(job).toEqual({ kind: 'cfdi.cancel', payload: { comprobanteId: id } });
    const shown = await gateway.call('GET', `/api/comprobantes/${id}`, { as: 'viewer' });
    expect(shown.body).toMatchObject({
      estado: 'cancelacion_pedida',
      estadoSat: null,
      cancelacion: { estado: 'pedida', motivo, folioSustitucion: null, decidedAt: null, attempts: 0, error: null },
    });
  });

  it('again with the same content is answered with 200 and the same job, also after it is done; it stores nothing', async () => {
    const { id } = await comprobante();
    const first = await cancel(id, { motivo: '02' });
    const before = await gateway.storedRows();
    const again = await cancel(id, { motivo: '02' });
    expect([again.status, again.body]).toEqual([200, first.body]);
    await gateway.sql(`UPDATE cfdi.comprobante SET estado = 'cancelado' WHERE id = $1`, [id]);
    const later = await cancel(id, { motivo: '02' });
    expect([later.status, later.body]).toMatchObject([200, { estado: 'cancelado' }]);
    expect(await gateway.storedRows()).toEqual(before);
  });

  it('twice at once makes one request: one 202, the others 200', async () => {
    const { id } = await comprobante();
    const answers = await Promise.all(Array.from({ length: 5 }, () => cancel(id, { motivo: '03' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 202]);
    const [{ n }] = (await gateway.sql('SELECT count(*)::int AS n FROM cfdi.cancelacion WHERE comprobante = $1', [
      id,
    ])) as [{ n: number }];
    expect(n).toBe(1);
  });

  it('replays the answer under the same Idempotency-Key, and leaves one entry in the audit log', async () => {
    const { id } = await comprobante();
    const headers = { 'idempotency-key': randomUUID() };
    const first = await cancel(id, { motivo: '02' }, headers);
    const again = await cancel(id, { motivo: '02' }, headers);
    expect([again.status, again.body]).toEqual([202, first.body]);
    const entries = await gateway.sql('SELECT action, role FROM gateway.audit WHERE target = $1 AND action LIKE $2', [
      id,
      'comprobante.cancel',
    ]);
    expect(entries).toEqual([{ action: 'comprobante.cancel', role: 'operator' }]);
  });

  it('with another motivo or substitute than before is 409: what was asked is not changed', async () => {
    const { id } = await comprobante();
    await cancel(id, { motivo: '02' });
    const answer = await cancel(id, { motivo: '03' });
    expect([answer.status, problemIn(answer).type]).toEqual([409, 'urn:nexora:problem:cfdi.not-cancellable']);
    expect(problemIn(answer).detail).toMatch(/otro motivo/);
  });

  it.each([
    ['pendiente', /todavía no está timbrado/, /cancele su trabajo/],
    ['enviando', /todavía no está timbrado/, /espere a que esté listo/],
    ['rechazado', /nunca se timbró/, /no tiene efectos fiscales/],
    ['revision', /No se sabe si/, /Reintentar/],
    ['timbrado', /aún no se han guardado/, /Espere a que esté listo/],
    ['almacenado', /aún no se han guardado/, /Espere a que esté listo/],
  ])('of one that is %s is 409 and says what to do instead', async (estado, what, remedy) => {
    const { id } = await comprobante(estado);
    const before = await gateway.storedRows();
    const answer = await cancel(id, { motivo: '02' });
    expect([answer.status, problemIn(answer).type]).toEqual([409, 'urn:nexora:problem:cfdi.not-cancellable']);
    const [fault] = problemIn(answer).errors ?? [];
    expect([fault?.message, fault?.remedy]).toEqual([expect.stringMatching(what), expect.stringMatching(remedy)]);
    expect(await gateway.storedRows()).toEqual(before);
  });

  it('of an unknown one is 404, by a viewer 403, by nobody 401', async () => {
    expect((await cancel(randomUUID(), { motivo: '02' })).status).toBe(404);
    const { id } = await comprobante();
    const path = `/api/comprobantes/${id}/cancel`;
    expect((await gateway.call('POST', path, { as: 'viewer', body: { motivo: '02' } })).status).toBe(403);
    expect((await gateway.call('POST', path, { as: null, body: { motivo: '02' } })).status).toBe(401);
  });

  it.each([
    [{}, 400, 'motivo'],
    [{ motivo: 2 }, 400, 'motivo'],
    [{ motivo: '02', extra: 1 }, 400, 'extra'],
    [{ motivo: '01', folioSustitucion: 'no-uuid' }, 400, 'folioSustitucion'],
    [{ motivo: '05' }, 422, 'motivo'],
    [{ motivo: '' }, 422, 'motivo'],
    [{ motivo: '01' }, 422, 'folioSustitucion'],
    [{ motivo: '02', folioSustitucion: UNKNOWN }, 422, 'folioSustitucion'],
  ])('with %j is %i and names %s in Spanish', async (body, status, path) => {
    const { id } = await comprobante();
    const before = await gateway.storedRows();
    const answer = await cancel(id, body);
    expect(answer.status).toBe(status);
    const [fault] = problemIn(answer).errors ?? [];
    expect(fault).toMatchObject({ path: status === 400 && path === 'extra' ? expect.anything() : path });
    if (status === 422) expect(fault?.remedy).toMatch(/[a-z]{3}/);
    expect(await gateway.storedRows()).toEqual(before);
  });
});

describe('motivo 01', () => {
  const replacing = (uuid: string, tipoRelacion = '04'): Partial<Documento> => ({
    relacionados: [{ tipoRelacion, uuids: [uuid.toUpperCase()] }],
  });

  it('takes the stamped comprobante of the same issuer that says it takes the place', async () => {
    const { id, uuid } = await comprobante();
    const { uuid: folioSustitucion } = await comprobante('listo', replacing(uuid));
    const answer = await cancel(id, { motivo: '01', folioSustitucion: folioSustitucion.toUpperCase() });
    expect(answer.status).toBe(202);
    const { body } = await gateway.call('GET', `/api/comprobantes/${id}`, { as: 'viewer' });
    expect(body).toMatchObject({ cancelacion: { motivo: '01', folioSustitucion } });
  });

  it('refuses the comprobante itself, one that does not say so, and one that is cancelled', async () => {
    const { id, uuid } = await comprobante();
    const refusal = async (folioSustitucion: string): Promise<string> => {
      const answer = await cancel(id, { motivo: '01', folioSustitucion });
      expect([answer.status, problemIn(answer).type]).toEqual([422, 'urn:nexora:problem:cfdi.invalid']);
      return problemIn(answer).detail;
    };
    expect(await refusal(uuid)).toMatch(/es el mismo comprobante/);
    expect(await refusal((await comprobante()).uuid)).toMatch(/no dice que sustituye.*tipoRelacion.*04/s);
    expect(await refusal((await comprobante('listo', replacing(uuid, '01'))).uuid)).toMatch(/no dice que sustituye/);
    expect(await refusal((await comprobante('cancelado', replacing(uuid))).uuid)).toMatch(/cancelado o por cancelarse/);
  });

  it('takes one that this house does not know: the tax authority judges it', async () => {
    const { id } = await comprobante();
    expect((await cancel(id, { motivo: '01', folioSustitucion: UNKNOWN })).status).toBe(202);
  });

  it('refuses one of another issuer', async () => {
    const { id, uuid } = await comprobante();
    const other = await comprobante('listo', replacing(uuid));
    await gateway.sql(`UPDATE cfdi.comprobante SET issuer = 'CACX7605101P8' WHERE id = $1`, [other.id]);
    const answer = await cancel(id, { motivo: '01', folioSustitucion: other.uuid });
    expect([answer.status, problemIn(answer).detail]).toEqual([422, expect.stringMatching(/otro emisor/)]);
  });
});

describe('GET /api/comprobantes/:id/acuse', () => {
  it('is 404 for an unknown one, 409 while there is none, and else the bytes', async () => {
    expect((await gateway.call('GET', `/api/comprobantes/${randomUUID()}/acuse`)).status).toBe(404);
    const { id, uuid } = await comprobante();
    const none = await gateway.call('GET', `/api/comprobantes/${id}/acuse`);
    expect([none.status, problemIn(none).type]).toEqual([409, 'urn:nexora:problem:cfdi.not-ready']);
    await cancel(id, { motivo: '02' });
    const acuse = Buffer.from('<Acuse>ñ</Acuse>');
    await gateway.sql('UPDATE cfdi.cancelacion SET acuse = $2 WHERE comprobante = $1', [id, acuse]);
    const found = await gateway.call('GET', `/api/comprobantes/${id}/acuse`, { as: 'viewer' });
    expect([found.status, found.headers['content-type']]).toEqual([200, 'application/xml']);
    expect(found.bytes.equals(acuse)).toBe(true);
    expect(found.headers['content-disposition']).toContain(`${uuid}.cancelacion.xml`);
    const { body } = await gateway.call('GET', `/api/comprobantes/${id}`);
    expect(body).toMatchObject({ links: { acuse: `/api/comprobantes/${id}/acuse` } });
  });
});

describe('POST /api/comprobantes/:id/status', () => {
  it('has the tax authority asked now; while that goes on, the same job is answered', async () => {
    const { id } = await comprobante();
    const path = `/api/comprobantes/${id}/status`;
    const first = await gateway.call('POST', path, { as: 'operator' });
    expect(first.status).toBe(202);
    const again = await gateway.call('POST', path, { as: 'operator' });
    expect(again.body).toEqual(first.body);
    const { jobId } = first.body as { jobId: string };
    const [job] = await gateway.sql('SELECT kind FROM agents.job WHERE id = $1', [jobId]);
    expect(job).toEqual({ kind: 'cfdi.status' });
  });

  it('is 409 for one that is not stamped and 404 for an unknown one', async () => {
    const { id } = await comprobante('pendiente');
    expect((await gateway.call('POST', `/api/comprobantes/${id}/status`, { as: 'operator' })).status).toBe(409);
    const unknown = `/api/comprobantes/${randomUUID()}/status`;
    expect((await gateway.call('POST', unknown, { as: 'operator' })).status).toBe(404);
  });

  it('its answer is shown with its time', async () => {
    const { id } = await comprobante();
    await gateway.sql(
      `INSERT INTO cfdi.estado_sat (comprobante, estado, codigo_estatus, checked_at) VALUES ($1, 'Vigente', 'S', agents.now())`,
      [id],
    );
    const { body } = await gateway.call('GET', `/api/comprobantes/${id}`);
    expect(body).toMatchObject({ estadoSat: 'Vigente', checkedAt: expect.stringMatching(/^20.*Z$/) });
  });
});
