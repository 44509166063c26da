import { Inject, Injectable } from '@nestjs/common';
import { Database, type Sql, type Tx } from '@nexora/database';

/** Stamps left in one account. */
export interface SaldoDeCuenta {
  /** Issuer whose account it is; null: one account for all. */
  readonly rfc: string | null;
  /** null: as many as one likes. */
  readonly left: number | null;
}

/** What is known of the stamps left. */
export interface Saldo {
  /** The fewest of the accounts; null: nobody asked yet, or as many as one likes. */
  readonly left: number | null;
  readonly isLow: boolean;
}

/** Stamps left at the PAC, as it last said; the only file that writes their SQL. */
@Injectable()
export class Saldos {
  readonly #db: Sql;

  constructor(@Inject(Database) db: Sql) {
    this.#db = db;
  }

  /** RFCs of the house's issuers. */
  async issuers(): Promise<readonly string[]> {
    const rows = await this.#db.query<{ rfc: string }>({ text: 'SELECT rfc FROM cfdi.issuer ORDER BY rfc' });
    return rows.map(({ rfc }) => rfc);
  }

  /** The last word of every account of the PAC. */
  async of(pac: string): Promise<Saldo> {
    const [row] = await this.#db.query<Saldo>({
      name: 'cfdi.saldo',
      text: `SELECT min(restantes) AS left, coalesce(bool_or(low_since IS NOT NULL), false) AS "isLow"
               FROM cfdi.saldo_de_timbres WHERE pac = $1`,
      values: [pac],
    });
    return row ?? { left: null, isLow: false };
  }

  /** Keeps what the PAC said. Accounts of which it said nothing are forgotten. */
  async keep(tx: Tx, pac: string, stamps: readonly SaldoDeCuenta[], low: number): Promise<void> {
    const rfcs = stamps.map(({ rfc }) => rfc ?? '');
    await tx.query({
      text: 'DELETE FROM cfdi.saldo_de_timbres WHERE pac <> $1 OR rfc <> ALL ($2::text[])',
      values: [pac, rfcs],
    });
    for (const { rfc, left } of stamps) {
      await tx.query({
        text: `INSERT INTO cfdi.saldo_de_timbres AS s (pac, rfc, restantes, checked_at, low_since)
               VALUES ($1, $2, $3::integer, agents.now(), CASE WHEN $3::integer < $4::integer THEN agents.now() END)
               ON CONFLICT (pac, rfc) DO UPDATE
                  SET restantes = excluded.restantes, checked_at = excluded.checked_at,
                      low_since = CASE WHEN excluded.restantes < $4::integer THEN coalesce(s.low_since, excluded.low_since) END`,
        values: [pac, rfc ?? '', left, low],
      });
    }
  }
}
