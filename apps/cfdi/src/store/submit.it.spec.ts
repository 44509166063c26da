import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ejemploDeIngreso, parseDocumento, type Documento } from '@nexora/comprobante';
import { cfdiKinds } from '@nexora/contracts';
import { Database, sqlState } from '@nexora/database';
import { Ledger } from '@nexora/outbox';
import { freshDatabase, type MigratedDatabase } from '@nexora/testing';
import fc from 'fast-check';
import pg from 'pg';

let house: MigratedDatabase;
let cfdi: Database;
let client: pg.Client;
let gateway: pg.Client;
let admin: pg.Client;

beforeAll(async () => {
  house = await freshDatabase();
  cfdi = await Database.open({ url: house.urlFor('cfdi') });
  const kinds = Object.values(cfdiKinds).map((kind) => ({ kind }));
  await new Ledger(cfdi).declare({ agent: 'cfdi', version: '1', kinds });
  client = await connected(house.urlFor('client'));
  gateway = await connected(house.urlFor('gateway'));
  admin = await connected(house.url);
});
afterAll(async () => {
  await Promise.all([client, gateway, admin].map((one) => one.end()));
  await cfdi.close();
  await house.drop();
});

async function connected(connectionString: string): Promise<pg.Client> {
  const one = new pg.Client({ connectionString });
  await one.connect();
  return one;
}

let count = 0;
/** A document with an externalId and folio of its own. */
function another(changes: Partial<Documento> = {}): Documento {
  count += 1;
  return ejemploDeIngreso({ externalId: `submit-${count}`, folio: String(count), ...changes });
}

async function one<R extends object>(by: pg.Client, text: string, values: unknown[] = []): Promise<R> {
  return (await by.query<R>(text, values)).rows[0]!;
}
async function submit(document: unknown, by = client): Promise<string> {
  const text = 'SELECT agents.submit_comprobante($1) AS id';
  return (await one<{ id: string }>(by, text, [JSON.stringify(document)])).id;
}
async function status(id: string): Promise<Record<string, unknown>> {
  return one(gateway, 'SELECT * FROM agents.comprobante_status WHERE id = $1', [id]);
}

interface Refusal {
  readonly state: string | undefined;
  readonly fault: unknown;
}
async function refusal(work: Promise<unknown>): Promise<Refusal> {
  try {
    await work;
  } catch (error) {
    if (error instanceof pg.DatabaseError) {
      return { state: sqlState(error), fault: faultIn(error.detail) };
    }
    throw error;
  }
  return { state: undefined, fault: null };
}

function faultIn(detail: string | undefined): unknown {
  return detail?.startsWith('{') === true ? JSON.parse(detail) : null;
}

