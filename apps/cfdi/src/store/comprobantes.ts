import { Inject, Injectable } from '@nestjs/common';
import { cfdiKinds } from '@nexora/contracts';
import { Database, type Sql, type Tx } from '@nexora/database';
import { enqueue } from '@nexora/outbox';
import type { Falta, Importes } from '@nexora/comprobante';
import type { ErrorDelComprobante, Estado } from '../comprobante/estados.ts';
import type { Sellado } from '../comprobante/sellado.ts';
import type { Timbre } from '../comprobante/timbre.ts';

/** The seal of a row: exactly these bytes go to the PAC. */
export interface SealedRow {
  readonly bytes: Buffer;
  readonly sha256: string;
  readonly sello: string;
  readonly sealedAt: Date;
  /** Number of the CSD that sealed it. */
  readonly noCertificado: string;
  /** Known when it was sealed just now; else it is read from the bytes. */
  readonly cadena?: string;
}

/** A comprobante as its row stands. */
export interface ComprobanteRow {
  readonly id: string;
  readonly emisor: string;
  readonly document: unknown;
  readonly revision: number;
  readonly estado: Estado;
  readonly fecha: string | null;
  readonly sealed: SealedRow | null;
  /** PAC to which the row is pinned. */
  readonly pac: string | null;
  readonly uuid: string | null;
  readonly fechaTimbrado: string | null;
  readonly serie: string | null;
  readonly folio: string | null;
  readonly xmlKey: string | null;
  readonly createdAt: Date;
  /** When it was let go after a restore: its outcome became known, or the owner answered for it. */
  readonly releasedAt: Date | null;
  /** Fecha of the seal that was given up last, until there is a new one. */
  readonly fechaPrevia: string | null;
  /** Whether its issuer is stopped. */
  readonly isPaused: boolean;
  /** Whether an attempt has an unknown outcome: then no other bytes and no other PAC. */
  readonly isDoubtful: boolean;
}

type Stored = Omit<ComprobanteRow, 'sealed'> & {
  readonly bytes: Buffer | null;
  readonly sha256: string | null;
  readonly sello: string | null;
  readonly sealedAt: Date | null;
  readonly noCertificado: string | null;
};

/** A seal made just now, with the figures that listings show. */
export interface Seal {
  readonly sellado: Sellado;
  readonly importes: Importes;
}

/** What becomes of a row after a try that gave no stamp. */
export interface Aftermath {
  readonly outcome: 'refused' | 'unsent' | 'unknown';
  readonly code: string;
  readonly message: string;
  readonly estado: Estado;
  readonly motivo: string | null;
  readonly error: ErrorDelComprobante | null;
  /** What says for certain that earlier tries of unknown outcome gave no stamp; null: nothing does. */
  readonly settledBy: string | null;
  /** Reason for giving the seal up; null: it stays. */
  readonly unseal: string | null;
}

/** Something that happened to a comprobante, for its history. */
export interface Suceso {
  readonly code: string;
  /** The owner should know. */
  readonly isWarning: boolean;
  /** Spanish. */
  readonly message: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** The table of comprobantes and of the attempts to stamp them; the only file that writes their SQL. */
@Injectable()
export class Comprobantes {
  readonly #db: Sql;

  constructor(@Inject(Database) db: Sql) {
    this.#db = db;
  }

