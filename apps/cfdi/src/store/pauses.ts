import { Inject, Injectable } from '@nestjs/common';
import { Database, type Sql, type Tx } from '@nexora/database';

/** Why nothing of an issuer is stamped for a while. */
export interface Pause {
  readonly code: string;
  /** Spanish, for the owner. */
  readonly reason: string;
  readonly minutes: number;
}

/** probe: this one asks for all. wait: another does, or a person stopped the issuer. free: the issuer is not stopped. */
export type Turn = 'probe' | 'wait' | 'free';

/** Issuers that are stopped, by the PAC's refusal or by a person (`paused_code` = 'person'), and how they go on. */
@Injectable()
export class Pauses {
  readonly #db: Sql;

  constructor(@Inject(Database) db: Sql) {
    this.#db = db;
  }

  /**
   * Stops an issuer for a while, unless a person has stopped it. Answers true when it was not stopped before: then
   * people are told.
   */
  async pause(tx: Tx, rfc: string, { code, reason, minutes }: Pause): Promise<boolean> {
    const [before] = await tx.query<{ isPaused: boolean; byPerson: boolean }>({
      text: `SELECT paused_at IS NOT NULL AS "isPaused", coalesce(paused_code = 'person', false) AS "byPerson"
               FROM cfdi.issuer WHERE rfc = $1 FOR UPDATE`,
      values: [rfc],
    });
    if (before === undefined || before.byPerson) return false;
    await tx.query({
      text: `UPDATE cfdi.issuer i
                SET paused_at = coalesce(i.paused_at, agents.now()), paused_code = $2, paused_reason = $3,
                    paused_until = agents.now() + $4 * interval '1 min', probed_at = agents.now()
              WHERE i.rfc = $1`,
      values: [rfc, code, reason, minutes],
    });
    await tx.query({
      text: `SELECT agents.hold($2, 'cfdi.stamp', NULL, $1, agents.now() + $3 * interval '1 min')`,
      values: [rfc, reason, minutes],
    });
    return !before.isPaused;
  }

  /**
   * Whether a comprobante of an issuer that was seen stopped may ask the PAC now: one when the pause is over, or when a
   * person wants to know, over all processes. What asked and died leaves the turn to the next after two minutes.
   */
  async turn(rfc: string): Promise<Turn> {
    const [row] = await this.#db.query<{ turn: Turn }>({
      text: `WITH mine AS (
               UPDATE cfdi.issuer SET probed_at = agents.now()
                WHERE rfc = $1 AND paused_at IS NOT NULL AND paused_code <> 'person'
                  AND (probed_at IS NULL
                       OR (abs(date_part('epoch', agents.now() - probed_at)) > 120
                           AND paused_until NOT BETWEEN agents.now() AND agents.now() + interval '61 min'))
               RETURNING rfc, paused_reason),
             -- Else all that waits would come to ask for the turn, again and again while the PAC is thinking.
             held AS (SELECT agents.hold(m.paused_reason, 'cfdi.stamp', NULL, m.rfc, agents.now() + interval '2 min') AS id
                        FROM mine m)
             SELECT CASE WHEN (SELECT count(h.id) FROM held h) > 0 THEN 'probe'
                         WHEN EXISTS (SELECT FROM cfdi.issuer WHERE rfc = $1 AND paused_at IS NOT NULL) THEN 'wait'
                         ELSE 'free' END AS turn`,
      values: [rfc],
    });
    return row?.turn ?? 'free';
  }

  /**
   * Lets an issuer go on that the PAC had stopped: in the ledger too, and what was refused together with it need not
   * wait for its own time. Jobs before the hold, as a person's retry locks them. Answers false when it was not stopped,
   * or by a person.
   */
  async lift(tx: Tx, rfc: string): Promise<boolean> {
    const lifted = await tx.query({
      text: `UPDATE cfdi.issuer
                SET paused_at = NULL, paused_until = NULL, paused_code = NULL, paused_reason = NULL, probed_at = NULL
              WHERE rfc = $1 AND paused_at IS NOT NULL AND paused_code <> 'person' RETURNING rfc`,
      values: [rfc],
    });
    if (lifted.length === 0) return false;
    await tx.query({
      text: `SELECT agents.retry_jobs(ARRAY(SELECT j.id FROM agents.job_listing j
               WHERE j.kind = 'cfdi.stamp' AND j.scope = $1 AND j.state = 'pending' AND j.run_at > agents.now()))`,
      values: [rfc],
    });
    await tx.query({ text: `SELECT agents.unhold('cfdi.stamp', NULL, $1)`, values: [rfc] });
    return true;
  }
}
