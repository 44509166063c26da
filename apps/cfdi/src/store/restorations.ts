import { Inject, Injectable } from '@nestjs/common';
import { CLOCK } from '@nexora/agent';
import { cfdiKinds } from '@nexora/contracts';
import { Database, type Sql, type Tx } from '@nexora/database';
import { enqueue } from '@nexora/outbox';
import type { Clock } from '@nexora/runtime';
import type { Hallado } from '../comprobante/hallado.ts';
import type { ComprobanteRow } from './comprobantes.ts';

/** The last restore that nobody has released as a whole. */
interface Restored {
  readonly restoredAt: Date;
  readonly notedAt: Date;
  readonly searchedAt: Date | null;
}

/** What is known of restores, as far as stamping must know it. */
interface Known {
  readonly restored: Restored | null;
  /** There are stamps in object storage that belong to no comprobante of the house. */
  readonly hasStrays: boolean;
}

/** A comprobante that the last restore holds back. */
export interface Held {
  readonly id: string;
  readonly issuer: string;
  readonly serie: string | null;
  readonly folio: string | null;
  readonly isSealed: boolean;
  readonly createdAt: Date;
}

/** A stamp in object storage of which the tables know nothing. */
export interface Stray {
  readonly uuid: string;
  readonly issuer: string;
  readonly tipo: string | null;
  readonly serie: string | null;
  readonly folio: string | null;
  readonly externalId: string | null;
  readonly xmlKey: string;
}

const LATELY_MS = 2_000;

/** What a restore leaves in doubt: comprobantes held back, and stamps of which the restored tables know nothing. */
@Injectable()
export class Restorations {
  readonly #db: Sql;
  readonly #clock: Clock;
  #known: { readonly at: number; readonly known: Promise<Known> } | undefined;

