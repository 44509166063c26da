import { cfdiKinds } from '@nexora/contracts';
import type { Sql, Tx } from '@nexora/database';
import { wakeWith } from '@nexora/outbox';
import { Problem } from '../http/problem.ts';
import { askingSql } from '../http/sql-refusal.ts';

/** Lets no other request cancel the same comprobante until this transaction ends, so that one of two equal ones is the first. */
export async function alone(tx: Tx, id: string): Promise<void> {
  const text = 'SELECT pg_advisory_xact_lock(hashtextextended($1, 0))';
  await tx.query({ text, values: [`cancel ${id}`] });
}

/**
 * Asks for the cancellation. Answers the job that does it.
 * @throws Problem 404, 409 in a state in which it cannot be cancelled, 422 for motivo or substitute.
 */
export async function cancel(tx: Tx, id: string, motivo: string, folioSustitucion: string | null): Promise<string> {
  const text = 'SELECT agents.cancel_comprobante($1, $2, $3) AS job';
  const rows = askingSql(tx.query<{ job: string }>({ text, values: [id, motivo, folioSustitucion] }));
  wakeWith(tx, [cfdiKinds.cancel.name]);
  return only(await rows).job;
}

/**
 * Has the tax authority asked for the state of a comprobante. Answers the job that does it.
 * @throws Problem 404, 409 for one that is not stamped.
 */
export async function check(tx: Tx, id: string): Promise<string> {
  const text = 'SELECT agents.check_comprobante($1) AS job';
  const rows = askingSql(tx.query<{ job: string }>({ text, values: [id] }));
  wakeWith(tx, [cfdiKinds.status.name]);
  return only(await rows).job;
}

/**
 * The acknowledgement of a cancellation.
 * @throws Problem 404 for an unknown comprobante, 409 while there is none.
 */
export async function acuse(sql: Sql, id: string): Promise<{ bytes: Buffer; uuid: string | null }> {
  const text = `SELECT t.acuse, s.uuid FROM agents.comprobante_status s
                  JOIN agents.comprobante_sat t ON t.comprobante = s.id WHERE s.id = $1`;
  const [row] = await sql.query<{ acuse: string | Buffer | null; uuid: string | null }>({ text, values: [id] });
  if (row === undefined) throw new Problem('cfdi.not-found', 'No existe ese comprobante. Revise el id.');
  if (row.acuse === null) {
    throw new Problem('cfdi.not-ready', 'No hay acuse: el SAT no ha recibido ninguna solicitud de cancelación.');
  }
  return { bytes: typeof row.acuse === 'string' ? Buffer.from(row.acuse) : row.acuse, uuid: row.uuid };
}

function only<T>([row]: readonly T[]): T {
  if (row === undefined) throw new Error('A statement that always answers one row answered none.');
  return row;
}
