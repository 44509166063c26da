import { cfdiKinds } from '@nexora/contracts';
import type { Sql, Tx } from '@nexora/database';
import { wakeWith } from '@nexora/outbox';
import { Problem } from '../http/problem.ts';
import { askingSql } from '../http/sql-refusal.ts';
import type { Estado } from './estados.ts';

/** What a person is told who can mend it. */
interface Fault {
  readonly code: string;
  readonly field: string | null;
  readonly message: string;
  readonly remedy: string | null;
}

/** A comprobante as the view `agents.comprobante_status` shows it. */
export interface ComprobanteRow {
  readonly id: string;
  readonly external_id: string;
  readonly estado: Estado;
  readonly motivo_espera: string | null;
  readonly uuid: string | null;
  readonly fecha_timbrado: Date | null;
  readonly sub_total: string | null;
  readonly descuento: string | null;
  readonly total: string | null;
  readonly moneda: string | null;
  readonly attempts: number;
  readonly error: Fault | null;
  readonly avisos: { readonly at: string; readonly code: string; readonly message: string }[];
  readonly estado_sat: string | null;
  readonly checked_at: Date | null;
  readonly cancelacion: {
    readonly estado: 'pedida' | 'en_proceso' | 'aceptada' | 'rechazada';
    readonly motivo: string;
    readonly folio_sustitucion: string | null;
    readonly asked_at: string;
    readonly decided_at: string | null;
    readonly attempts: number;
    readonly error: Fault | null;
  } | null;
  readonly has_acuse: boolean;
  readonly job_id: string | null;
  readonly has_xml: boolean;
  readonly has_pdf: boolean;
}

const COLUMNS = `s.id, s.external_id, s.estado, s.motivo_espera, s.uuid, s.fecha_timbrado, s.sub_total, s.descuento,
  s.total, s.moneda, s.attempts, s.error, s.job_id, (s.xml IS NOT NULL OR s.xml_key IS NOT NULL) AS has_xml,
  s.pdf_key IS NOT NULL AS has_pdf, t.estado_sat, t.checked_at, t.acuse IS NOT NULL AS has_acuse,
  CASE WHEN t.number IS NOT NULL THEN jsonb_build_object('estado', t.cancelacion, 'motivo', t.motivo,
    'folio_sustitucion', t.folio_sustitucion, 'asked_at', t.asked_at, 'decided_at', t.decided_at,
    'attempts', t.attempts, 'error', t.error) END AS cancelacion,
  ARRAY(SELECT jsonb_build_object('at', h.at, 'code', h.code, 'message', h.message)
          FROM agents.comprobante_history h WHERE h.comprobante = s.id AND h.is_warning ORDER BY h.at) AS avisos`;
const FROM = 'FROM agents.comprobante_status s LEFT JOIN agents.comprobante_sat t ON t.comprobante = s.id';

/** What narrows a listing of comprobantes. */
export interface ComprobanteFilter {
  readonly externalId?: string | undefined;
  readonly estado?: Estado | undefined;
  /** Only rows whose id is below this one. */
  readonly before?: string | undefined;
}

/** Comprobantes, newest first. */
export function comprobantes(sql: Sql, filter: ComprobanteFilter, limit: number): Promise<ComprobanteRow[]> {
  const conditions: string[] = [];
  const values: unknown[] = [];
  const add = (condition: string, value: unknown): void => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(`${condition} $${values.length}`);
  };
  add('s.external_id =', filter.externalId);
  add('s.estado =', filter.estado);
  add('s.id <', filter.before);
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  values.push(limit);
  const text = `SELECT ${COLUMNS} ${FROM} ${where} ORDER BY s.id DESC LIMIT $${values.length}`;
  return sql.query<ComprobanteRow>({ text, values });
}

/**
 * One comprobante.
 * @throws Problem 404.
 */
export async function comprobante(sql: Sql, id: string): Promise<ComprobanteRow> {
  const text = `SELECT ${COLUMNS} ${FROM} WHERE s.id = $1`;
  const [row] = await sql.query<ComprobanteRow>({ name: 'gateway_comprobante', text, values: [id] });
  if (row === undefined) throw new Problem('cfdi.not-found', 'No existe ese comprobante. Revise el id.');
  return row;
}