  /** The row, or null when there is none. */
  async find(id: string): Promise<ComprobanteRow | null> {
    const [row] = await this.#db.query<Stored>({
      name: 'cfdi.find',
      text: `SELECT id, issuer AS emisor, document, revision, estado, fecha, sealed AS bytes, sha256, sello,
                    sealed_at AS "sealedAt", pac, uuid, fecha_timbrado AS "fechaTimbrado", serie, folio,
                    xml_key AS "xmlKey", no_certificado AS "noCertificado", created_at AS "createdAt", released_at AS "releasedAt",
                    fecha_previa AS "fechaPrevia", cfdi.is_doubtful(id) AS "isDoubtful",
                    coalesce((SELECT e.paused_at IS NOT NULL FROM cfdi.issuer e WHERE e.rfc = issuer), false) AS "isPaused"
               FROM cfdi.comprobante WHERE id = $1`,
      values: [id],
    });
    if (row === undefined) return null;
    const { bytes, sha256, sello, sealedAt, noCertificado, ...rest } = row;
    const isSealed = bytes !== null && sha256 !== null && sello !== null && sealedAt !== null && noCertificado !== null;
    return { ...rest, sealed: isSealed ? { bytes, sha256, sello, sealedAt, noCertificado } : null };
  }

  /** The stamped XML while Postgres keeps it; null once object storage has it. */
  async xml(id: string): Promise<Buffer | null> {
    const text = 'SELECT xml FROM cfdi.comprobante WHERE id = $1';
    const [row] = await this.#db.query<{ xml: Buffer | null }>({ name: 'cfdi.xml', text, values: [id] });
    return row?.xml ?? null;
  }

  /** Stores a seal that was made just now. @throws Error when the row has moved on meanwhile */
  async seal(tx: Tx, row: ComprobanteRow, { sellado, importes }: Seal, pac: string): Promise<SealedRow> {
    const [stored] = await tx.query<{ sealedAt: Date }>({
      name: 'cfdi.seal',
      text: `UPDATE cfdi.comprobante
                SET estado = 'sellado', sealed = $3, sha256 = $4, sello = $5, fecha = $6, no_certificado = $7, pac = $8,
                    sub_total = $9, descuento = $10, total = $11, fecha_previa = NULL, sealed_at = agents.now(),
                    updated_at = agents.now()
              WHERE id = $1 AND revision = $2 AND sha256 IS NULL RETURNING sealed_at AS "sealedAt"`,
      values: [
        row.id,
        row.revision,
        sellado.bytes,
        sellado.sha256,
        sellado.sello,
        sellado.fecha,
        sellado.noCertificado,
        pac,
        importes.subTotal,
        importes.descuento,
        importes.total,
      ],
    });
    if (stored === undefined) throw new Error(`The comprobante ${row.id} was changed while it was being sealed.`);
    const { bytes, sha256, sello, cadena, noCertificado } = sellado;
    return { bytes, sha256, sello, cadena, noCertificado, sealedAt: stored.sealedAt };
  }

  /** Notes an attempt before its request leaves, and pins the row to the PAC. Answers its number. */
  async attempt(tx: Tx, id: string, sha256: string, pac: string): Promise<number> {
    const [row] = await tx.query<{ number: number }>({
      name: 'cfdi.attempt',
      text: `WITH moved AS (
               UPDATE cfdi.comprobante SET estado = CASE estado WHEN 'revision' THEN estado ELSE 'enviando' END,
                                           pac = $3, motivo_espera = NULL, updated_at = agents.now()
                WHERE id = $1 RETURNING id, revision)
             INSERT INTO cfdi.intento (comprobante, number, revision, pac, sha256, started_at)
             SELECT m.id, 1 + coalesce((SELECT max(i.number) FROM cfdi.intento i WHERE i.comprobante = $1), 0),
                    m.revision, $3, $2, agents.now() FROM moved m
             RETURNING number`,
      values: [id, sha256, pac],
    });
    if (row === undefined) throw new Error(`There is no comprobante ${id}.`);
    return row.number;
  }

  /**
   * Keeps the stamp and the XML, and enqueues its storage. A UUID that another row has breaks the unique index.
   * Answers whether the issuer was stopped until now: then it goes on.
   */
  async stamped(tx: Tx, row: ComprobanteRow, attempt: number, timbre: Timbre, xml: Buffer): Promise<boolean> {
    const job = await enqueue(tx, cfdiKinds.store, { comprobanteId: row.id }, { scope: row.emisor });
    const [answer] = await tx.query<{ resumed: boolean }>({
      name: 'cfdi.stamped',
      text: `WITH ended AS (
               UPDATE cfdi.intento SET outcome = 'stamped', ended_at = agents.now()
                WHERE comprobante = $1 AND number = $2),
             resumed AS (
               UPDATE cfdi.issuer
                  SET paused_at = NULL, paused_until = NULL, paused_code = NULL, paused_reason = NULL, probed_at = NULL
                WHERE rfc = $7 AND paused_at IS NOT NULL AND paused_code <> 'person' RETURNING rfc)
             UPDATE cfdi.comprobante
                SET estado = 'timbrado', uuid = $3, fecha_timbrado = $4, xml = $5, job = $6, error = NULL, faults = NULL,
                    motivo_espera = NULL, updated_at = agents.now()
              WHERE id = $1 RETURNING EXISTS (SELECT FROM resumed) AS resumed`,
      values: [row.id, attempt, timbre.uuid, timbre.fechaTimbrado, xml, job, row.emisor],
    });
    return answer?.resumed === true;
  }

  /** Notes how a try without a stamp ended, and where the row goes from there. */
  async ended(tx: Tx, id: string, attempt: number, after: Aftermath): Promise<void> {
    await tx.query({
      text: `UPDATE cfdi.intento SET outcome = $3, ended_at = agents.now(), code = $4, message = $5
              WHERE comprobante = $1 AND number = $2`,
      values: [id, attempt, after.outcome, after.code, after.message],
    });
    if (after.settledBy !== null) await this.settled(tx, id, attempt, after.settledBy);
    if (after.unseal !== null) {
      await tx.query({ text: 'SELECT cfdi.unseal($1, $2)', values: [id, after.unseal] });
    }
    await tx.query({
      text: `UPDATE cfdi.comprobante SET estado = $2, motivo_espera = $3, error = $4, faults = NULL,
                    updated_at = agents.now() WHERE id = $1`,
      values: [id, after.estado, after.motivo, after.error === null ? null : JSON.stringify(after.error)],
    });
  }

  /** Something said for certain that attempts before this one gave no stamp, whose outcome was unknown until now. */
  private async settled(tx: Tx, id: string, before: number, by: string): Promise<void> {
    await tx.query({
      text: `UPDATE cfdi.intento SET settled_at = agents.now(), settled_by = $3
              WHERE comprobante = $1 AND number < $2 AND coalesce(outcome, 'unknown') = 'unknown' AND settled_at IS NULL`,
      values: [id, before, by],
    });
    const message = 'Quedó claro que los intentos anteriores no se timbraron.';
    await this.tell(tx, id, { code: 'cfdi.doubt-settled', isWarning: false, message, detail: { by } });
  }

  /** How long ago the youngest attempt of unknown outcome began, in milliseconds; null when there is none. */
  async doubtAgeMs(id: string, before: number): Promise<number | null> {
    const [row] = await this.#db.query<{ age: number | null }>({
      text: `SELECT date_part('epoch', agents.now() - max(started_at)) * 1000 AS age FROM cfdi.intento
              WHERE comprobante = $1 AND number < $2 AND coalesce(outcome, 'unknown') = 'unknown' AND settled_at IS NULL`,
      values: [id, before],
    });
    return row?.age ?? null;
  }

  /** Keeps what happened to a comprobante, for whoever reads its history. */
  async tell(tx: Tx, id: string, { code, isWarning, message, detail }: Suceso): Promise<void> {
    await tx.query({
      text: `INSERT INTO cfdi.suceso (comprobante, code, is_warning, message, detail) VALUES ($1, $2, $3, $4, $5)`,
      values: [id, code, isWarning, message, detail === undefined ? null : JSON.stringify(detail)],
    });
  }

  /** The rules refuse the document: nothing was sealed. */
  async refused(tx: Tx, id: string, faltas: readonly Falta[]): Promise<void> {
    const [first, ...others] = faltas.map(({ path, ...rest }) => ({ ...rest, field: path }));
    await tx.query({
      text: `UPDATE cfdi.comprobante SET estado = 'rechazado', error = $2, faults = $3, motivo_espera = NULL,
                    updated_at = agents.now() WHERE id = $1`,
      values: [id, JSON.stringify(first), JSON.stringify([first, ...others])],
    });
  }

  /** Why the row waits. */
  async waits(id: string, motivo: string): Promise<void> {
    const text = 'UPDATE cfdi.comprobante SET motivo_espera = $2 WHERE id = $1 AND motivo_espera IS DISTINCT FROM $2';
    await this.#db.query({ text, values: [id, motivo] });
  }

  /** Gives the seal up, keeping it in the archive. The wall in the table lets nobody do so while a try is in doubt. */
  async unseal(tx: Tx, id: string, reason: string): Promise<void> {
    await tx.query({ text: 'SELECT cfdi.unseal($1, $2)', values: [id, reason] });
    await tx.query({ text: `UPDATE cfdi.comprobante SET estado = 'pendiente' WHERE id = $1`, values: [id] });
  }

  /** Object storage has the XML: Postgres lets go of its copy, and the PDF is next. */
  async stored(tx: Tx, row: ComprobanteRow, key: string): Promise<void> {
    const job = await enqueue(tx, cfdiKinds.render, { comprobanteId: row.id }, { scope: row.emisor });
    await tx.query({
      text: `UPDATE cfdi.comprobante SET estado = 'almacenado', xml_key = $2, xml = NULL, sealed = NULL, job = $3,
                    updated_at = agents.now() WHERE id = $1 AND estado = 'timbrado'`,
      values: [row.id, key, job],
    });
  }

  /** XML and PDF are there. */
  async ready(tx: Tx, id: string, pdfKey: string): Promise<void> {
    await tx.query({
      text: `UPDATE cfdi.comprobante SET estado = CASE estado WHEN 'almacenado' THEN 'listo' ELSE estado END, pdf_key = $2,
                    updated_at = agents.now() WHERE id = $1`,
      values: [id, pdfKey],
    });
  }

  /**
   * Rows whose job rests in doubt, as after a cancel: their request had left, and nothing is sent until a person asks.
   * Puts them in review and answers their ids.
   */
  async review(tx: Tx, error: ErrorDelComprobante, most: number): Promise<readonly string[]> {
    const rows = await tx.query<{ id: string }>({
      text: `UPDATE cfdi.comprobante SET estado = 'revision', error = $1, updated_at = agents.now()
              WHERE id IN (SELECT c.id FROM cfdi.comprobante c JOIN agents.job_listing j ON j.id = c.job
                            WHERE c.estado = 'enviando' AND j.state = 'in_doubt'
                            ORDER BY c.id LIMIT $2 FOR UPDATE OF c SKIP LOCKED)
             RETURNING id`,
      values: [JSON.stringify(error), most],
    });
    return rows.map(({ id }) => id);
  }

  /** Rows that go on by themselves but have no job, as after a restore; they are given one. Answers how many. */
  async pickUp(tx: Tx, most: number): Promise<number> {
    const rows = await tx.query<{ id: string; emisor: string; estado: Estado }>({
      text: `SELECT c.id, c.issuer AS emisor, c.estado FROM cfdi.comprobante c
              WHERE c.estado IN ('pendiente', 'sellado', 'enviando', 'timbrado', 'almacenado')
                AND c.updated_at < agents.now() - interval '1 min'
                AND NOT EXISTS (SELECT FROM agents.job_listing j WHERE j.id = c.job
                                   AND j.state IN ('pending', 'running', 'in_doubt', 'dead'))
              ORDER BY c.id LIMIT $1 FOR UPDATE OF c SKIP LOCKED`,
      values: [most],
    });
    for (const { id, emisor, estado } of rows) {
      const job = await enqueue(tx, stepOf(estado), { comprobanteId: id }, { scope: emisor });
      const text = 'UPDATE cfdi.comprobante SET job = $2, updated_at = agents.now() WHERE id = $1';
      await tx.query({ text, values: [id, job] });
    }
    return rows.length;
  }
}

/** The kind of job that carries a comprobante on from a state. */
function stepOf(estado: Estado): typeof cfdiKinds.stamp | typeof cfdiKinds.store | typeof cfdiKinds.render {
  if (estado === 'timbrado') return cfdiKinds.store;
  return estado === 'almacenado' ? cfdiKinds.render : cfdiKinds.stamp;
}
