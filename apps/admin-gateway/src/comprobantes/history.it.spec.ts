import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ejemploDeIngreso } from '@nexora/comprobante';
import { gatewayUnderTest, type GatewayUnderTest } from '../testing/gateway.conformance.ts';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await gatewayUnderTest({});
});
afterAll(() => gateway.stop());

describe('GET /api/comprobantes/:id/history', () => {
  it('tells attempts, seals that were given up and events, oldest first; warnings stand with the comprobante', async () => {
    const body = ejemploDeIngreso({ externalId: 'historia-1', folio: 'H1' });
    const { id } = (await gateway.call('POST', '/api/comprobantes', { as: 'operator', body })).body as { id: string };
    const sha256 = 'a'.repeat(64);
    await gateway.sql(
      `UPDATE cfdi.comprobante SET sealed = 'x', sha256 = $2, sello = 's', fecha = '2026-10-31T10:00:00', pac = 'sandbox',
              no_certificado = '1', sealed_at = agents.now() WHERE id = $1`,
      [id, sha256],
    );
    await gateway.sql(
      `INSERT INTO cfdi.intento (comprobante, number, revision, pac, sha256, started_at, ended_at, outcome, code, message)
       VALUES ($1, 1, 1, 'sandbox', $2, agents.now() - interval '1 h', agents.now() - interval '59 min', 'refused', '401', 'm')`,
      [id, sha256],
    );
    await gateway.sql('SELECT cfdi.unseal($1, $2)', [id, 'older than 72 hours']);
    await gateway.sql(
      `INSERT INTO cfdi.suceso (comprobante, at, code, is_warning, message)
       VALUES ($1, agents.now() + interval '1 s', 'cfdi.resealed', true, 'Cambió el mes')`,
      [id],
    );
    await gateway.sql(
      `INSERT INTO cfdi.cancelacion (comprobante, number, motivo, asked_at) VALUES ($1, 1, '02', agents.now())`,
      [id],
    );
    await gateway.sql(
      `INSERT INTO cfdi.intento_de_cancelacion (comprobante, number, attempt, pac, sha256, started_at, outcome, code)
       VALUES ($1, 1, 1, 'sandbox', $2, agents.now() + interval '2 s', 'asked', '201')`,
      [id, sha256],
    );
    const history = await gateway.call('GET', `/api/comprobantes/${id}/history`, { as: 'viewer' });
    expect(history.status).toBe(200);
    expect(history.body).toMatchObject({
      items: [
        { what: 'attempt', number: 1, pac: 'sandbox', sha256, outcome: 'refused', code: '401', durationMs: 60_000 },
        { what: 'seal-given-up', sha256, message: 'older than 72 hours', fecha: '2026-10-31T10:00:00' },
        { what: 'event', code: 'cfdi.resealed', message: 'Cambió el mes', isWarning: true },
        { what: 'cancellation-attempt', number: 1, sha256, outcome: 'asked', code: '201', motivo: '02' },
      ],
    });
    const shown = await gateway.call('GET', `/api/comprobantes/${id}`, { as: 'viewer' });
    expect(shown.body).toMatchObject({ avisos: [{ code: 'cfdi.resealed', message: 'Cambió el mes' }] });
  });

  it('is 404 for a comprobante that does not exist', async () => {
    const answer = await gateway.call('GET', `/api/comprobantes/${randomUUID()}/history`, { as: 'viewer' });
    expect(answer.status).toBe(404);
  });
});
