import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { calculaImportes, horaLocal } from '@nexora/comprobante';
import { until } from '@nexora/testing';
import { CfdiHouse } from './cfdi-house.conformance.ts';
import { sella } from './comprobante/sellado.ts';

const WEEK_HOURS = 7 * 24;
const RFC = 'EKU9003173C9';
const DOUBTS = 3;
const SEALED = 90;
const PENDING = 500 - SEALED - 2 * DOUBTS;

let house: CfdiHouse;

beforeAll(async () => {
  house = await CfdiHouse.open();
}, 120_000);
afterAll(() => house.close());

/** Moves the clock of the whole house, the PAC's too. */
async function moveHouse(hours: number): Promise<void> {
  await house.sandbox.client.clock(hours * 3_600);
  await house.sql(`SELECT agents.set_clock($1)`, [`${hours} h`]);
}

/** Comprobantes whose only request met that misbehaviour: nobody knows here whether they were stamped. */
async function inDoubt(misbehaviour: string): Promise<string[]> {
  await house.sandbox.client.pac(misbehaviour, DOUBTS);
  const ids = await Promise.all(Array.from({ length: DOUBTS }, () => house.submit()));
  for (const id of ids) await house.becomesDoubtful(id);
  await house.becomes(await house.submit(), 'listo'); // the host is well again: its circuit stays closed
  return ids;
}

async function submitMany(n: number): Promise<string[]> {
  const documents = Array.from({ length: n }, () => JSON.stringify(house.document()));
  const text = 'SELECT agents.submit_comprobante(d) AS id FROM unnest($1::jsonb[]) AS d';
  return (await house.sql<{ id: string }>(text, [documents])).map(({ id }) => id);
}

/** Seals as the agent does, and leaves the rows as a try without a line does: sealed, one attempt of which no byte left. */
async function sealedAndUnsent(n: number): Promise<string[]> {
  const documents = Array.from({ length: n }, () => house.document());
  const text = 'SELECT agents.submit_comprobante(d) AS id FROM unnest($1::jsonb[]) AS d';
  const rows = await house.sql<{ id: string }>(text, [documents.map((one) => JSON.stringify(one))]);
  const issuer = (await house.issuers.find(RFC))!;
  const csd = (await house.issuers.csdFor(RFC, new Date()))!;
  const fecha = horaLocal(new Date(), 'America/Mexico_City');
  for (const [index, { id }] of rows.entries()) {
    const documento = documents[index]!;
    const importes = calculaImportes(documento);
    const seal = sella({ documento, importes, emisor: issuer, fecha, certificado: csd.certificado }, csd.key);
    await house.sql(
      `UPDATE cfdi.comprobante SET estado = 'sellado', sealed = $2, sha256 = $3, sello = $4, fecha = $5,
              no_certificado = $6, pac = 'sandbox', sealed_at = agents.now() WHERE id = $1`,
      [id, seal.bytes, seal.sha256, seal.sello, seal.fecha, seal.noCertificado],
    );
    await house.sql(
      `INSERT INTO cfdi.intento (comprobante, number, revision, pac, sha256, started_at, ended_at, outcome, code)
       VALUES ($1, 1, 1, 'sandbox', $2, agents.now(), agents.now(), 'unsent', 'ECONNREFUSED')`,
      [id, seal.sha256],
    );
  }
  return rows.map(({ id }) => id);
}

async function archived(ids: readonly string[]): Promise<{ reason: string; sealed: Buffer; sha256: string }[]> {
  return house.sql('SELECT reason, sealed, sha256 FROM cfdi.sello_archivado WHERE comprobante = ANY ($1)', [ids]);
}

