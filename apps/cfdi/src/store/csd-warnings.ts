import { Inject, Injectable } from '@nestjs/common';
import { Database, type Sql, type Tx } from '@nexora/database';

/** At least so many days before a CSD ends people are told, once each. */
const WARNING_DAYS = [60, 30, 7, 1] as const;

/** A warning that is due now. */
export interface CsdWarning {
  readonly numero: string;
  /** Which of the warnings. */
  readonly days: number;
  /** Whole days that are left. */
  readonly daysLeft: number;
}

/** How long the CSD of an issuer goes on; null for an issuer that has none. */
export interface CsdLife {
  readonly numero: string | null;
  readonly daysLeft: number | null;
  /** Whether the issuer can seal now. */
  readonly seals: boolean;
  /** Day from which the certificate is valid, while that is still to come; null afterwards. */
  readonly validFrom: string | null;
}

/** Which warnings were given before a CSD ends. */
@Injectable()
export class CsdWarnings {
  readonly #db: Sql;

  constructor(@Inject(Database) db: Sql) {
    this.#db = db;
  }

  /** Of each issuer the certificate that lasts longest, the one that ends first at the top. */
  lives(): Promise<CsdLife[]> {
    return this.#db.query<CsdLife>({
      name: 'cfdi.csd-lives',
      text: `SELECT d.numero, d.days_left AS "daysLeft",
                    CASE WHEN d.valid_from > agents.now() THEN (d.valid_from AT TIME ZONE 'UTC')::date::text END AS "validFrom",
                    EXISTS (SELECT FROM cfdi.csds u WHERE u.rfc = i.rfc AND u.in_use) AS seals
               FROM cfdi.issuer i
               LEFT JOIN LATERAL (SELECT x.* FROM cfdi.csds x WHERE x.rfc = i.rfc
                                   ORDER BY x.valid_to DESC, x.numero DESC LIMIT 1) d ON true
              ORDER BY d.valid_to NULLS FIRST, i.rfc`,
    });
  }

  /**
   * Notes the warnings that are due and answers them. After a time off only the nearest is told: a certificate with five
   * days left needs no word about sixty. One that has a successor needs none at all. It is looked at once a day, so what
   * would be due before the next look is told now: a warning may come up to a day early, never late.
   */
  take(tx: Tx): Promise<CsdWarning[]> {
    return tx.query<CsdWarning>({
      text: `WITH last AS (SELECT DISTINCT ON (d.rfc) d.numero, d.valid_to, d.days_left FROM cfdi.csds d
                            ORDER BY d.rfc, d.valid_to DESC, d.numero DESC),
                  noted AS (
               INSERT INTO cfdi.csd_aviso (numero, days)
               SELECT l.numero, t.days FROM last l, unnest($1::integer[]) AS t (days)
                WHERE l.valid_to > agents.now() AND l.valid_to - agents.now() <= (t.days + 1) * interval '24 hours'
               ON CONFLICT DO NOTHING RETURNING numero, days)
             SELECT l.numero, min(n.days) AS days, l.days_left AS "daysLeft"
               FROM noted n JOIN last l USING (numero) GROUP BY l.numero, l.days_left ORDER BY l.numero`,
      values: [WARNING_DAYS],
    });
  }
}