describe('agents.submit_comprobante', () => {
  it('stores the document and its job, waiting to be stamped, in the one transaction of the caller', async () => {
    const document = another();
    await client.query('BEGIN');
    const lost = await submit(document);
    await client.query('ROLLBACK');
    expect(await status(lost)).toBeUndefined();

    const id = await submit(document);
    const row = await status(id);
    expect(row).toMatchObject({
      external_id: document.externalId,
      emisor: 'EKU9003173C9',
      estado: 'pendiente',
      motivo_espera: null,
      uuid: null,
      moneda: 'MXN',
      attempts: 0,
      error: null,
      xml: null,
      xml_key: null,
    });
    const job = await one(gateway, 'SELECT * FROM agents.job_listing WHERE id = $1', [row['job_id']]);
    expect(job).toMatchObject({
      kind: 'cfdi.stamp',
      state: 'pending',
      scope: 'EKU9003173C9',
      payload: { comprobanteId: id },
    });
  });

  it('tells the currency that the XML will have: goods on their way and payments are of none', async () => {
    const none = () => ({ ...another(), moneda: undefined });
    expect(await status(await submit({ ...none(), tipo: 'T' }))).toMatchObject({ moneda: 'XXX' });
    expect(await status(await submit({ ...another(), tipo: 'T' }))).toMatchObject({ moneda: 'MXN' });
    expect(await status(await submit(none()))).toMatchObject({ moneda: null });
  });

  it('gives ids that sort by time', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 5; index += 1) {
      ids.push(await submit(another()));
      await admin.query('SELECT pg_sleep(0.002)');
    }
    expect([...ids].sort()).toEqual(ids);
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('answers the same id to the same content, in whatever order its fields stand, and makes no second job', async () => {
    const document = another();
    const id = await submit(document);
    const turned = Object.fromEntries(Object.entries(document).reverse());
    expect(await submit(turned)).toBe(id);
    expect(await submit(document, gateway)).toBe(id);
    const { rows } = await gateway.query(`SELECT FROM agents.job_listing WHERE payload->>'comprobanteId' = $1`, [id]);
    expect(rows).toHaveLength(1);
  });

  it('answers one id to the same content handed over by many at once', async () => {
    const document = JSON.stringify(another());
    const clients = await Promise.all(Array.from({ length: 8 }, () => connected(house.urlFor('client'))));
    const ids = await Promise.all(clients.map((each) => submit(JSON.parse(document), each)));
    await Promise.all(clients.map((each) => each.end()));
    expect(new Set(ids).size).toBe(1);
  });

  it('refuses other content under the same externalId', async () => {
    const document = another();
    await submit(document);
    expect(await refusal(submit({ ...document, condicionesDePago: 'Crédito' }))).toMatchObject({
      state: 'NX409',
      fault: { code: 'cfdi.external-id-conflict', field: 'externalId' },
    });
  });

  it('refuses a serie and folio that are taken, and lets another tipo, serie or issuer have the folio', async () => {
    const document = another({ serie: 'B' });
    await submit(document);
    expect(await refusal(submit(another({ serie: ' B ', folio: document.folio })))).toMatchObject({
      state: 'NX409',
      fault: { code: 'cfdi.folio-conflict', field: 'folio' },
    });
    const { folio } = document;
    await submit(another({ serie: 'B', folio, tipo: 'E' }));
    await submit(another({ serie: undefined, folio }));
    await submit(another({ serie: 'B', folio, emisor: 'CACX7605101P8' }));
  });

  it('lets the same externalId serve two issuers', async () => {
    const { externalId } = another();
    const first = await submit(another({ externalId }));
    expect(await submit(another({ externalId, emisor: 'CACX7605101P8' }))).not.toBe(first);
  });

  it('takes what only the rules can judge: that ends in a refusal of the agent, not of the sale', async () => {
    const broken = another({ formaPago: 'XX', conceptos: [], receptor: { ...ejemploDeIngreso().receptor, rfc: 'x' } });
    expect(await status(await submit(broken))).toMatchObject({ estado: 'pendiente' });
  });

  it.each([
    ['no document', null, ''],
    ['a list', [], ''],
    ['an externalId too long', { ...ejemploDeIngreso(), externalId: 'x'.repeat(101) }, 'externalId'],
    ['an externalId of white space', { ...ejemploDeIngreso(), externalId: '  ' }, 'externalId'],
    ['an issuer too long', { ...ejemploDeIngreso(), emisor: 'X'.repeat(14) }, 'emisor'],
  ])('refuses %s, naming the field', async (_what, document, field) => {
    const { state, fault } = await refusal(submit(document));
    expect(['NX400', 'NX422']).toContain(state);
    expect(fault).toMatchObject({ field });
  });

  it('names a broken shape in the words of the API', async () => {
    await fc.assert(
      fc.asyncProperty(brokenDocument, async (document) => {
        const parsed = parseDocumento(document);
        const { state, fault } = await refusal(submit(document));
        if ('documento' in parsed) {
          expect(state === undefined || state === 'NX409' || state === 'NX422').toBe(true);
          return;
        }
        expect(state).toBe('NX400');
        const faults = parsed.faltas.map(({ path, ...rest }) => ({ ...rest, field: path }));
        expect(faults).toContainEqual(fault);
      }),
      { numRuns: 150 },
    );
  });

  it('is for the business application and the gateway, and for nobody else', async () => {
    const sync = await connected(house.urlFor('sync'));
    expect((await refusal(submit(another(), sync))).state).toBe('42501');
    expect((await refusal(sync.query('SELECT * FROM agents.comprobante_status'))).state).toBe('42501');
    expect((await refusal(sync.query('SELECT * FROM cfdi.csd'))).state).toBe('42501');
    await sync.end();
    expect((await refusal(client.query('SELECT agents.retry_comprobante(gen_random_uuid())'))).state).toBe('42501');
    expect((await refusal(client.query('SELECT cfdi.unseal(gen_random_uuid(), $1)', ['x']))).state).toBe('42501');
    expect((await refusal(client.query('SELECT * FROM cfdi.comprobante'))).state).toBe('42501');
    expect((await refusal(gateway.query('SELECT * FROM cfdi.csd'))).state).toBe('42501');
    expect((await client.query('SELECT FROM agents.comprobante_status LIMIT 1')).rowCount).toBe(1);
    const keepers = ['agents.mark_restored()', 'agents.release_restored()', `agents.resume_issuer('X')`];
    for (const one of keepers) expect((await refusal(client.query(`SELECT ${one}`))).state).toBe('42501');
    await gateway.query('SELECT agents.mark_restored()');
    expect(await one(gateway, 'SELECT held > 0 AS held FROM agents.restorations')).toEqual({ held: true });
    await gateway.query('SELECT agents.release_restored()');
  });
});

