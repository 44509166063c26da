import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Documento } from '@nexora/comprobante';
import { until } from '@nexora/testing';
import { CfdiHouse } from './cfdi-house.conformance.ts';
import { runCli } from './handlers/cli/run-cli.ts';

let house: CfdiHouse;
/** Stamped and stored after the backup. */
let stored: string;
let storedUuid: string | null;
/** Sealed before the backup, stamped after it. */
let sealed: string;
let sealedUuid: string | null;
/** Handed over before the backup, never stamped. */
let waiting: string;
/** Handed over and stamped after the backup: the restored tables do not know it. */
let forgotten: Documento;
let forgottenUuid: string | null;

beforeAll(async () => {
  house = await CfdiHouse.open();
  await house.sandbox.client.internet('cut');
  await house.start();
  sealed = await house.submit();
  await until(async () => (await house.outcomes(sealed)).includes('unsent'), { within: 20_000, what: 'a try' });
  await house.stopAgents();
  stored = await house.submit();
  waiting = await house.submit();
  await backUp();

  await house.sql('DELETE FROM cfdi.comprobante WHERE id = $1', [waiting]);
  await house.sandbox.client.internet('restore');
  await house.start();
  storedUuid = (await house.becomes(stored, 'listo', 60_000)).uuid;
  const kept = await house.becomes(sealed, 'listo', 60_000);
  sealedUuid = kept.uuid;
  await (await house.storage()).delete(kept.xml_key!); // the backup of the storage is older still
  forgotten = house.document();
  forgottenUuid = (await house.becomes(await house.submit(forgotten), 'listo', 60_000)).uuid;
  await house.stopAgents();
  await restore();
}, 180_000);
afterAll(() => house.close());

/** As pg_dump would, for the tables that matter here. */
async function backUp(): Promise<void> {
  await house.sql('CREATE TABLE backup_comprobante AS SELECT * FROM cfdi.comprobante');
  await house.sql('CREATE TABLE backup_intento AS SELECT * FROM cfdi.intento');
}

/** As pg_restore would: the tables of the backup's hour, whatever happened since. */
async function restore(): Promise<void> {
  await house.admin.transaction(async (tx) => {
    for (const text of [
      `SET LOCAL session_replication_role = 'replica'`,
      'TRUNCATE cfdi.intento, cfdi.comprobante CASCADE',
      'INSERT INTO cfdi.comprobante SELECT * FROM backup_comprobante',
      'INSERT INTO cfdi.intento SELECT * FROM backup_intento',
      `UPDATE cfdi.comprobante SET updated_at = updated_at - interval '2 min'`,
      `DELETE FROM agents.job WHERE kind = 'cfdi.stamp'`,
    ]) {
      await tx.query({ text });
    }
  });
  const [marked] = await house.sql<{ held: number }>('SELECT agents.mark_restored() AS held');
  expect(marked).toEqual({ held: 3 });
}

/** Runs the command line with the environment of this house. */
async function run(...args: string[]): Promise<{ code: number; text: string }> {
  let text = '';
  const take = (part: string): void => void (text += part);
  const before = { ...process.env };
  Object.assign(process.env, house.env());
  try {
    return { code: await runCli(args, { write: take, complain: take }), text };
  } finally {
    process.env = before;
  }
}

describe('after a restore', () => {
  it('seals and sends nothing older before object storage was searched, and says so', async () => {
    const before = (await house.sandbox.client.log()).length;
    const agent = await house.start();
    await house.pickUp();
    await agent.line(/"event":"restore-searched"/);
    expect(agent.output).toMatch(/"event":"restore-searched","found":1,"strays":1,"held":1/);
    expect((await house.sandbox.client.log()).length - before).toBeLessThanOrEqual(1); // the sealed one, asked after
  });

  it('takes a stamp that was found in the storage back, and asks the PAC for nothing', async () => {
    const { uuid } = await house.becomes(stored, 'listo');
    expect(uuid).toBe(storedUuid);
    expect(await house.requests(stored)).toHaveLength(1);
    const events = `SELECT code, message FROM agents.comprobante_history WHERE comprobante = $1 AND what = 'event'`;
    expect(await house.sql(events, [stored])).toEqual([
      { code: 'cfdi.recovered', message: expect.stringContaining(storedUuid!) },
    ]);
  });

  it('sends what was sealed with the same bytes only, as after a try of unknown outcome', async () => {
    const { uuid } = await house.becomes(sealed, 'listo');
    expect(uuid).toBe(sealedUuid);
    expect(await house.stamps(sealed)).toEqual([uuid]);
    expect(new Set((await house.requests(sealed)).map(({ sha256 }) => sha256)).size).toBe(1);
  });

  it('holds back what nobody can tell of, until the owner releases it', async () => {
    const shown = await house.becomes(waiting, 'en_espera');
    expect(shown.motivo_espera).toBe(
      'Se restauró un respaldo: confirme en el portal del PAC que no se timbró, y libérelo',
    );
    const job = await house.retry(waiting);
    const rests = `SELECT FROM agents.job_listing WHERE id = $1 AND state = 'pending' AND run_at > agents.now()`;
    await until(async () => (await house.sql(rests, [job])).length === 1, { within: 20_000, what: 'it to wait again' });
    expect(await house.requests(waiting)).toEqual([]);
    const [restoration] = await house.sql('SELECT found, held, strays, released_at FROM agents.restorations');
    expect(restoration).toEqual({ found: 1, held: 1, strays: 1, released_at: null });
    expect(await house.sql('SELECT agents.release_restored($1) AS n', [waiting])).toEqual([{ n: 1 }]);
    const { uuid } = await house.becomes(waiting, 'listo');
    expect(await house.stamps(waiting)).toEqual([uuid]);
  });

  it('uses no folio twice that a stamp in the storage has, though the tables have forgotten it', async () => {
    const id = await house.submit(forgotten);
    const shown = await house.becomes(id, 'en_espera');
    expect(shown.motivo_espera).toContain(`Ya hay un timbre con este folio o externalId`);
    expect(shown.motivo_espera).toContain(forgottenUuid);
    expect(await house.requests(id)).toEqual([]);
  });

  it('goes on as ever with what is handed over afterwards', async () => {
    await house.becomes(await house.submit(), 'listo');
  });

  it('lets go of everything when the owner answers for all of it', async () => {
    await house.stopAgents();
    const id = await house.submit();
    expect(await run('restored')).toMatchObject({ code: 0, text: expect.stringMatching(/: 2\.\n$/) });
    await house.start();
    await house.becomes(id, 'en_espera');
    expect(await house.requests(id)).toEqual([]);
    expect(await run('release', '--todos')).toMatchObject({ code: 0 });
    // Its job may have been about to wait at that very moment: the next pick-up finds it.
    const isReady = async (): Promise<boolean> => {
      await house.pickUp();
      return (await house.status(id)).estado === 'listo';
    };
    await until(isReady, { within: 30_000, what: `${id} to go on` });
  });

  it('is told by the command line, which says what is wrong with a call', async () => {
    expect(await run('release', randomUUID())).toMatchObject({ code: 1, text: expect.stringMatching(/No existe/) });
    const later = new Date(Date.now() + 3_600_000).toISOString();
    expect(await run('restored', '--at', later)).toMatchObject({ code: 1, text: expect.stringMatching(/futuro/) });
    expect((await run('restored', '--at', 'ayer')).code).toBe(2);
    expect((await run('release')).code).toBe(2);
    expect((await run('release', 'x')).code).toBe(2);
  });
});
