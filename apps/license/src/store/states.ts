import type { LicenseMode } from '@nexora/contracts';
import type { Sql, Tx } from '@nexora/database';
import type { Asked, Envelope, TimeMark } from '@nexora/licensing';
import type { OpenQuestions } from '../judging/judge.ts';
import { keptOf, NOTHING_KEPT, type Kept, type KeptRefusal } from '../judging/kept.ts';
import type { LicenseState, StoredState } from '../judging/license-state.ts';

/** The one row of what is known, with the house's time of the moment in which it was read. */
export interface StateRow {
  readonly now: Date;
  readonly kept: Kept;
  readonly crlEtag: string | null;
  /** What was decided last; null before the first time. */
  readonly mode: LicenseMode | null;
  readonly reason: string | null;
  /** What the clock was found to be last. */
  readonly verdict: string | null;
  readonly lastSuccess: Date | null;
  readonly crlCheckedAt: Date | null;
  /** A person asked for a renewal that could not be had yet. */
  readonly renewalAsked: boolean;
}

/** What is written of it. */
export interface StateChange extends Omit<StateRow, 'now'> {
  readonly answer: StoredState;
  /** The binding that a request on paper carries. */
  readonly binding: readonly string[];
  readonly portal: string;
}

/** One line of the history. */
export interface HistoryLine {
  readonly what: 'mode' | 'document' | 'crl' | 'clock' | 'machine' | 'refusal' | 'refused' | 'rebind';
  readonly before: unknown;
  readonly after: unknown;
}

interface Columns {
  readonly now: Date;
  readonly document: Envelope | null;
  readonly crl: Envelope | null;
  readonly leftSeries: string[];
  readonly mark: TimeMark | null;
  readonly refusal: KeptRefusal | null;
  readonly machineChangedAt: Date | null;
  readonly reboundAt: Date | null;
  readonly installationId: string | null;
  readonly crlEtag: string | null;
  readonly mode: LicenseMode | null;
  readonly reason: string | null;
  readonly verdict: string | null;
  readonly lastSuccess: Date | null;
  readonly crlCheckedAt: Date | null;
  readonly renewalAsked: boolean;
}

const COLUMNS = `agents.now() AS now, s.document, s.crl, coalesce(s.left_series, '{}') AS "leftSeries", s.mark, s.refusal,
  s.machine_changed_at AS "machineChangedAt", s.rebound_at AS "reboundAt", s.installation_id AS "installationId",
  s.crl_etag AS "crlEtag", s.mode, s.reason, s.verdict, s.last_success AS "lastSuccess",
  s.crl_checked_at AS "crlCheckedAt", coalesce(s.renewal_asked, false) AS "renewalAsked"`;

/** Any number; held by whoever asks the portal, over all replicas. It ends with its transaction, and so with its process. */
const ASKING = 74_015_301;

/** Where a changed document, list or refusal is rung. */
export const LICENSE_CHANNEL = 'agents_license';

/** How long a reply may be on its way: it may be carried by hand. */
const NONCE_LIFE = `interval '30 days'`;