  constructor(@Inject(Database) db: Sql, @Inject(CLOCK) clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /**
   * Why a comprobante must not be sealed or sent yet, in Spanish; null when nothing is against it. Asked of the
   * database once in two seconds: a house that was never restored pays nothing.
   */
  async holds(row: ComprobanteRow): Promise<string | null> {
    const { restored, hasStrays } = await this.#lately();
    const isOld = restored !== null && isHeld(row, restored);
    if (restored !== null && restored.searchedAt === null) {
      // A sale that the tables have forgotten may be handed over again: until the strays are known, or the owner says
      // that there are none (release), new ones wait too.
      if (isOld || row.sealed === null) return SEARCHING;
    }
    if (isOld) return UNSURE;
    if (!hasStrays || row.releasedAt !== null || row.sealed !== null) return null;
    const stray = await this.#strayLike(row.id);
    return stray === null
      ? null
      : `Ya hay un timbre con este folio o externalId, de antes de la restauración (UUID ${stray}): revíselo`;
  }

  /** The restore that has not been searched yet, and when it was told; null when there is none. */
  async unsearched(sql: Sql | Tx = this.#db): Promise<{ readonly at: Date; readonly notedAt: Date } | null> {
    const text = `SELECT restored_at AS at, noted_at AS "notedAt" FROM cfdi.restauracion
                   WHERE searched_at IS NULL AND released_at IS NULL ORDER BY restored_at DESC LIMIT 1`;
    const [row] = await sql.query<{ at: Date; notedAt: Date }>({ text });
    return row ?? null;
  }

  /** What was released while its job was just about to wait on goes on now. Asks nothing of a house never restored. */
  async goesOn(tx: Tx): Promise<void> {
    await tx.query({
      text: `SELECT agents.retry_jobs(ARRAY(SELECT j.id FROM agents.job_listing j
               WHERE j.kind = 'cfdi.stamp' AND j.state = 'pending' AND j.run_at > agents.now()
                 AND j.last_error->>'detail' = $1
                 AND NOT EXISTS (SELECT FROM cfdi.retenido h WHERE h.id = (j.payload->>'comprobanteId')::uuid)))
              WHERE EXISTS (SELECT FROM cfdi.restauracion)`,
      values: [HELD_BACK],
    });
  }

  /** What it holds back. */
  held(): Promise<Held[]> {
    const text = `SELECT id, issuer, serie, folio, is_sealed AS "isSealed", created_at AS "createdAt" FROM cfdi.retenido ORDER BY id`;
    return this.#db.query<Held>({ text });
  }

  /** Which of these UUIDs belong to a comprobante of the house. */
  async known(uuids: readonly string[]): Promise<ReadonlySet<string>> {
    const text = 'SELECT uuid FROM cfdi.comprobante WHERE uuid = ANY ($1)';
    const rows = await this.#db.query<{ uuid: string }>({ text, values: [uuids] });
    return new Set(rows.map(({ uuid }) => uuid));
  }

  /** Keeps a stamp of which the tables know nothing, so that its folio is not used again. */
  async stray(stray: Stray): Promise<void> {
    await this.#db.query({
      text: `INSERT INTO cfdi.timbre_suelto (uuid, issuer, tipo, serie, folio, external_id, xml_key)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
      values: [stray.uuid, stray.issuer, stray.tipo, stray.serie, stray.folio, stray.externalId, stray.xmlKey],
    });
  }

  /** Gives a comprobante the stamp that was found for it; its PDF is next. Answers false when its row has moved on. */
  async adopt(
    tx: Tx,
    id: string,
    { timbre, xmlKey, ...found }: Hallado & { readonly xmlKey: string },
  ): Promise<boolean> {
    const [row] = await tx.query<{ issuer: string }>({
      text: `UPDATE cfdi.comprobante c
                SET estado = 'almacenado', uuid = $2, fecha_timbrado = $3, xml_key = $4, sello = $5, sha256 = coalesce(c.sha256, $6),
                    sealed_at = coalesce(c.sealed_at, agents.now()), fecha = $7, no_certificado = $8, sub_total = $9,
                    descuento = $10, total = $11, sealed = NULL, error = NULL, faults = NULL, motivo_espera = NULL,
                    updated_at = agents.now()
              WHERE c.id = $1 AND c.uuid IS NULL AND (c.sello IS NULL OR c.sello = $5) RETURNING c.issuer`,
      values: [
        id,
        timbre.uuid,
        timbre.fechaTimbrado,
        xmlKey,
        found.sello,
        found.sha256,
        found.fecha,
        found.noCertificado,
        found.subTotal,
        found.descuento,
        found.total,
      ],
    });
    if (row === undefined) return false;
    const job = await enqueue(tx, cfdiKinds.render, { comprobanteId: id }, { scope: row.issuer });
    await tx.query({ text: 'UPDATE cfdi.comprobante SET job = $2 WHERE id = $1', values: [id, job] });
    return true;
  }

  /**
   * The storage was searched. What is sealed may go on, with the same bytes only and as after a try of unknown outcome:
   * since the backup it may have been sent. What is not sealed waits for the owner.
   */
  async searched(tx: Tx, at: Date, found: number): Promise<void> {
    // Jobs before rows, as everybody locks them.
    await tx.query({
      text: `SELECT agents.retry_jobs(ARRAY(SELECT j.id FROM agents.job_listing j
               WHERE j.kind = 'cfdi.stamp' AND j.state = 'pending' AND j.last_error->>'detail' = $1))`,
      values: [HELD_BACK],
    });
    const doubted = await tx.query<{ comprobante: string }>({
      text: `INSERT INTO cfdi.intento (comprobante, number, revision, pac, sha256, started_at, ended_at, outcome, code, message)
             SELECT c.id, 1 + coalesce((SELECT max(i.number) FROM cfdi.intento i WHERE i.comprobante = c.id), 0), c.revision,
                    c.pac, c.sha256, c.sealed_at, agents.now(), 'unknown', 'restored',
                    'Se restauró un respaldo: pudo haberse enviado después.'
               FROM cfdi.retenido h JOIN cfdi.comprobante c ON c.id = h.id WHERE h.is_sealed AND h.restored_at = $1
             RETURNING comprobante`,
      values: [at],
    });
    await tx.query({
      text: `UPDATE cfdi.comprobante c SET released_at = agents.now(), motivo_espera = NULL,
                    estado = CASE c.estado WHEN 'sellado' THEN 'enviando' ELSE c.estado END
              WHERE c.id = ANY ($1)`,
      values: [doubted.map(({ comprobante }) => comprobante)],
    });
    await tx.query({
      text: `UPDATE cfdi.comprobante c SET motivo_espera = $2
              WHERE c.estado = 'pendiente' AND c.id IN (SELECT h.id FROM cfdi.retenido h WHERE h.restored_at = $1)`,
      values: [at, UNSURE],
    });
    await tx.query({
      text: 'UPDATE cfdi.restauracion SET searched_at = agents.now(), found = $2 WHERE restored_at = $1',
      values: [at, found],
    });
  }

  #lately(): Promise<Known> {
    const now = this.#clock.monotonic();
    if (this.#known === undefined || now - this.#known.at > LATELY_MS) {
      const known = this.#ask();
      this.#known = { at: now, known };
      // While a restore is open every word about it counts at once: nothing of it is remembered.
      known.then(
        ({ restored }) => restored !== null && this.#forget(known),
        () => this.#forget(known),
      );
      return known;
    }
    return this.#known.known;
  }

  #forget(known: Promise<Known>): void {
    if (this.#known?.known === known) this.#known = undefined;
  }

  async #ask(): Promise<Known> {
    const [row] = await this.#db.query<Partial<Restored> & { hasStrays: boolean }>({
      name: 'cfdi.restored',
      text: `SELECT r.restored_at AS "restoredAt", r.noted_at AS "notedAt", r.searched_at AS "searchedAt",
                    EXISTS (SELECT FROM cfdi.timbre_suelto) AS "hasStrays"
               FROM (SELECT 1) one LEFT JOIN LATERAL (
                    SELECT x.* FROM cfdi.restauracion x ORDER BY x.restored_at DESC LIMIT 1) r ON r.released_at IS NULL`,
    });
    const { restoredAt, notedAt, searchedAt = null, hasStrays = false } = row ?? {};
    return { restored: restoredAt && notedAt ? { restoredAt, notedAt, searchedAt } : null, hasStrays };
  }

  /** UUID of a stray stamp with this comprobante's externalId, or its tipo, serie and folio. */
  async #strayLike(id: string): Promise<string | null> {
    const [row] = await this.#db.query<{ uuid: string }>({
      text: `SELECT t.uuid FROM cfdi.comprobante c JOIN cfdi.timbre_suelto t ON t.issuer = c.issuer
                AND (t.external_id = c.external_id
                     OR (t.folio = c.folio AND coalesce(t.serie, '') = coalesce(c.serie, '') AND coalesce(t.tipo, c.tipo) = c.tipo))
              WHERE c.id = $1 LIMIT 1`,
      values: [id],
    });
    return row?.uuid ?? null;
  }
}

function isHeld({ createdAt, releasedAt }: ComprobanteRow, { restoredAt, notedAt }: Restored): boolean {
  return createdAt <= restoredAt && (releasedAt === null || releasedAt < notedAt);
}

/** Why the job of a comprobante that is held back waits. */
export const HELD_BACK = 'held back after a restore';

const SEARCHING = 'Se restauró un respaldo: se busca en el almacén si ya estaba timbrado';
const UNSURE = 'Se restauró un respaldo: confirme en el portal del PAC que no se timbró, y libérelo';
