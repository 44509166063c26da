import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ejemploDeIngreso } from '@nexora/comprobante';
import { cfdiKinds } from '@nexora/contracts';
import { Database, sqlState } from '@nexora/database';
import { Ledger } from '@nexora/outbox';
import { freshDatabase, type MigratedDatabase } from '@nexora/testing';

let house: MigratedDatabase;
let admin: Database;
let count = 0;

beforeAll(async () => {
  house = await freshDatabase();
  const cfdi = await Database.open({ url: house.urlFor('cfdi') });
  await new Ledger(cfdi).declare({
    agent: 'cfdi',
    version: '1',
    kinds: Object.values(cfdiKinds).map((kind) => ({ kind })),
  });
  await cfdi.close();
  admin = await Database.open({ url: house.url });
});
afterAll(async () => {
  await admin.close();
  await house.drop();
});

const run = (text: string, values: unknown[]): Promise<unknown> => admin.query({ text, values });

async function submit(): Promise<string> {
  count += 1;
  const document = ejemploDeIngreso({ externalId: `wall-${count}`, folio: String(count) });
  const text = 'SELECT agents.submit_comprobante($1) AS id';
  const [row] = await admin.query<{ id: string }>({ text, values: [JSON.stringify(document)] });
  return row!.id;
}

/** SQLSTATE of a refusal; `undefined` when there was none. */
async function refusal(work: Promise<unknown>): Promise<string | undefined> {
  return work.then(
    () => undefined,
    (error: unknown) => sqlState(error),
  );
}

/** Puts a seal on a row, as the agent would. */
async function seal(id: string): Promise<void> {
  const text = `UPDATE cfdi.comprobante SET sealed = 'x', sha256 = 'aa', sello = 's', fecha = 'f', pac = 'sandbox',
    no_certificado = '1', sealed_at = agents.now() WHERE id = $1`;
  await run(text, [id]);
}

describe('the walls in the tables', () => {
  const attempt = (id: string, sha256: string, pac = 'sandbox'): Promise<unknown> =>
    run(
      `INSERT INTO cfdi.intento (comprobante, number, revision, pac, sha256, started_at)
       SELECT $1, 1 + count(*), 1, $3, $2, agents.now() FROM cfdi.intento WHERE comprobante = $1`,
      [id, sha256, pac],
    );
  const set = (id: string, what: string): Promise<unknown> =>
    run(`UPDATE cfdi.comprobante SET ${what} WHERE id = $1`, [id]);

  it('let no attempt leave with other bytes than the sealed ones, or for another PAC', async () => {
    const id = await submit();
    expect(await refusal(attempt(id, 'aa'))).toBe('NX030');
    await seal(id);
    expect(await refusal(attempt(id, 'bb'))).toBe('NX030');
    expect(await refusal(attempt(id, 'aa', 'sw'))).toBe('NX030');
    await attempt(id, 'aa');
  });

  it.each(['NULL', `'unknown'`])('let no seal or PAC change while an attempt has the outcome %s', async (outcome) => {
    const id = await submit();
    await seal(id);
    await attempt(id, 'aa');
    await run(`UPDATE cfdi.intento SET outcome = ${outcome} WHERE comprobante = $1`, [id]);
    expect(await refusal(set(id, `sha256 = 'bb'`))).toBe('NX030');
    expect(await refusal(set(id, `sha256 = NULL, sealed_at = NULL`))).toBe('NX030');
    expect(await refusal(set(id, `pac = 'finkok'`))).toBe('NX030');
    await run(`UPDATE cfdi.intento SET outcome = 'refused' WHERE comprobante = $1`, [id]);
    await set(id, `sha256 = 'bb'`);
  });

  it('let no stamped comprobante change its UUID or its seal, and no UUID serve two', async () => {
    const [id, other] = [await submit(), await submit()];
    await seal(id);
    await seal(other);
    await set(id, `uuid = '5fb2822e-396d-4725-8521-cdc4bdd20ccf', estado = 'timbrado'`);
    expect(await refusal(set(id, 'uuid = gen_random_uuid()'))).toBe('NX030');
    expect(await refusal(set(id, `sha256 = 'bb'`))).toBe('NX030');
    expect(await refusal(attempt(id, 'aa'))).toBe('NX030');
    expect(await refusal(set(other, `uuid = '5fb2822e-396d-4725-8521-cdc4bdd20ccf'`))).toBe('23505');
  });
});
