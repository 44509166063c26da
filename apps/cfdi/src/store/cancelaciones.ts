import { Inject, Injectable } from '@nestjs/common';
import { cfdiKinds } from '@nexora/contracts';
import { Database, type Sql, type Tx } from '@nexora/database';
import { enqueue } from '@nexora/outbox';
import type { EstadoSat } from '../cancelacion/consulta.ts';
import type { Motivo } from '../cancelacion/motivos.ts';
import type { SolicitudFirmada } from '../cancelacion/solicitud.ts';
import type { ErrorDelComprobante, Estado } from '../comprobante/estados.ts';

/** The last request to cancel a comprobante, and what is needed of the comprobante itself. */
export interface CancelacionRow {
  readonly id: string;
  readonly number: number;
  readonly emisor: string;
  readonly receptor: string;
  readonly uuid: string;
  readonly total: string;
  readonly sello: string;
  /** Local time at the place of issue. */
  readonly fecha: string;
  /** Zona Centro. */
  readonly fechaTimbrado: string;
  readonly estadoDelComprobante: Estado;
  readonly estado: 'pedida' | 'en_proceso' | 'aceptada' | 'rechazada';
  readonly motivo: Motivo;
  readonly folioSustitucion: string | null;
  readonly signed: Buffer | null;
  readonly sha256: string | null;
  readonly acuse: Buffer | null;
  readonly checks: number;
  readonly takenAt: Date | null;
  readonly askedAt: Date;
  readonly error: ErrorDelComprobante | null;
  /** An attempt has an unknown outcome: the tax authority may have the request. */
  readonly isDoubtful: boolean;
  /** When the last attempt began; null before the first. */
  readonly lastTriedAt: Date | null;
}

/** An open request whose job ended without a word of its handler. */
export interface StoppedCancelacion {
  readonly id: string;
  readonly number: number;
  /** What became of the job. */
  readonly job: 'in_doubt' | 'dead' | 'cancelled';
  readonly isDoubtful: boolean;
}

/** Code of a request that goes out no more: a person cancelled its job, or that died with its process. */
export const CANCELLATION_STOPPED = 'cfdi.cancellation-stopped';

/** What a comprobante is asked after by at the consultation service, and its open request, if there is one. */
export interface Consultable {
  readonly id: string;
  readonly emisor: string;
  readonly receptor: string;
  readonly uuid: string | null;
  readonly total: string;
  readonly sello: string;
  readonly estado: Estado;
}

/** What came of an attempt. */
export interface Ended {
  readonly outcome: 'asked' | 'refused' | 'unsent' | 'unknown';
  readonly code: string;
  readonly message: string;
}

/** Requests to cancel and their attempts, and what the tax authority says; the only file that writes their SQL. */
@Injectable()
export class Cancelaciones {
  readonly #db: Sql;

  constructor(@Inject(Database) db: Sql) {
    this.#db = db;
  }

