import { cfdiKinds } from '@nexora/contracts';
import type { DatosDelEmisor } from '@nexora/comprobante';
import type { Sql, Tx } from '@nexora/database';
import { wakeWith } from '@nexora/outbox';
import { askingSql } from '../http/sql-refusal.ts';

/** An issuer as the view `agents.issuers` shows it. */
export interface IssuerRow {
  readonly rfc: string;
  readonly nombre: string;
  readonly regimen_fiscal: string;
  readonly zona_horaria: string | null;
  readonly paused_at: Date | null;
  readonly paused_until: Date | null;
  readonly paused_code: string | null;
  readonly paused_reason: string | null;
}

/** A certificate as the view `agents.issuer_csds` shows it. */
export interface CsdRow {
  readonly rfc: string;
  readonly numero: string;
  readonly valid_from: Date;
  readonly valid_to: Date;
  readonly added_at: Date;
  readonly days_left: number;
  readonly in_use: boolean;
  readonly warned_days: number | null;
}

/** A CSD whose private key lies in an envelope. */
export interface ClosedCsd {
  readonly rfc: string;
  readonly numero: string;
  readonly certificate: Buffer;
  readonly sobre: Buffer;
  readonly validFrom: Date;
  readonly validTo: Date;
  /** Where the envelope is addressed. */
  readonly direccion: Buffer;
}

/** Issuers, all or one. */
export function issuers(sql: Sql, rfc: string | null = null): Promise<IssuerRow[]> {
  const text = `SELECT rfc, nombre, regimen_fiscal, zona_horaria, paused_at, paused_until, paused_code, paused_reason
                  FROM agents.issuers WHERE $1::text IS NULL OR rfc = $1 ORDER BY rfc`;
  return sql.query<IssuerRow>({ text, values: [rfc] });
}

/** Certificates of all issuers or of one, newest first. */
export function csds(sql: Sql, rfc: string | null = null): Promise<CsdRow[]> {
  const text = `SELECT rfc, numero, valid_from, valid_to, added_at, days_left, in_use, warned_days
                  FROM agents.issuer_csds WHERE $1::text IS NULL OR rfc = $1 ORDER BY rfc, valid_to DESC, numero DESC`;
  return sql.query<CsdRow>({ text, values: [rfc] });
}

/** The house's time, and where envelopes for the agent are addressed; null before it ran for the first time. */
export async function mailbox(sql: Sql): Promise<{ now: Date; direccion: Buffer | null }> {
  const text = 'SELECT agents.now() AS now, (SELECT direccion FROM agents.csd_mailbox) AS direccion';
  const [row] = await sql.query<{ now: Date; direccion: Buffer | null }>({ text });
  if (row === undefined) throw new Error('A statement that always answers one row answered none.');
  return row;
}

/** Registers an issuer, or changes its data. Answers whether it is new. */
export async function putIssuer(tx: Tx, { rfc, nombre, regimenFiscal, zonaHoraria }: DatosDelEmisor): Promise<boolean> {
  return told(tx, 'agents.put_issuer($1, $2, $3, $4)', [rfc, nombre, regimenFiscal, zonaHoraria]);
}

/** How the PDFs of an issuer look. */
export interface IssuerStyle {
  /** PNG or JPEG; null: none. */
  readonly logo: Buffer | null;
  /** `#rrggbb`; null: the colour of the house. */
  readonly color: string | null;
  readonly idioma: 'es' | 'en';
}

/** Sets all of it at once. A logo is made ready for print when it is drawn. @throws Problem 404 for an unknown issuer */
export async function putStyle(tx: Tx, rfc: string, { logo, color, idioma }: IssuerStyle): Promise<void> {
  const text = 'SELECT agents.put_issuer_style($1, $2, $3, $4)';
  await askingSql(tx.query({ text, values: [rfc, logo, color, idioma] }));
}

/** Keeps a CSD for the agent. Answers whether it is new. @throws Problem 404 for an unknown issuer, 409 */
export async function putCsd(tx: Tx, csd: ClosedCsd): Promise<boolean> {
  const { rfc, numero, certificate, sobre, validFrom, validTo, direccion } = csd;
  const values = [rfc, numero, certificate, sobre, validFrom, validTo, direccion];
  const isNew = await told(tx, 'agents.put_csd($1, $2, $3, $4, $5, $6, $7)', values);
  wakeWith(tx, [cfdiKinds.stamp.name]);
  return isNew;
}

/** Stops an issuer by a person's wish. @throws Problem 404, 422 without a reason */
export async function pause(tx: Tx, rfc: string, reason: string): Promise<boolean> {
  return told(tx, 'agents.pause_issuer($1, $2)', [rfc, reason]);
}

/** Lets an issuer go on. Answers whether it had been stopped. @throws Problem 404 */
export async function resume(tx: Tx, rfc: string): Promise<boolean> {
  const wasPaused = await told(tx, 'agents.resume_issuer($1)', [rfc]);
  wakeWith(tx, [cfdiKinds.stamp.name]);
  return wasPaused;
}

async function told(tx: Tx, call: string, values: readonly unknown[]): Promise<boolean> {
  const [row] = await askingSql(tx.query<{ answer: boolean }>({ text: `SELECT ${call} AS answer`, values }));
  return row?.answer === true;
}
