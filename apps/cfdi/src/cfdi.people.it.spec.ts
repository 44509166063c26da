import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { sqlState } from '@nexora/database';
import { until, type NodeProcess } from '@nexora/testing';
import { CfdiHouse } from './cfdi-house.conformance.ts';

const RFC = 'EKU9003173C9';

let house: CfdiHouse;
let agent: NodeProcess;

beforeAll(async () => {
  house = await CfdiHouse.open();
  agent = await house.start();
}, 120_000);
afterEach(async () => {
  await house.sandbox.client.pac('none');
  await house.sandbox.client.clock(0);
  await house.sql('SELECT agents.set_clock(NULL)');
});
afterAll(() => house.close());

/** SQLSTATE with which a statement is refused; `undefined` when it is not. */
async function refusal(text: string, values: unknown[] = []): Promise<string | undefined> {
  try {
    await house.sql(text, values);
    return undefined;
  } catch (error) {
    return sqlState(error);
  }
}
const hold = (kind: string) => house.sql('SELECT agents.hold($1, $2)', ['test', kind]);
const unhold = (kind: string) => house.sql('SELECT agents.unhold($1)', [kind]);
const stored = async (id: string) =>
  (await house.sql('SELECT estado, sha256, uuid FROM cfdi.comprobante WHERE id = $1', [id]))[0]!;

describe("a person's retry", () => {
  it('answers the job under way for one that waits, and changes nothing', async () => {
    await house.sandbox.client.pac('500', 1);
    const id = await house.submit();
    await house.becomesDoubtful(id);
    const before = await house.status(id);
    expect(before.estado).toBe('enviando');
    await hold('cfdi.stamp');
    expect(await house.retry(id)).toBe(before.job_id);
    expect(await house.status(id)).toMatchObject({ estado: 'enviando', job_id: before.job_id });
    await unhold('cfdi.stamp');
    await house.becomes(id, 'listo');
  });

  it('is refused for one that is ready', async () => {
    const id = await house.submit();
    await house.becomes(id, 'listo');
    expect(await refusal('SELECT agents.retry_comprobante($1)', [id])).toBe('NX409');
  });

  it('of one in review asks the PAC with the same bytes only: a UUID that another comprobante has is not taken', async () => {
    await hold('cfdi.stamp');
    const other = await house.submit();
    await unhold('cfdi.stamp');
    await house.becomes(other, 'listo');
    await house.sandbox.client.pac('drop-after', 1);
    const id = await house.submit();
    await house.becomesDoubtful(id);
    const [uuid] = await house.stamps(id);
    const theirs = (await stored(other))['uuid'];
    await setUuid(other, uuid!);
    await house.retry(id);
    const { error } = await house.becomes(id, 'revision');
    expect(error).toMatchObject({ code: 'cfdi.foreign-stamp' });
    const { sha256 } = await stored(id);
    await setUuid(other, String(theirs));
    await house.retry(id);
    expect((await house.becomes(id, 'listo')).uuid).toBe(uuid);
    expect((await stored(id))['sha256']).toBe(sha256);
    expect(new Set((await house.requests(id)).map((one) => one.sha256))).toEqual(new Set([sha256]));
    expect(await house.stamps(id)).toEqual([uuid]);
  });

  /** Past the wall that keeps a stamped comprobante's UUID. */
  const setUuid = (id: string, uuid: string) =>
    house.admin.transaction(async (tx) => {
      await tx.query({ text: `SET LOCAL session_replication_role = 'replica'` });
      await tx.query({ text: 'UPDATE cfdi.comprobante SET uuid = $2 WHERE id = $1', values: [id, uuid] });
    });
});

describe('an issuer that a person stops', () => {
  it('waits with the reason, whatever is retried, until a person lets it go on', async () => {
    expect(await house.sql('SELECT agents.pause_issuer($1, $2) AS new', [RFC, ' Cambio de domicilio '])).toEqual([
      { new: true },
    ]);
    const id = await house.submit();
    expect(await house.becomes(id, 'en_espera')).toMatchObject({
      motivo_espera: 'Emisor en pausa: Cambio de domicilio',
      attempts: 0,
    });
    await house.retry(id);
    expect(await house.sql('SELECT kind, scope, until FROM agents.holds')).toEqual([
      { kind: 'cfdi.stamp', scope: RFC, until: null },
    ]);
    expect(await house.requests(id)).toEqual([]);
    expect(await house.sql('SELECT agents.resume_issuer($1) AS was', [RFC])).toEqual([{ was: true }]);
    await house.becomes(id, 'listo');
    expect(await house.sql('SELECT agents.resume_issuer($1) AS was', [RFC])).toEqual([{ was: false }]);
  });

  it('stays stopped when a comprobante that was on its way is stamped', async () => {
    await house.sandbox.client.pac('delay:1500', 1);
    const id = await house.submit();
    await until(async () => (await house.requests(id)).length > 0, { within: 20_000, what: 'the request' });
    await house.sql('SELECT agents.pause_issuer($1, $2)', [RFC, 'Inventario']);
    await house.becomes(id, 'listo');
    expect(await house.sql('SELECT paused_code, paused_reason FROM cfdi.issuer')).toEqual([
      { paused_code: 'person', paused_reason: 'Inventario' },
    ]);
    await house.sql('SELECT agents.resume_issuer($1)', [RFC]);
  });

  it('is named, and for a reason', async () => {
    expect(await refusal('SELECT agents.pause_issuer($1, $2)', ['XAXX010101000', 'x'])).toBe('NX404');
    expect(await refusal('SELECT agents.resume_issuer($1)', ['XAXX010101000'])).toBe('NX404');
    expect(await refusal('SELECT agents.pause_issuer($1, $2)', [RFC, '  '])).toBe('NX422');
  });
});

