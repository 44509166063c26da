import { Inject, Injectable } from '@nestjs/common';
import { Database, type Sql, type Statement, type Tx } from '@nexora/database';
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

/** An attempt that was noted. */
export interface Started {
  /** Its number. */
  readonly attempt: number;
  readonly sealedAt: Date;
}

/** The stamped XML, and the trace that what follows belongs to. */
export interface Kept {
  readonly xml: Buffer;
  readonly traceparent: string | null;
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

  /**
   * Notes an attempt before its request leaves, pins the row to the PAC, and stores the seal where it was made just now.
   * Answers `Started`; fails when the row has moved on meanwhile.
   */
  tryStamp({ id, revision, sealed }: ComprobanteRow, seal: Seal | null, pac: string): Statement {
    const text = 'SELECT attempt, sealed_at AS "sealedAt" FROM cfdi.try_stamp($1, $2, $3';
    if (seal === null) return { name: 'cfdi.try', text: `${text})`, values: [id, sealed?.sha256, pac] };
    const { sellado, importes } = seal;
    return {
      name: 'cfdi.seal-and-try',
      text: `${text}, $4, $5, $6, $7, $8, $9, $10, $11)`,
      values: [
        id,
        sellado.sha256,
        pac,
        revision,
        sellado.bytes,
        sellado.sello,
        sellado.fecha,
        sellado.noCertificado,
        importes.subTotal,
        importes.descuento,
        importes.total,
      ],
    };
  }

  /** Keeps the stamp and the XML, and enqueues its storage. A UUID that another row has breaks the unique index. */
  keepStamp(id: string, attempt: number, { uuid, fechaTimbrado }: Timbre, kept: Kept): Statement {
    return {
      name: 'cfdi.keep-stamp',
      text: 'SELECT cfdi.keep_stamp($1, $2, $3, $4, $5, $6)',
      values: [id, attempt, uuid, fechaTimbrado, kept.xml, kept.traceparent],
    };
  }

  /** Object storage has the XML: Postgres lets go of its copy, and the PDF is next. */
  keepXml(id: string, key: string, traceparent: string | null): Statement {
    return { name: 'cfdi.keep-xml', text: 'SELECT cfdi.keep_xml($1, $2, $3)', values: [id, key, traceparent] };
  }

  /** XML and PDF are there. */
  keepPdf(id: string, key: string, traceparent: string | null): Statement {
    return { name: 'cfdi.keep-pdf', text: 'SELECT cfdi.keep_pdf($1, $2, $3)', values: [id, key, traceparent] };
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
}