/** SQL on the tables of the licence; the only file that knows them. */
export const states = {
  /** What is known now; nothing when somebody has emptied the table. */
  async read(sql: Sql): Promise<StateRow> {
    const [row] = await sql.query<Columns>({
      text: `SELECT ${COLUMNS} FROM (VALUES (true)) one (there) LEFT JOIN license.state s ON s.only_row`,
    });
    if (row === undefined) throw new Error('One row answers none.');
    return rowOf(row);
  },

  /** False when somebody has emptied the table. */
  async isThere(sql: Sql): Promise<boolean> {
    return (await sql.query({ text: 'SELECT FROM license.state' })).length > 0;
  },

  /** Should somebody have emptied the table: the file knows what was in it. */
  async begin(sql: Sql): Promise<void> {
    await sql.query({ text: 'SELECT license.begin()' });
  },

  /** The same, and nobody else decides until the transaction has ended. The time is that of after the wait. */
  async lock(tx: Tx): Promise<StateRow> {
    const rows = await tx.query({ text: 'SELECT FROM license.state FOR UPDATE' });
    if (rows.length > 0) return states.read(tx);
    await states.begin(tx);
    return states.lock(tx);
  },

  /** Writes what came of a decision. */
  async write(tx: Tx, change: StateChange): Promise<void> {
    const { kept } = change;
    await tx.query({
      text: `UPDATE license.state s
                SET document = $1, crl = $2, crl_etag = $3, left_series = $4, mark = $5, refusal = $6,
                    machine_changed_at = $7, rebound_at = $8, installation_id = $9, mode = $10, reason = $11, verdict = $12,
                    answer = $13, last_success = $14, crl_checked_at = $15, renewal_asked = $16, binding = $17, portal = $18`,
      values: [
        json(kept.document),
        json(kept.crl),
        change.crlEtag,
        kept.leftSeries,
        json(kept.mark),
        json(kept.refusal),
        kept.machineChangedAt,
        kept.reboundAt,
        kept.installationId,
        change.mode,
        change.reason,
        change.verdict,
        json(change.answer),
        change.lastSuccess,
        change.crlCheckedAt,
        change.renewalAsked,
        json(change.binding),
        change.portal,
      ],
    });
  },

  /** What is answered to whoever asks. */
  async answer(sql: Sql): Promise<LicenseState> {
    const [row] = await sql.query<{ state: LicenseState }>({ text: 'SELECT state FROM agents.license_state' });
    if (row === undefined) throw new Error('agents.license_state answered nothing.');
    return row.state;
  },

  /** Writes the history. What is refused again for the same reason, with nothing taken in between, is no new line. */
  async remember(tx: Tx, lines: readonly HistoryLine[]): Promise<void> {
    for (const { what, before, after } of lines) {
      await tx.query({
        text: `INSERT INTO license.history (what, before, after)
               SELECT $1, $2, $3::jsonb
                WHERE $1 <> 'refused' OR $3::jsonb IS DISTINCT FROM (
                  SELECT h.after FROM license.history h
                   WHERE h.what IN ('document', 'crl') OR (h.what = 'refused' AND h.after -> 'source' = $3::jsonb -> 'source')
                   ORDER BY h.id DESC LIMIT 1)`,
        values: [what, json(before), json(after)],
      });
    }
  },

  /** Has the other processes look again: what they wait for has changed. */
  async ring(tx: Tx): Promise<void> {
    await tx.query({ text: 'SELECT pg_notify($1, NULL)', values: [LICENSE_CHANNEL] });
  },

  /** Waits until nobody else asks the portal, or says at once that somebody does. Held to the transaction's end. */
  async aloneAtPortal(tx: Tx, wait: boolean): Promise<boolean> {
    if (wait) {
      await tx.query({ text: 'SELECT pg_advisory_xact_lock($1)', values: [ASKING] });
      return true;
    }
    const rows = await tx.query<{ got: boolean }>({
      text: 'SELECT pg_try_advisory_xact_lock($1) AS got',
      values: [ASKING],
    });
    return rows[0]?.got === true;
  },

  /** Numbers of ours that a reply carried by hand may answer. */
  async questions(sql: Sql): Promise<OpenQuestions> {
    const rows = await sql.query<{ nonce: string; licenseId: string; asked: Asked }>({
      text: `SELECT n.nonce, n.license_id AS "licenseId", n.asked FROM license.nonce n
              WHERE n.answered IS NULL AND n.made_at BETWEEN agents.now() - ${NONCE_LIFE} AND agents.now() + ${NONCE_LIFE}`,
    });
    return new Map(rows.map(({ nonce, licenseId, asked }) => [nonce, { licenseId, asked }]));
  },

  /** A number is answered once. */
  async answered(tx: Tx, nonce: string, sha256: string): Promise<void> {
    await tx.query({ text: 'UPDATE license.nonce SET answered = $2 WHERE nonce = $1', values: [nonce, sha256] });
  },

  /** Whether this very reply was taken before. */
  async wasTaken(sql: Sql, sha256: string): Promise<boolean> {
    const rows = await sql.query({ text: 'SELECT FROM license.nonce WHERE answered = $1', values: [sha256] });
    return rows.length > 0;
  },

  /** A request for a person to carry; nulls when there is no licence to renew. */
  async request(sql: Sql): Promise<PaperRequest> {
    const rows = await sql.query<{ request: PaperRequest }>({ text: 'SELECT license.request() AS request' });
    return rows[0]?.request ?? { licenseId: null, nonce: null, binding: null, portal: '' };
  },

  /** Keys of the warnings that were told. */
  async warningsTold(sql: Sql, licenseId: string): Promise<ReadonlySet<string>> {
    const rows = await sql.query<{ key: string }>({
      text: 'SELECT key FROM license.warning WHERE license_id = $1',
      values: [licenseId],
    });
    return new Set(rows.map(({ key }) => key));
  },

  async warned(tx: Tx, licenseId: string, key: string): Promise<void> {
    await tx.query({
      text: 'INSERT INTO license.warning (license_id, key) VALUES ($1, $2) ON CONFLICT DO NOTHING',
      values: [licenseId, key],
    });
  },

  /** Kinds that wait while the licence is limited. */
  async kindsThatWait(sql: Sql): Promise<string[]> {
    const rows = await sql.query<{ kind: string }>({ text: 'SELECT kind FROM agents.waits_for_license ORDER BY kind' });
    return rows.map(({ kind }) => kind);
  },

  /** Whether the line is there for the renewal of the licence, as far as the sync agent knows. */
  async isLineThere(sql: Sql): Promise<boolean> {
    const rows = await sql.query<{ open: boolean }>({
      text: `SELECT 'licence' = ANY (agents.open_classes()) AS open`,
    });
    return rows[0]?.open ?? true;
  },

  /** Whether a renewal waits in the outbox, or runs. */
  async isRenewalHandedOver(sql: Sql): Promise<boolean> {
    const rows = await sql.query({
      text: `SELECT FROM agents.job_listing j
              WHERE j.kind = 'license.renew' AND j.state IN ('pending', 'running', 'in_doubt') LIMIT 1`,
    });
    return rows.length > 0;
  },
};

/** What a person carries to the portal. */
export interface PaperRequest {
  readonly licenseId: string | null;
  readonly nonce: string | null;
  readonly binding: readonly [string, string, string] | null;
  readonly portal: string;
}

function json(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}

function rowOf(row: Columns): StateRow {
  const { document, crl, leftSeries, mark, refusal, machineChangedAt, reboundAt, installationId, ...rest } = row;
  const kept = keptOf({ document, crl, leftSeries, mark, refusal, machineChangedAt, reboundAt, installationId });
  return { ...rest, kept: kept ?? NOTHING_KEPT };
}
