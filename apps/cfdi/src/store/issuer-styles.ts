import { Inject, Injectable } from '@nestjs/common';
import { Database, type Sql } from '@nexora/database';
import { logoListo } from '../representacion/logo.ts';

/** How the representación impresa of an issuer looks. */
export interface IssuerStyle {
  /** PNG or JPEG, at most 512 kB; null: none. */
  readonly logo: Buffer | null;
  /** Colour of headings, `#rrggbb`; null: the colour of the house. */
  readonly color: string | null;
  /** Language of the labels; what the tax authority names keeps its code in both. */
  readonly idioma: 'es' | 'en';
}

/** How it looks for an issuer that said nothing. */
export const DEFAULT_STYLE: IssuerStyle = { logo: null, color: null, idioma: 'es' };

/** Logo, colour and language of each issuer's PDFs. */
@Injectable()
export class IssuerStyles {
  readonly #db: Sql;

  constructor(@Inject(Database) db: Sql) {
    this.#db = db;
  }

  /** The issuer's style; the house's where the issuer is unknown. */
  async find(rfc: string): Promise<IssuerStyle> {
    const [row] = await this.#db.query<IssuerStyle>({
      name: 'cfdi.issuer-style',
      text: 'SELECT logo, color, idioma FROM cfdi.issuer WHERE rfc = $1',
      values: [rfc],
    });
    return row ?? DEFAULT_STYLE;
  }

  /**
   * Sets logo, colour and language at once; PDFs drawn from now on have them. The logo is kept as it prints best.
   * @throws LogoRefused when the logo is no image; a database error with SQLSTATE NX404 (no such issuer) or NX422
   */
  async putStyle(rfc: string, { logo, color, idioma }: IssuerStyle): Promise<void> {
    const ready = logo === null ? null : await logoListo(logo);
    await this.#db.query({
      text: 'SELECT cfdi.put_issuer_style($1, $2, $3, $4)',
      values: [rfc, ready, color, idioma],
    });
  }
}