/** Where the bytes of a document are: in Postgres until object storage confirmed them, then under a key. */
export interface Artefact {
  readonly bytes: Buffer | null;
  readonly key: string | null;
  readonly uuid: string | null;
}

/**
 * The XML or PDF of a comprobante.
 * @throws Problem 404 for an unknown one, 409 before the document exists.
 */
export async function artefact(sql: Sql, id: string, which: 'xml' | 'pdf'): Promise<Artefact> {
  const columns = which === 'xml' ? 'xml AS bytes, xml_key AS key' : 'NULL AS bytes, pdf_key AS key';
  const text = `SELECT ${columns}, uuid FROM agents.comprobante_status WHERE id = $1`;
  const [row] = await sql.query<Artefact & { bytes: string | Buffer | null }>({ text, values: [id] });
  if (row === undefined) throw new Problem('cfdi.not-found', 'No existe ese comprobante. Revise el id.');
  if (row.bytes === null && row.key === null) {
    throw new Problem('cfdi.not-ready', 'El documento aún no existe: el comprobante no se ha timbrado o guardado.');
  }
  return { ...row, bytes: typeof row.bytes === 'string' ? Buffer.from(row.bytes) : row.bytes };
}

/** What is known before a comprobante is handed over. */
export interface Before {
  /** The house's time. */
  readonly ahora: Date;
  /** Id of the comprobante that has this externalId already. */
  readonly existing: string | null;
  /** c_RegimenFiscal of the issuer; null when it is none of the house. */
  readonly regimenDelEmisor: string | null;
}

/**
 * Looks whether the externalId is taken, and lets no other request hand over the same one until this transaction ends:
 * so exactly one of two equal requests at once is told that it was the first.
 */
export async function before(tx: Tx, emisor: string, externalId: string): Promise<Before> {
  const key = `comprobante ${emisor} ${externalId}`;
  await tx.query({ text: 'SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', values: [key] });
  const text = `SELECT agents.now() AS ahora,
      (SELECT id FROM agents.comprobante_status WHERE emisor = $1 AND external_id = $2) AS existing,
      (SELECT regimen_fiscal FROM agents.issuers WHERE rfc = $1) AS "regimenDelEmisor"`;
  return only(await tx.query<Before>({ name: 'gateway_comprobante_before', text, values: [emisor, externalId] }));
}

/**
 * Stores the document and enqueues its stamping.
 * @throws Problem 409 when the externalId has other content or serie and folio are taken.
 */
export async function submit(tx: Tx, document: unknown, traceparent: string | null): Promise<string> {
  const text = 'SELECT agents.submit_comprobante($1, $2) AS id';
  const values = [JSON.stringify(document), traceparent];
  const { id } = only(await askingSql(tx.query<{ id: string }>({ text, values })));
  wakeWith(tx, [cfdiKinds.stamp.name]);
  return id;
}

/**
 * Gives a refused comprobante new content; it is sealed anew under the same id.
 * @throws Problem 404 for an unknown one, 409 in any other state.
 */
export async function mend(tx: Tx, id: string, document: unknown): Promise<void> {
  const text = 'SELECT agents.mend_comprobante($1, $2) AS id';
  await askingSql(tx.query({ text, values: [id, JSON.stringify(document)] }));
  wakeWith(tx, [cfdiKinds.stamp.name]);
}

/**
 * Asks for another try. Answers the job that does it, or the one under way.
 * @throws Problem 404, 409.
 */
export async function retryComprobante(tx: Tx, id: string): Promise<string> {
  const text = 'SELECT agents.retry_comprobante($1) AS id';
  const { id: job } = only(await askingSql(tx.query<{ id: string }>({ text, values: [id] })));
  wakeWith(tx, [cfdiKinds.stamp.name]);
  return job;
}

function only<T>([row]: readonly T[]): T {
  if (row === undefined) throw new Error('A statement that always answers one row answered none.');
  return row;
}
