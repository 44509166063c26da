import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { until, type NodeProcess } from '@nexora/testing';
import { CfdiHouse, type Shown } from './cfdi-house.conformance.ts';

let house: CfdiHouse;
let agent: NodeProcess;

beforeAll(async () => {
  house = await CfdiHouse.open();
  agent = await house.start();
}, 120_000);
afterEach(async () => {
  for (const kind of ['cfdi.stamp', 'cfdi.store', 'cfdi.render']) await house.sql('SELECT agents.unhold($1)', [kind]);
  await house.sandbox.client.pac('none');
});
afterAll(() => house.close());

const hold = (kind: string) => house.sql('SELECT agents.hold($1, $2)', ['test', kind]);
const unhold = (kind: string) => house.sql('SELECT agents.unhold($1)', [kind]);

/** The job dies as one does whose process was lost too often. */
async function loseFor(id: string): Promise<void> {
  await house.sql(
    `UPDATE agents.job SET state = 'dead', losses = 5, ended_at = agents.now(),
            last_error = '{"code": "agents.worker-lost"}'
      WHERE id = (SELECT job FROM cfdi.comprobante WHERE id = $1)`,
    [id],
  );
}

/** Runs the pick-up and waits until the row says why it rests. */
async function told(id: string): Promise<Shown> {
  await house.pickUp();
  let shown = await house.status(id);
  const says = async () => (shown = await house.status(id)).error !== null;
  await until(says, { within: 20_000, what: `${id} to say why it rests` });
  return shown;
}

describe('a comprobante whose job died with its process', () => {
  it('is refused and says so when nothing had left; a retry stamps it', async () => {
    await hold('cfdi.stamp');
    const id = await house.submit();
    await loseFor(id);
    const { estado, error } = await told(id);
    expect({ estado, code: error?.code }).toEqual({ estado: 'rechazado', code: 'agents.worker-lost' });
    expect(error?.message).toContain('El programa falló');
    await agent.line(new RegExp(`"event":"comprobante-rejected".*${id}.*"software":true`));
    expect(await house.requests(id)).toEqual([]);
    await house.retry(id);
    expect(await house.status(id)).toMatchObject({ estado: 'pendiente', error: null });
    await unhold('cfdi.stamp');
    await house.becomes(id, 'listo');
  });

  it('is in review when a request had left; asked again, it is stamped once', async () => {
    await house.sandbox.client.pac('drop-after');
    const id = await house.submit();
    await house.becomesDoubtful(id);
    await hold('cfdi.stamp');
    await loseFor(id);
    await house.sandbox.client.pac('none');
    await house.pickUp();
    const { error } = await house.becomes(id, 'revision');
    expect(error?.code).toBe('agents.worker-lost');
    await unhold('cfdi.stamp');
    await house.retry(id);
    const { uuid } = await house.becomes(id, 'listo');
    expect(new Set(await house.stamps(id))).toEqual(new Set([uuid]));
  });

  it.each([
    ['cfdi.store', 'timbrado'],
    ['cfdi.render', 'almacenado'],
  ])('says so when it was %s, keeps its stamp, and goes on with a retry', async (kind, estado) => {
    await hold(kind);
    const id = await house.submit();
    const { uuid } = await house.becomes(id, estado);
    await loseFor(id);
    const shown = await told(id);
    expect(shown).toMatchObject({ estado, uuid, error: { code: 'agents.worker-lost', field: null } });
    await agent.line(new RegExp(`"event":"comprobante-not-kept".*${id}`));
    await house.retry(id);
    expect(await house.status(id)).toMatchObject({ estado, error: null });
    await unhold(kind);
    expect(await house.becomes(id, 'listo')).toMatchObject({ uuid, error: null });
  });
});

describe('a comprobante whose job a person cancelled', () => {
  /** Cancelled before anything left, and long enough ago for a pick-up to have given it another job. */
  async function cancelled(): Promise<string> {
    await hold('cfdi.stamp');
    const id = await house.submit();
    await house.cancel(id);
    await house.sql(`UPDATE cfdi.comprobante SET updated_at = updated_at - interval '5 min' WHERE id = $1`, [id]);
    return id;
  }

  it('says so, stays out of the pick-up, and is stamped after a retry', async () => {
    const id = await cancelled();
    const { job_id: job } = await house.status(id);
    const { estado, error } = await told(id);
    expect({ estado, code: error?.code }).toEqual({ estado: 'rechazado', code: 'cfdi.stopped' });
    await house.sql(`UPDATE cfdi.comprobante SET updated_at = updated_at - interval '5 min' WHERE id = $1`, [id]);
    const other = await house.submit();
    await house.sql(
      `UPDATE cfdi.comprobante SET job = NULL, updated_at = updated_at - interval '5 min' WHERE id = $1`,
      [other],
    );
    await house.pickUp();
    await until(async () => (await house.status(other)).job_id !== null, { within: 20_000, what: 'the pick-up' });
    expect(await house.status(id)).toMatchObject({ estado: 'rechazado', job_id: job });
    const history = `SELECT code, is_warning FROM agents.comprobante_history WHERE comprobante = $1 AND what = 'event'`;
    expect(await house.sql(history, [id])).toEqual([{ code: 'cfdi.stopped', is_warning: true }]);
    await house.retry(id);
    await unhold('cfdi.stamp');
    expect(await house.becomes(id, 'listo')).toMatchObject({ error: null });
  });

  it('is stamped as it was mended', async () => {
    const document = house.document();
    await hold('cfdi.stamp');
    const id = await house.submit(document);
    await house.cancel(id);
    await told(id);
    const mended = JSON.stringify({ ...document, condicionesDePago: 'Crédito' });
    await house.sql('SELECT agents.mend_comprobante($1, $2)', [id, mended]);
    await unhold('cfdi.stamp');
    const { xml_key: key } = await house.becomes(id, 'listo');
    expect((await house.object(key!)).toString()).toContain('CondicionesDePago="Crédito"');
  });
});