describe('agents.comprobante_status', () => {
  const starts = async (enabled: boolean): Promise<string> => {
    const incarnation = randomUUID();
    const about = JSON.stringify({ enabled });
    await admin.query(`SELECT agents.start_worker('cfdi', $1, $2, $3)`, [`cfdi-${enabled}`, incarnation, about]);
    return incarnation;
  };

  it('says that somebody paused the agent', async () => {
    const id = await submit(another());
    await gateway.query(`SELECT agents.pause('cfdi')`);
    const shown = { estado: 'en_espera', motivo_espera: 'El agente de timbrado está en pausa' };
    expect(await status(id)).toMatchObject(shown);
    const byClient = 'SELECT estado, motivo_espera FROM agents.comprobante_status WHERE id = $1';
    expect(await one(client, byClient, [id])).toEqual(shown);
    await gateway.query(`SELECT agents.resume('cfdi')`);
    expect(await status(id)).toMatchObject({ estado: 'pendiente', motivo_espera: null });
  });

  it('says that AGENTS_ENABLED=false keeps every process of the agent from working', async () => {
    const id = await submit(another());
    const idle = await starts(false);
    expect(await status(id)).toMatchObject({ motivo_espera: expect.stringContaining('AGENTS_ENABLED=false') });
    const busy = await starts(true);
    expect(await status(id)).toMatchObject({ estado: 'pendiente', motivo_espera: null });
    await admin.query('SELECT agents.stop_worker($1)', [busy]);
    await admin.query('SELECT agents.stop_worker($1)', [idle]);
    expect(await status(id)).toMatchObject({ estado: 'pendiente', motivo_espera: null });
  });

  it.each([
    ['limited', 'file expired', /^La licencia venció .*: se timbra por sí solo en cuanto se renueve la licencia$/],
    ['revoked', 'suspended', /^La licencia está suspendida: se timbra por sí solo/],
    ['invalid', 'no license', /^No hay ninguna licencia instalada: se timbra por sí solo/],
    ['limited', 'of a kind yet unknown', /^La licencia no permite timbrar .*: se timbra por sí solo/],
  ])(
    'says of a licence that is %s (%s) what happened, and that it needs no hand afterwards',
    async (mode, why, sentence) => {
      const id = await submit(another());
      await admin.query('SELECT agents.report_license($1, $2)', [mode, why]);
      await admin.query(`SELECT agents.report_connectivity('offline')`); // the line comes back by itself, the licence does not
      expect(await status(id)).toMatchObject({ estado: 'en_espera', motivo_espera: expect.stringMatching(sentence) });
      await admin.query(`SELECT agents.report_connectivity('online')`);
      await admin.query(`SELECT agents.report_license('valid')`);
      expect(await status(id)).toMatchObject({ estado: 'pendiente', motivo_espera: null });
    },
  );

  it('says nothing of the licence where the request is under way, since that goes on', async () => {
    const id = await submit(another());
    await admin.query(`SELECT agents.report_license('limited', 'file expired')`);
    await admin.query(
      `UPDATE agents.job SET intent = '{"key": "k"}' WHERE id = (SELECT job FROM cfdi.comprobante WHERE id = $1)`,
      [id],
    );
    expect(await status(id)).toMatchObject({ estado: 'pendiente', motivo_espera: null });
    await admin.query(`SELECT agents.report_license('valid')`);
  });

  it('says why a row waits while the line is away', async () => {
    const id = await submit(another());
    await admin.query(`SELECT agents.report_connectivity('offline')`);
    expect(await status(id)).toMatchObject({ estado: 'en_espera', motivo_espera: 'Sin Internet' });
    await admin.query(`SELECT agents.report_connectivity('online')`);
    expect(await status(id)).toMatchObject({ estado: 'pendiente', motivo_espera: null });
  });
});

