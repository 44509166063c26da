import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { emisorDesconocido, parseDocumento, reglas, type Documento } from '@nexora/comprobante';
import { sqlState, type Sql } from '@nexora/database';
import { openObjectStore, storageSettings } from '@nexora/storage';
import { codeOf, Faulty, fileAt, given, Pending, single, Usage, type Run } from './command.ts';
import { jsonIn, refusal } from './seal.command.ts';
import { settingsOf, withDatabase } from './store.ts';

const WAIT_SECONDS = 90;
const LOOK_EVERY_MS = 250;
/** Storing follows the stamp within a second; who cannot wait for it finds the XML by its id. */
const STORED_WITHIN_MS = 5_000;

interface Row {
  readonly id: string;
  readonly estado: string;
  readonly uuid: string | null;
  readonly motivo: string | null;
  readonly error: { readonly message: string; readonly remedy: string | null; readonly code: string } | null;
  readonly xml: Buffer | null;
  readonly xmlKey: string | null;
}

/**
 * Hands a document over to the agent, as any program of the business does, and waits for its stamp. The agent alone
 * talks to the PAC, so the same externalId never gets a second UUID, however often or wherever this is called.
 */
export const stamp: Run = async (args, { write }) => {
  const all = given(args, ['out', 'wait']);
  const parsed = parseDocumento(jsonIn(fileAt(single(all, 'un documento JSON'))));
  if ('faltas' in parsed) throw refusal(parsed.faltas);
  const waitMs = secondsOf(all.options['wait']) * 1_000;
  await withDatabase(async (sql) => {
    const row = await placed(sql, await concluded(sql, await handedOver(sql, parsed.documento), waitMs));
    const { out } = all.options;
    if (out !== undefined) await save(row, out);
    write(`${row.uuid ?? ''}\n${out ?? row.xmlKey ?? `/api/comprobantes/${row.id}/xml`}\n`);
  });
};

function secondsOf(text: string | undefined): number {
  if (text === undefined) return WAIT_SECONDS;
  if (!/^\d{1,5}$/.test(text)) throw new Usage('--wait es un número de segundos, por ejemplo 30.');
  return Number(text);
}

/** Answers the id under which the house has the document now. @throws Faulty with every fault, before anything is stored */
async function handedOver(sql: Sql, documento: Documento): Promise<string> {
  const { emisor, externalId } = documento;
  const [before] = await sql.query<{ ahora: Date; id: string | null; estado: string | null; regimen: string | null }>({
    text: `SELECT agents.now() AS ahora, c.id, c.estado,
                  (SELECT i.regimen_fiscal FROM cfdi.issuer i WHERE i.rfc = $1) AS regimen
             FROM (SELECT) AS one LEFT JOIN cfdi.comprobante c ON c.issuer = $1 AND c.external_id = $2`,
    values: [emisor, externalId],
  });
  if (before === undefined) throw new Error('A statement that always answers one row answered none.');
  const isMended = before.id !== null && before.estado === 'rechazado';
  // What was taken once is not judged anew by the catalogues of another day.
  if (before.id === null || isMended) {
    const { ahora, regimen } = before;
    const contexto = { ahora, regimenDelEmisor: regimen ?? undefined };
    const faltas = [...(regimen === null ? [emisorDesconocido()] : []), ...reglas(documento, contexto)];
    if (faltas.length > 0) throw refusal(faltas);
  }
  if (isMended && before.id !== null) return mended(sql, before.id, documento);
  return ask<{ id: string }>(sql, 'SELECT cfdi.submit_comprobante($1, NULL) AS id', [documento]).then(({ id }) => id);
}

/** A refused one is sealed anew, with what the file says now. */
async function mended(sql: Sql, id: string, documento: Documento): Promise<string> {
  await ask(sql, 'SELECT cfdi.mend_comprobante($1, $2)', [id, documento]);
  return id;
}

/** @throws Faulty with what a function of the database refuses, in its own words */
async function ask<R>(sql: Sql, text: string, given: readonly unknown[]): Promise<R> {
  const values = given.map((value) => (typeof value === 'object' ? JSON.stringify(value) : value));
  try {
    const [row] = await sql.query<R>({ text, values });
    return row as R; // a SELECT of a function answers exactly one row
  } catch (error) {
    const isRefusal = error instanceof Error && sqlState(error)?.startsWith('NX4') === true;
    if (!isRefusal) throw error;
    const hint = 'hint' in error && typeof error.hint === 'string' ? ` ${error.hint}` : '';
    throw new Faulty(`${error.message}${hint}`);
  }
}

/** Waits until the comprobante is stamped. @throws Faulty once it is refused, Pending when time is up */
async function concluded(sql: Sql, id: string, waitMs: number): Promise<Row> {
  const until = Date.now() + waitMs;
  for (;;) {
    const row = await rowOf(sql, id);
    if (row.uuid !== null) return row;
    if (row.estado === 'rechazado') throw new Faulty(reasonOf(row));
    if (row.estado === 'revision') throw new Pending(`Requiere revisión: ${reasonOf(row)}`);
    if (Date.now() >= until) throw new Pending(notYet(row));
    await sleep(LOOK_EVERY_MS);
  }
}

/** The same once the XML is in object storage, or after some seconds without. */
async function placed(sql: Sql, row: Row): Promise<Row> {
  const until = Date.now() + STORED_WITHIN_MS;
  for (let now = row; ; now = await rowOf(sql, row.id)) {
    if (now.xmlKey !== null || Date.now() >= until) return now;
    await sleep(LOOK_EVERY_MS);
  }
}

async function rowOf(sql: Sql, id: string): Promise<Row> {
  const [row] = await sql.query<Row>({
    text: `SELECT id, estado, uuid, motivo_espera AS motivo, error, xml, xml_key AS "xmlKey"
             FROM cfdi.comprobante_status WHERE id = $1`,
    values: [id],
  });
  if (row === undefined) throw new Faulty('El comprobante ya no existe.');
  return row;
}

function reasonOf({ error }: Row): string {
  return error === null ? 'el PAC lo rechazó.' : `${error.message} ${error.remedy ?? ''} [${error.code}]`;
}

function notYet({ id, motivo }: Row): string {
  const why = motivo === null ? '' : ` (${motivo})`;
  const how = 'Queda en cola y se timbra solo; el mismo comando vuelve a esperarlo, sin duplicarlo.';
  return `Entregado con id ${id}, aún sin timbrar${why}. ${how}`;
}

async function save({ xml, xmlKey }: Row, path: string): Promise<void> {
  const bytes = xml ?? (await stored(xmlKey ?? ''));
  try {
    writeFileSync(path, bytes);
  } catch (error) {
    throw new Usage(`No se puede escribir ${path} (${codeOf(error)}). El comprobante está timbrado y guardado.`);
  }
}

async function stored(key: string): Promise<Buffer> {
  const store = await openObjectStore(settingsOf(storageSettings));
  try {
    return (await store.get(key)).body;
  } finally {
    await store.close();
  }
}