describe('a week without a line', () => {
  let stamped: string[];
  let lost: string[];
  let sealed: string[];
  let pending: string[];
  let shas: ReadonlyMap<string, string>;

  it('ends with one UUID for each of 500: sealed anew where that may be, and none guessed', async () => {
    const agent = await house.start();
    stamped = await inDoubt('drop-after');
    lost = await inDoubt('drop-before');
    await agent.stop();
    await house.sandbox.client.internet('cut');
    sealed = await sealedAndUnsent(SEALED);
    pending = await submitMany(PENDING);
    const rows = await house.sql<{ id: string; sha256: string }>('SELECT id, sha256 FROM cfdi.comprobante');
    shas = new Map(rows.map(({ id, sha256 }) => [id, sha256]));

    await moveHouse(WEEK_HOURS);
    await house.sandbox.client.internet('restore');
    await house.start({ CFDI_CONCURRENCY: '8' });
    const all = [...stamped, ...lost, ...sealed, ...pending];
    const open = `SELECT FROM agents.comprobante_status WHERE estado NOT IN ('listo', 'revision') AND id = ANY ($1)`;
    await until(async () => (await house.sql(open, [all])).length === 0, {
      within: 120_000,
      what: 'the backlog to drain',
    });

    const log = (await house.sandbox.client.log()).filter(({ customid, uuid }) => uuid && all.includes(customid!));
    const shown = await house.sql<{ id: string; uuid: string | null; estado: string }>(
      'SELECT id, uuid, estado FROM agents.comprobante_status WHERE id = ANY ($1)',
      [all],
    );
    const inReview = shown.filter(({ estado }) => estado === 'revision').map(({ id }) => id);
    expect(inReview.sort()).toEqual([...lost].sort());
    expect(log).toHaveLength(500 - DOUBTS);
    expect(new Set(log.map(({ customid }) => customid)).size).toBe(500 - DOUBTS);
    const uuids = new Map(log.map(({ customid, uuid }) => [customid, uuid]));
    for (const { id, uuid } of shown) expect(uuid).toBe(uuids.get(id) ?? null);
  }, 240_000);

  it('never sends other bytes where the outcome was unknown: the stamp comes back, or a person is called', async () => {
    for (const id of [...stamped, ...lost]) {
      expect(new Set((await house.requests(id)).map(({ sha256 }) => sha256))).toEqual(new Set([shas.get(id)]));
    }
    expect(await archived([...stamped, ...lost])).toEqual([]);
    const { error } = await house.status(lost[0]!);
    expect(error).toMatchObject({ code: 'cfdi.unknown-outcome' });
    expect(error?.message).toMatch(
      /^No se sabe si un intento anterior se timbró, y el PAC ya no acepta esos datos \(401\)/,
    );
    expect(error?.remedy).toMatch(/portal de su PAC/);
    expect(await house.outcomes(lost[0]!)).toEqual(['unknown', 'refused']);
  });

  it('archives the old bytes of what was never sent, never sends them, and tells the owner', async () => {
    const old = await archived(sealed);
    expect(old).toHaveLength(SEALED);
    for (const { reason, sealed: bytes, sha256 } of old) {
      expect(reason).toBe('older than 72 hours');
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
    }
    const [id] = sealed as [string];
    const requests = await house.requests(id);
    expect(requests.map(({ sha256 }) => sha256)).not.toContain(shas.get(id));
    expect(requests).toHaveLength(1);
    const [row] = await house.sql<{ fecha: string; serie: string; folio: string }>(
      'SELECT fecha, serie, folio FROM cfdi.comprobante WHERE id = $1',
      [id],
    );
    const later = new Date(Date.now() + WEEK_HOURS * 3_600_000);
    expect(row?.fecha.slice(0, 10)).toBe(horaLocal(later, 'America/Mexico_City').slice(0, 10));
    const text = `SELECT what, code, is_warning, message, detail FROM agents.comprobante_history
                   WHERE comprobante = $1 AND what <> 'attempt' ORDER BY at, what DESC`;
    const [given, sealedAnew] = await house.sql<{ detail: Record<string, unknown> }>(text, [id]);
    expect(given).toMatchObject({ what: 'seal-given-up', message: 'older than 72 hours' });
    const { fechaPrevia, fecha, mesCambio } = sealedAnew!.detail as {
      fechaPrevia: string;
      fecha: string;
      mesCambio: boolean;
    };
    expect(mesCambio).toBe(fechaPrevia.slice(0, 7) !== fecha.slice(0, 7));
    expect(sealedAnew).toMatchObject({ what: 'event', code: 'cfdi.resealed', is_warning: mesCambio });
  });

  it('seals what was not sealed only when the line is back', async () => {
    expect(await archived(pending)).toEqual([]);
    const [id] = pending as [string];
    expect(await house.outcomes(id)).toEqual(['stamped']);
  });

  it('seals anew after a doubt only when the PAC says clearly that it never stamped', async () => {
    await house.stopAgents();
    const [id] = lost as [string];
    // The same comprobante, asked after at a PAC that can be asked by the bytes.
    await house.start({ PAC_URL: `${house.sandbox.pacUrl}/finkok` });
    await house.retry(id);
    const { uuid } = await house.becomes(id, 'listo', 60_000);
    expect(await house.stamps(id)).toEqual([]); // this protocol names no row, so it is found by its UUID
    const made = (await house.sandbox.client.log()).filter((one) => one.uuid?.toLowerCase() === uuid);
    expect(made).toHaveLength(1);
    expect(made[0]?.sha256).not.toBe(shas.get(id));
    expect(await house.outcomes(id)).toEqual(['unknown', 'refused', 'refused', 'stamped']);
    const [attempt] = await house.sql(
      'SELECT settled_by FROM agents.comprobante_attempts WHERE comprobante = $1 AND number = 1',
      [id],
    );
    expect(attempt).toEqual({ settled_by: 'look-up: never stamped' });
    const events = await house.sql<{ code: string }>(
      `SELECT code FROM agents.comprobante_history WHERE comprobante = $1 AND what = 'event' ORDER BY at`,
      [id],
    );
    expect(events.map(({ code }) => code)).toEqual(['cfdi.doubt-settled', 'cfdi.resealed']);
  }, 120_000);
});
