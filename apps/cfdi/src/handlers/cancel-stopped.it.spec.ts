import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { CfdiHouse } from '../cfdi-house.conformance.ts';
import { Cancelling } from './cancelling.conformance.ts';

let house: CfdiHouse;
let cancelling: Cancelling;

beforeAll(async () => {
  house = await CfdiHouse.open();
  cancelling = new Cancelling(house);
  await house.start();
}, 120_000);
afterEach(async () => {
  await house.sql(`SELECT agents.unhold('cfdi.cancel')`);
  await cancelling.settle();
});
afterAll(() => house.close());

const STOPPED = 'cfdi.cancellation-stopped';

/** Runs the schedule that follows cancellations, on rows that are old enough for it, and waits until it is done. */
async function follow(id: string): Promise<void> {
  await house.sql(`UPDATE cfdi.comprobante SET updated_at = updated_at - interval '5 min' WHERE id = $1`, [id]);
  const [run] = await house.sql<{ id: string }>(`SELECT agents.run_schedule('cfdi.follow-cancellations') AS id`);
  await cancelling.done(run!.id);
}

/** A request whose answer is lost by the word given, and whose job is cancelled then, as often as it takes. */
async function stoppedInDoubt(word: string): Promise<{ readonly id: string; readonly uuid: string }> {
  const one = await cancelling.listo();
  await house.sandbox.client.pac(word, 1);
  const job = await cancelling.ask(one.id);
  await cancelling.rests(one.id, job);
  await house.sql('SELECT agents.cancel($1)', [job]);
  return one;
}

describe('a request to cancel that a person takes back', () => {
  it('before it left is never sent: the comprobante is listo again and says so, and may be asked for anew', async () => {
    const { id, uuid } = await cancelling.listo();
    await house.sandbox.client.internet('cut');
    await cancelling.ask(id);
    await cancelling.shows(id, 'why it waits', ({ error }) => error !== null);
    await house.cancel(id);
    await house.sandbox.client.internet('restore');
    await follow(id);
    expect(await house.becomes(id, 'listo')).toMatchObject({ error: { code: STOPPED, field: null } });
    expect(await cancelling.shown(id)).toMatchObject({ cancelacion: 'rechazada', number: 1 });
    await follow(id);
    expect(await cancelling.requests(uuid)).toEqual([]);
    const told = 'SELECT code, is_warning FROM cfdi.suceso WHERE comprobante = $1 ORDER BY at';
    expect(await house.sql(told, [id])).toEqual([{ code: STOPPED, is_warning: true }]);
    await cancelling.ask(id, '03');
    expect(await house.becomes(id, 'cancelado')).toMatchObject({ error: null });
    expect((await cancelling.requests(uuid)).map(({ motivo }) => motivo)).toEqual(['03']);
  });

  it('after it may have arrived goes out no more, and is followed when the tax authority has it', async () => {
    await house.sandbox.client.pac('receiver:silence');
    const { id, uuid } = await stoppedInDoubt('drop-after');
    await follow(id);
    expect((await cancelling.taken(id)).error).toBeNull();
    expect((await house.status(id)).estado).toBe('cancelacion_pedida');
    await house.sandbox.client.pac('receiver:accept');
    await cancelling.check(id, 'Cancelado con aceptación');
    await house.becomes(id, 'cancelado');
    expect(await cancelling.codes(uuid)).toEqual(['201']);
  });

  it('after it may have arrived is asked about, and given up when nothing of it shows after 72 hours', async () => {
    const { id, uuid } = await stoppedInDoubt('drop-before');
    await follow(id);
    await cancelling.shows(id, 'Vigente', ({ estado_sat: shown }) => shown === 'Vigente');
    await cancelling.quiet(id);
    await follow(id);
    expect(await house.status(id)).toMatchObject({ estado: 'cancelacion_pedida' });
    expect((await cancelling.shown(id)).error).toMatchObject({ code: STOPPED });
    await house.sql(
      `UPDATE cfdi.intento_de_cancelacion SET started_at = started_at - interval '73 h' WHERE comprobante = $1`,
      [id],
    );
    await house.sql('SELECT agents.check_comprobante($1)', [id]);
    expect((await house.becomes(id, 'listo')).error?.message).toMatch(/72 horas/);
    expect((await cancelling.codes(uuid)).filter((code) => code !== null)).toEqual([]);
  });
});

it('a request whose job died with its process says so, and goes out only when it is asked for again', async () => {
  await house.sql(`SELECT agents.hold('test', 'cfdi.cancel')`);
  const { id, uuid } = await cancelling.listo();
  const job = await cancelling.ask(id);
  await house.sql(
    `UPDATE agents.job SET state = 'dead', losses = 5, ended_at = agents.now(),
            last_error = '{"code": "agents.worker-lost"}' WHERE id = $1`,
    [job],
  );
  await follow(id);
  expect((await house.becomes(id, 'listo')).error?.message).toMatch(/El programa falló/);
  await house.sql(`SELECT agents.unhold('cfdi.cancel')`);
  expect(await cancelling.requests(uuid)).toEqual([]);
  await cancelling.ask(id);
  await house.becomes(id, 'cancelado');
});