describe('agents.retry_comprobante', () => {
  const retry = async (id: string): Promise<string> =>
    (await one<{ id: string }>(gateway, 'SELECT agents.retry_comprobante($1) AS id', [id])).id;
  const put = (id: string, estado: string): Promise<unknown> =>
    admin.query('UPDATE cfdi.comprobante SET estado = $2 WHERE id = $1', [id, estado]);

  it('answers the job under way for one that waits', async () => {
    const id = await submit(another());
    expect(await retry(id)).toBe((await status(id))['job_id']);
  });

  it('gives up the seal of a refused one, keeping it in the archive', async () => {
    const id = await submit(another());
    await seal(id);
    await put(id, 'rechazado');
    const job = await retry(id);
    expect(job).toBe((await status(id))['job_id']);
    expect(await status(id)).toMatchObject({ estado: 'pendiente', error: null });
    expect(await one(admin, 'SELECT sha256 FROM cfdi.comprobante WHERE id = $1', [id])).toEqual({ sha256: null });
    const archived = await one(admin, 'SELECT * FROM cfdi.sello_archivado WHERE comprobante = $1', [id]);
    expect(archived).toMatchObject({ sha256: 'aa', revision: 1 });
  });

  it('keeps the seal of one in review', async () => {
    const id = await submit(another());
    await seal(id);
    await put(id, 'revision');
    await retry(id);
    expect(await one(admin, 'SELECT sha256, estado FROM cfdi.comprobante WHERE id = $1', [id])).toEqual({
      sha256: 'aa',
      estado: 'revision',
    });
  });

  it('makes a new job, with high priority, where the old one is gone', async () => {
    const id = await submit(another());
    await admin.query('UPDATE cfdi.comprobante SET job = NULL WHERE id = $1', [id]);
    const job = await retry(id);
    expect(await one(gateway, 'SELECT * FROM agents.job_listing WHERE id = $1', [job])).toMatchObject({
      kind: 'cfdi.stamp',
      priority: 'high',
    });
  });

  it('says no to one that is ready, and to one that does not exist', async () => {
    const id = await submit(another());
    await seal(id);
    await admin.query(`UPDATE cfdi.comprobante SET uuid = gen_random_uuid(), estado = 'listo' WHERE id = $1`, [id]);
    expect((await refusal(retry(id))).state).toBe('NX409');
    expect((await refusal(retry('01975d3c-0000-7000-8000-000000000000'))).state).toBe('NX404');
  });
});

describe('agents.mend_comprobante', () => {
  const mend = (id: string, document: Documento): Promise<unknown> =>
    gateway.query('SELECT agents.mend_comprobante($1, $2)', [id, JSON.stringify(document)]);

  it('puts a mended document in the place of a refused one: same id, next revision, to be sealed anew', async () => {
    const document = another();
    const id = await submit(document);
    await admin.query(`UPDATE cfdi.comprobante SET estado = 'rechazado', error = '{}' WHERE id = $1`, [id]);
    await mend(id, { ...document, folio: `${document.folio}-2` });
    expect(await status(id)).toMatchObject({
      estado: 'pendiente',
      revision: 2,
      folio: `${document.folio}-2`,
      error: null,
    });
  });

  it('touches none that was not refused, and never changes whose it is', async () => {
    const document = another();
    const id = await submit(document);
    expect((await refusal(mend(id, document))).state).toBe('NX409');
    await admin.query(`UPDATE cfdi.comprobante SET estado = 'rechazado' WHERE id = $1`, [id]);
    expect((await refusal(mend(id, { ...document, externalId: 'other' }))).state).toBe('NX422');
  });
});

/** Puts a seal on a row, as the agent would. */
async function seal(id: string): Promise<void> {
  const text = `UPDATE cfdi.comprobante SET sealed = 'x', sha256 = 'aa', sello = 's', fecha = 'f', pac = 'sandbox',
    no_certificado = '1', sealed_at = agents.now() WHERE id = $1`;
  await admin.query(text, [id]);
}

/** The example with some values of another type, some fields missing and some that nobody knows. */
const brokenDocument = fc
  .array(
    fc.record({
      pick: fc.nat(),
      with: fc.constantFrom<unknown>(undefined, null, 7, true, 'x', [], {}, [1], { a: 1 }),
      as: fc.constantFrom('value', 'neighbour'),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((breaks) => {
    const document: unknown = structuredClone(another());
    for (const { pick, with: shared, as } of breaks) {
      const value = structuredClone(shared);
      const places = placesIn(document);
      const [holder, key] = places[pick % places.length] ?? [];
      if (holder === undefined || key === undefined) continue;
      if (as === 'neighbour' && !Array.isArray(holder)) holder['otro'] = value ?? 'x';
      else if (value === undefined && !Array.isArray(holder)) delete holder[key];
      else holder[key] = value ?? null;
    }
    return document;
  });

function placesIn(value: unknown): [Record<string, unknown>, string][] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.entries(holder).flatMap(([key, child]) => [
    [holder, key] as [Record<string, unknown>, string],
    ...placesIn(child),
  ]);
}
