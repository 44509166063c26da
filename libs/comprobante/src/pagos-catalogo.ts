import { createRequire } from 'node:module';

/** The package publishes its tables as JSON; `require` reads them in every way this code is started. */
const require = createRequire(import.meta.url);

interface Row {
  readonly id: string;
  readonly permite_banco_ordenante_rfc: 1 | '';
  readonly permite_cuenta_ordenante: 1 | '';
  readonly patron_cuenta_ordenante: string;
  readonly permite_banco_beneficiario_rfc: 1 | '';
  readonly permite_cuenta_beneficiario: 1 | '';
  readonly patron_cuenta_beneficiario: string;
  readonly permite_tipo_cadena_pago: 1 | '';
}

/** What a payment may tell of the two accounts (c_FormaPago); the form of an account is missing where none is allowed. */
export interface ReglasDeForma {
  readonly admiteBancoOrdenante: boolean;
  readonly ctaOrdenante: RegExp | undefined;
  readonly admiteBancoBeneficiario: boolean;
  readonly ctaBeneficiario: RegExp | undefined;
  /** Whether the bank's own proof of the payment may be told. */
  readonly admiteCadena: boolean;
}

let loaded: ReadonlyMap<string, ReglasDeForma> | undefined;

/** What c_FormaPago says of a way of payment; `undefined` for a key that is none. */
export function reglasDeForma(forma: string): ReglasDeForma | undefined {
  loaded ??= new Map(rows().map((row) => [row.id, rulesOf(row)]));
  return loaded.get(forma);
}

function rows(): readonly Row[] {
  return require('@nodecfdi/sat-micro-catalogs/raw/cfdi_40_formas_pago') as readonly Row[];
}

function rulesOf(row: Row): ReglasDeForma {
  return {
    admiteBancoOrdenante: row.permite_banco_ordenante_rfc === 1,
    ctaOrdenante: row.permite_cuenta_ordenante === 1 ? whole(row.patron_cuenta_ordenante) : undefined,
    admiteBancoBeneficiario: row.permite_banco_beneficiario_rfc === 1,
    ctaBeneficiario: row.permite_cuenta_beneficiario === 1 ? whole(row.patron_cuenta_beneficiario) : undefined,
    admiteCadena: row.permite_tipo_cadena_pago === 1,
  };
}

function whole(pattern: string): RegExp {
  // PCRE's "anything but a line end", which stands where the catalogue only says "optional".
  return new RegExp(`^(?:${pattern.replace('\\V', '.')})$`);
}