  /** The last request of a comprobante, or null when there is none. */
  async find(id: string): Promise<CancelacionRow | null> {
    const [row] = await this.#db.query<CancelacionRow>({
      name: 'cfdi.cancelacion',
      text: `SELECT c.id, k.number, c.issuer AS emisor, c.document->'receptor'->>'rfc' AS receptor, c.uuid,
                    c.total::text AS total, c.sello, c.fecha, c.fecha_timbrado AS "fechaTimbrado",
                    c.estado AS "estadoDelComprobante", k.estado, k.motivo, k.folio_sustitucion AS "folioSustitucion",
                    k.signed, k.sha256, k.acuse, k.checks, k.taken_at AS "takenAt", k.asked_at AS "askedAt", k.error,
                    EXISTS (SELECT FROM cfdi.intento_de_cancelacion i
                             WHERE i.comprobante = k.comprobante AND i.number = k.number
                               AND coalesce(i.outcome, 'unknown') = 'unknown') AS "isDoubtful",
                    (SELECT max(i.started_at) FROM cfdi.intento_de_cancelacion i
                      WHERE i.comprobante = k.comprobante AND i.number = k.number) AS "lastTriedAt"
               FROM cfdi.comprobante c JOIN cfdi.cancelacion k ON k.comprobante = c.id
              WHERE c.id = $1 ORDER BY k.number DESC LIMIT 1`,
      values: [id],
    });
    return row ?? null;
  }

  /** What to ask the consultation service about; null when there is no such comprobante. */
  async consultable(id: string): Promise<Consultable | null> {
    const [row] = await this.#db.query<Consultable>({
      name: 'cfdi.consultable',
      text: `SELECT id, issuer AS emisor, document->'receptor'->>'rfc' AS receptor, uuid, total::text AS total, sello, estado
               FROM cfdi.comprobante WHERE id = $1`,
      values: [id],
    });
    return row ?? null;
  }

  /**
   * Takes the comprobante, which every transaction about its cancellation does first: its request, its state at the tax
   * authority and its own row are written together, by whoever comes first.
   */
  async take(tx: Tx, id: string): Promise<void> {
    const text = 'SELECT FROM cfdi.comprobante WHERE id = $1 FOR UPDATE';
    await tx.query({ name: 'cfdi.take', text, values: [id] });
  }

  /** Stores the signed request. */
  async sign(
    tx: Tx,
    { id, number }: CancelacionRow,
    { bytes, sha256, noCertificado }: SolicitudFirmada,
  ): Promise<void> {
    await tx.query({
      text: `UPDATE cfdi.cancelacion SET signed = $3, sha256 = $4, no_certificado = $5, signed_at = agents.now()
              WHERE comprobante = $1 AND number = $2`,
      values: [id, number, bytes, sha256, noCertificado],
    });
  }

  /** Notes an attempt before its request leaves. Answers its number. */
  async attempt(tx: Tx, { id, number }: CancelacionRow, sha256: string, pac: string): Promise<number> {
    const [row] = await tx.query<{ attempt: number }>({
      text: `INSERT INTO cfdi.intento_de_cancelacion (comprobante, number, attempt, pac, sha256, started_at)
             SELECT $1, $2, coalesce(max(attempt), 0) + 1, $3, $4, agents.now()
               FROM cfdi.intento_de_cancelacion WHERE comprobante = $1 AND number = $2
             RETURNING attempt`,
      values: [id, number, pac, sha256],
    });
    if (row === undefined) throw new Error('An attempt was not noted.');
    return row.attempt;
  }

  /** Writes down what came of an attempt. */
  async ended(tx: Tx, { id, number }: CancelacionRow, attempt: number, ended: Ended): Promise<void> {
    await tx.query({
      text: `UPDATE cfdi.intento_de_cancelacion
                SET ended_at = agents.now(), outcome = $4, code = $5, message = $6
              WHERE comprobante = $1 AND number = $2 AND attempt = $3`,
      values: [id, number, attempt, ended.outcome, ended.code, ended.message],
    });
  }

  /** What a person is told while the request does not go on. */
  async waits(tx: Tx, { id, number }: CancelacionRow, error: ErrorDelComprobante): Promise<void> {
    await tx.query({
      text: 'UPDATE cfdi.cancelacion SET error = $3 WHERE comprobante = $1 AND number = $2 AND decided_at IS NULL',
      values: [id, number, JSON.stringify(error)],
    });
  }

  /** The tax authority may have the request although nobody answered: it is asked, too. */
  async askSoon(tx: Tx, { id, number }: CancelacionRow): Promise<void> {
    await tx.query({
      text: `UPDATE cfdi.cancelacion SET next_check_at = coalesce(next_check_at, agents.now() + interval '1 min')
              WHERE comprobante = $1 AND number = $2 AND decided_at IS NULL`,
      values: [id, number],
    });
  }

  /** The acknowledgement of a request that was decided before its answer came. */
  async acuseFound(tx: Tx, { id, number, emisor }: CancelacionRow, acuse: Buffer): Promise<void> {
    await tx.query({
      text: `UPDATE cfdi.cancelacion SET acuse = $3, acuse_at = agents.now()
              WHERE comprobante = $1 AND number = $2 AND acuse IS NULL`,
      values: [id, number, acuse],
    });
    await enqueue(tx, cfdiKinds.keepAcuse, { comprobanteId: id }, { scope: emisor });
  }

  /** The tax authority has the request. The acknowledgement is kept with it, and the status is asked from now on. */
  async taken(tx: Tx, row: CancelacionRow, acuse: Buffer | null): Promise<void> {
    await tx.query({
      text: `UPDATE cfdi.cancelacion
                SET estado = 'en_proceso', taken_at = coalesce(taken_at, agents.now()), error = NULL,
                    acuse = coalesce(acuse, $3), acuse_at = coalesce(acuse_at, CASE WHEN $3::bytea IS NULL THEN NULL ELSE agents.now() END),
                    next_check_at = agents.now() + interval '1 min'
              WHERE comprobante = $1 AND number = $2 AND decided_at IS NULL`,
      values: [row.id, row.number, acuse],
    });
    await this.#note(tx, row.id, 'cancelacion-pedida', false, 'El SAT recibió la solicitud de cancelación.');
    if (acuse !== null) await enqueue(tx, cfdiKinds.keepAcuse, { comprobanteId: row.id }, { scope: row.emisor });
    await this.askStatus(tx, row.id, row.emisor);
  }

  /** The comprobante is cancelled: by its open request, or by another hand. Its PDF is drawn anew, and says so. */
  async cancelled(tx: Tx, id: string): Promise<void> {
    await this.#decide(tx, id, 'aceptada', null);
    const rows = await tx.query<{ emisor: string }>({
      text: `UPDATE cfdi.comprobante SET estado = 'cancelado', error = NULL, updated_at = agents.now()
              WHERE id = $1 AND estado IN ('listo', 'cancelacion_pedida') RETURNING issuer AS emisor`,
      values: [id],
    });
    for (const { emisor: scope } of rows) {
      await this.#note(tx, id, 'cancelado', false, 'El SAT dice que el comprobante está cancelado.');
      await enqueue(tx, cfdiKinds.render, { comprobanteId: id }, { scope });
    }
  }

  /** The request came to nothing: the comprobante is what it was, with the reason. */
  async rejected(tx: Tx, id: string, error: ErrorDelComprobante): Promise<void> {
    await this.#decide(tx, id, 'rechazada', error);
    await tx.query({
      text: `UPDATE cfdi.comprobante SET estado = 'listo', error = $2, updated_at = agents.now()
              WHERE id = $1 AND estado = 'cancelacion_pedida'`,
      values: [id, JSON.stringify(error)],
    });
    const code = error.code === CANCELLATION_STOPPED ? error.code : 'cancelacion-rechazada';
    await this.#note(tx, id, code, true, error.message);
  }

  /** Keeps the tax authority's last answer, and when it is asked next about an open request. */
  async told(tx: Tx, id: string, estado: EstadoSat, nextCheckMs: number | null): Promise<void> {
    await tx.query({
      text: `INSERT INTO cfdi.estado_sat AS e (comprobante, codigo_estatus, estado, es_cancelable, estatus_cancelacion,
                                               validacion_efos, checked_at)
             VALUES ($1, $2, $3, $4, $5, $6, agents.now())
             ON CONFLICT (comprobante) DO UPDATE
                SET codigo_estatus = excluded.codigo_estatus, estado = excluded.estado,
                    es_cancelable = excluded.es_cancelable, estatus_cancelacion = excluded.estatus_cancelacion,
                    validacion_efos = excluded.validacion_efos, checked_at = excluded.checked_at`,
      values: [
        id,
        estado.codigoEstatus,
        estado.estado,
        estado.esCancelable,
        estado.estatusCancelacion,
        estado.validacionEfos,
      ],
    });
    if (nextCheckMs === null) return;
    await tx.query({
      text: `UPDATE cfdi.cancelacion SET checks = checks + 1, next_check_at = agents.now() + $2 * interval '1 ms'
              WHERE comprobante = $1 AND decided_at IS NULL`,
      values: [id, nextCheckMs],
    });
  }

  /** Enqueues the question at the consultation service. */
  async askStatus(tx: Tx, id: string, emisor: string): Promise<void> {
    const job = await enqueue(tx, cfdiKinds.status, { comprobanteId: id }, { scope: emisor });
    await tx.query({
      text: `INSERT INTO cfdi.estado_sat (comprobante, job) VALUES ($1, $2)
             ON CONFLICT (comprobante) DO UPDATE SET job = excluded.job`,
      values: [id, job],
    });
  }

  /** Open requests that the tax authority has or may have, which are due and have no question under way; each gets one. */
  async askDue(tx: Tx, most: number): Promise<number> {
    const rows = await tx.query<{ id: string; emisor: string }>({
      text: `SELECT c.id, c.issuer AS emisor FROM cfdi.cancelacion k JOIN cfdi.comprobante c ON c.id = k.comprobante
              LEFT JOIN cfdi.estado_sat e ON e.comprobante = k.comprobante
              WHERE k.decided_at IS NULL AND k.next_check_at <= agents.now()
                AND NOT EXISTS (SELECT FROM agents.job_listing j WHERE j.id = e.job AND j.state IN ('pending', 'running'))
              ORDER BY k.next_check_at LIMIT $1 FOR UPDATE OF c SKIP LOCKED`,
      values: [most],
    });
    for (const { id, emisor } of rows) await this.askStatus(tx, id, emisor);
    return rows.length;
  }

  /** Open requests whose job rests and of which that is not told yet, locked against whoever brings it back meanwhile. */
  async stopped(tx: Tx, most: number): Promise<readonly StoppedCancelacion[]> {
    const rests = `k.decided_at IS NULL AND k.estado = 'pedida' AND j.state IN ('in_doubt', 'dead', 'cancelled')
                   AND k.error->>'code' IS DISTINCT FROM '${CANCELLATION_STOPPED}'`;
    const from =
      'cfdi.cancelacion k JOIN cfdi.comprobante c ON c.id = k.comprobante JOIN agents.job_listing j ON j.id = c.job';
    const locked = await tx.query<{ id: string }>({
      text: `SELECT c.id FROM ${from} WHERE ${rests} ORDER BY c.id LIMIT $1 FOR UPDATE OF c SKIP LOCKED`,
      values: [most],
    });
    if (locked.length === 0) return [];
    // A job that is brought back comes before our lock: what was done until then is seen only now.
    return tx.query<StoppedCancelacion>({
      text: `SELECT c.id, k.number, j.state AS job,
                    EXISTS (SELECT FROM cfdi.intento_de_cancelacion i
                             WHERE i.comprobante = k.comprobante AND i.number = k.number
                               AND coalesce(i.outcome, 'unknown') = 'unknown') AS "isDoubtful"
               FROM ${from} WHERE c.id = ANY ($1) AND ${rests} ORDER BY c.id`,
      values: [locked.map(({ id }) => id)],
    });
  }

  /** A request that may have reached the tax authority goes out no more; what became of it is asked from now on. */
  async onlyAsked(tx: Tx, { id, number }: StoppedCancelacion, error: ErrorDelComprobante): Promise<void> {
    await tx.query({
      text: `UPDATE cfdi.cancelacion SET error = $3, next_check_at = agents.now()
              WHERE comprobante = $1 AND number = $2 AND decided_at IS NULL`,
      values: [id, number, JSON.stringify(error)],
    });
    await this.#note(tx, id, error.code, true, error.message);
  }

  /** Requests that are to be sent and have no job, as after a restore; each gets one. Never one that was stopped. */
  async resume(tx: Tx, most: number): Promise<number> {
    const lost = await tx.query<{ id: string; emisor: string }>({
      text: `SELECT c.id, c.issuer AS emisor FROM cfdi.cancelacion k JOIN cfdi.comprobante c ON c.id = k.comprobante
              WHERE k.decided_at IS NULL AND k.estado = 'pedida' AND c.updated_at < agents.now() - interval '1 min'
                AND k.error->>'code' IS DISTINCT FROM '${CANCELLATION_STOPPED}'
                AND NOT EXISTS (SELECT FROM agents.job_listing j WHERE j.id = c.job AND j.state <> 'done')
              ORDER BY c.id LIMIT $1 FOR UPDATE OF c SKIP LOCKED`,
      values: [most],
    });
    for (const { id, emisor } of lost) {
      const job = await enqueue(tx, cfdiKinds.cancel, { comprobanteId: id }, { scope: emisor });
      const text = 'UPDATE cfdi.comprobante SET job = $2, updated_at = agents.now() WHERE id = $1';
      await tx.query({ text, values: [id, job] });
    }
    return lost.length;
  }

  /** Object storage has the acknowledgement. */
  async acuseKept(tx: Tx, { id, number }: CancelacionRow, key: string): Promise<void> {
    await tx.query({
      text: 'UPDATE cfdi.cancelacion SET acuse_key = $3 WHERE comprobante = $1 AND number = $2',
      values: [id, number, key],
    });
  }

  /** One line of the comprobante's history, for the owner. */
  async #note(tx: Tx, id: string, code: string, isWarning: boolean, message: string): Promise<void> {
    await tx.query({
      text: 'INSERT INTO cfdi.suceso (comprobante, code, is_warning, message) VALUES ($1, $2, $3, $4)',
      values: [id, code, isWarning, message],
    });
  }

  async #decide(
    tx: Tx,
    id: string,
    estado: 'aceptada' | 'rechazada',
    error: ErrorDelComprobante | null,
  ): Promise<void> {
    await tx.query({
      text: `UPDATE cfdi.cancelacion SET estado = $2, decided_at = agents.now(), error = $3, next_check_at = NULL
              WHERE comprobante = $1 AND decided_at IS NULL`,
      values: [id, estado, error === null ? null : JSON.stringify(error)],
    });
  }
}
