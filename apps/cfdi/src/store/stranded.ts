import { Injectable } from '@nestjs/common';
import type { Tx } from '@nexora/database';
import type { ErrorDelComprobante, Estado } from '../comprobante/estados.ts';

/** A row that goes on by itself, and whose job nevertheless ended without a word of its handler. */
export interface Stopped {
  readonly id: string;
  readonly estado: Estado;
  /** What became of the job. */
  readonly job: 'in_doubt' | 'dead' | 'cancelled';
  /** Code of the job's last error; null when it has none. */
  readonly code: string | null;
  /** An attempt has an unknown outcome: nobody may guess. */
  readonly isDoubtful: boolean;
}

/** Rows whose job and whose state came apart: it was lost in a restore, died under its process, was cancelled by a person. */
@Injectable()
export class Stranded {
  /** Rows whose job rests, locked against whoever brings it back meanwhile. */
  async stopped(tx: Tx, most: number): Promise<readonly Stopped[]> {
    const rests = `c.estado IN (${ON_THEIR_WAY}) AND j.state IN ('in_doubt', 'dead', 'cancelled')
                   AND NOT (c.estado IN ('timbrado', 'almacenado') AND c.error IS NOT NULL)`;
    const locked = await tx.query<{ id: string }>({
      text: `SELECT c.id FROM cfdi.comprobante c JOIN agents.job_listing j ON j.id = c.job
              WHERE ${rests} ORDER BY c.id LIMIT $1 FOR UPDATE OF c SKIP LOCKED`,
      values: [most],
    });
    if (locked.length === 0) return [];
    // A person's retry brings the job back before it locks the row: what it did before our lock is seen only now.
    return tx.query<Stopped>({
      text: `SELECT c.id, c.estado, j.state AS job, j.last_error->>'code' AS code, cfdi.is_doubtful(c.id) AS "isDoubtful"
               FROM cfdi.comprobante c JOIN agents.job_listing j ON j.id = c.job
              WHERE c.id = ANY ($1) AND ${rests} ORDER BY c.id`,
      values: [locked.map(({ id }) => id)],
    });
  }

  /** Says of a row why it does not go on. */
  async rests(tx: Tx, id: string, estado: Estado, error: ErrorDelComprobante): Promise<void> {
    await tx.query({
      text: `UPDATE cfdi.comprobante SET estado = $2, error = $3, faults = NULL, motivo_espera = NULL,
                    updated_at = agents.now() WHERE id = $1`,
      values: [id, estado, JSON.stringify(error)],
    });
  }

  /** Says of rows that are tried again and again without ever coming to a word of their own that this is so. */
  async failing(tx: Tx, motivo: string, most: number): Promise<void> {
    await tx.query({
      text: `UPDATE cfdi.comprobante SET motivo_espera = $1
              WHERE id IN (SELECT c.id FROM cfdi.comprobante c JOIN agents.job_listing j ON j.id = c.job
                            WHERE c.estado IN ('pendiente', 'sellado', 'enviando') AND c.error IS NULL
                              AND c.motivo_espera IS NULL AND j.state = 'pending'
                              AND (j.losses > 1 OR j.last_error->>'code' IN ('agents.failed', 'agents.timeout'))
                            ORDER BY c.id LIMIT $2 FOR UPDATE OF c SKIP LOCKED)`,
      values: [motivo, most],
    });
  }

  /** Rows that go on by themselves but have no job, as after a restore; they are given one. Answers how many. */
  async pickUp(tx: Tx, most: number): Promise<number> {
    const text = 'SELECT cfdi.adopt($1) AS adopted';
    const [row] = await tx.query<{ adopted: number }>({ text, values: [most] });
    return row?.adopted ?? 0;
  }
}

const ON_THEIR_WAY = `'pendiente', 'sellado', 'enviando', 'timbrado', 'almacenado'`;