describe('the last try before 72 hours are over', () => {
  it('is made at Fecha + 70 h, whatever the backoff says', async () => {
    await house.sandbox.client.pac('500', 2);
    const id = await house.submit();
    await house.becomesDoubtful(id);
    const { job_id: job } = await house.status(id);
    await house.sql('UPDATE agents.job SET attempts = 20 WHERE id = $1', [job]);
    await house.sandbox.client.clock(66 * 3_600);
    await house.sql(`SELECT agents.set_clock('66 h')`);
    await house.retry(id);
    await until(async () => (await house.outcomes(id)).join() === 'unknown,unknown', {
      within: 20_000,
      what: 'another try',
    });
    const text = `SELECT date_part('epoch', j.run_at - c.sealed_at) / 3600 AS hours FROM agents.job_listing j
                    JOIN cfdi.comprobante c ON c.job = j.id WHERE j.id = $1 AND j.state = 'pending'`;
    await until(async () => (await house.sql(text, [job])).length === 1, { within: 5_000, what: 'the job to wait' });
    const [row] = await house.sql<{ hours: number }>(text, [job]);
    expect(row?.hours).toBeCloseTo(70, 2);
    await house.retry(id);
    await house.becomes(id, 'listo');
  });
});

describe('the states of a comprobante', () => {
  it('are shown one after another: pendiente, timbrado, almacenado, listo', async () => {
    for (const kind of ['cfdi.stamp', 'cfdi.store', 'cfdi.render']) await hold(kind);
    const id = await house.submit();
    await house.becomes(id, 'pendiente');
    await unhold('cfdi.stamp');
    expect(await house.becomes(id, 'timbrado')).toMatchObject({ xml: expect.any(Buffer), xml_key: null });
    await unhold('cfdi.store');
    expect(await house.becomes(id, 'almacenado')).toMatchObject({ xml: null, pdf_key: null });
    await unhold('cfdi.render');
    await house.becomes(id, 'listo');
  });

  it('are sellado and enviando while the PAC has not said what it did', async () => {
    await house.sandbox.client.pac('delay:1500', 1);
    const sent = await house.submit();
    await house.becomes(sent, 'enviando');
    await house.becomes(sent, 'listo');
    await house.sandbox.client.pac('no-stamps', 1);
    const refused = await house.submit();
    await house.becomes(refused, 'en_espera');
    expect(await stored(refused)).toMatchObject({ estado: 'sellado', sha256: expect.any(String) });
    await house.retry(refused);
    await house.becomes(refused, 'listo');
  });
});

describe('the history of a comprobante', () => {
  it('tells every attempt, every seal that was given up, and what else happened', async () => {
    await house.sandbox.client.pac('code:CFDI40147', 1);
    const id = await house.submit();
    await house.becomes(id, 'rechazado');
    await house.retry(id);
    await house.becomes(id, 'listo');
    const text = `SELECT what, number, pac, outcome, code, message, duration_ms, sha256 FROM agents.comprobante_history
                   WHERE comprobante = $1 ORDER BY at, what`;
    const [refused, ...rest] = await house.sql<Record<string, unknown>>(text, [id]);
    expect(refused).toMatchObject({
      what: 'attempt',
      number: 1,
      pac: 'sandbox',
      outcome: 'refused',
      code: 'CFDI40147',
    });
    expect(refused?.['duration_ms']).toBeGreaterThan(0);
    expect(refused?.['sha256']).toMatch(/^[0-9a-f]{64}$/);
    expect(rest.map(({ what, code, message, outcome }) => [what, outcome ?? code ?? message])).toEqual(
      expect.arrayContaining([
        ['seal-given-up', 'retry asked by a person'],
        ['event', 'cfdi.resealed'],
        ['attempt', 'stamped'],
      ]),
    );
    expect(agent.output).toContain('comprobante-resealed');
  });
});
