import { createPrivateKey, type KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { AGENT_SETTINGS } from '@nexora/agent';
import { labelDelCsd } from '@nexora/comprobante';
import { Database, type Sql } from '@nexora/database';
import type { CfdiSettings } from '../cfdi.settings.ts';
import { assertFits, readCertificado, type Certificado } from '../comprobante/csd.ts';
import type { Emisor } from '../comprobante/xml.ts';
import { Vault } from './vault.ts';

/** A taxpayer for whom the house stamps. */
export interface Issuer extends Emisor {
  /** Explicit time zone; null: by postal code. */
  readonly zonaHoraria: string | null;
  readonly isPaused: boolean;
}

/** A certificate of an issuer and its opened key. */
export interface Csd {
  readonly certificado: Certificado;
  readonly key: KeyObject;
  readonly addedAt: Date;
}

/** Who seals, and with what; null where the house has none. */
export interface Sealer {
  readonly issuer: Issuer | null;
  readonly csd: Csd | null;
}

const LATELY_MS = 2_000;

interface CsdRow {
  readonly numero: string;
  readonly certificate: Buffer;
  readonly sealed_key: Buffer;
  readonly lock: 'vault' | 'sobre';
  readonly added_at: Date;
}

/** A certificate of an issuer as listings show it. */
export interface CsdShown {
  readonly rfc: string;
  readonly numero: string;
  readonly validFrom: Date;
  readonly validTo: Date;
  /** Whole days; negative once it has ended. */
  readonly daysLeft: number;
  /** The one that seals now. */
  readonly inUse: boolean;
}

/** An issuer as listings show it. */
export interface IssuerShown extends Omit<Issuer, 'isPaused'> {
  readonly pausedReason: string | null;
  readonly csds: readonly CsdShown[];
}

/** Issuers and their CSDs. */
@Injectable()
export class Issuers {
  readonly #db: Sql;
  readonly #vault: Vault;
  readonly #opened = new Map<string, Csd>();
  readonly #lately = new Map<string, { readonly at: number; readonly sealer: Promise<Sealer> }>();

  constructor(@Inject(Database) db: Sql, @Inject(AGENT_SETTINGS) settings: CfdiSettings) {
    this.#db = db;
    this.#vault = new Vault(settings.CFDI_KEY_ENCRYPTION_KEY);
  }

  /**
   * The issuer and the CSD to seal with at that time; asked of the database once in two seconds, since a backlog of
   * one issuer would ask for every comprobante.
   * @throws VaultClosed
   */
  sealer(rfc: string, at: Date): Promise<Sealer> {
    const known = this.#lately.get(rfc);
    if (known !== undefined && Math.abs(at.getTime() - known.at) < LATELY_MS) return known.sealer;
    const sealer = Promise.all([this.find(rfc), this.csdFor(rfc, at)]).then(([issuer, csd]) => ({ issuer, csd }));
    this.#lately.set(rfc, { at: at.getTime(), sealer });
    sealer.catch(() => this.#lately.delete(rfc));
    return sealer;
  }

  /** The issuer, or null when the house does not know it. */
  async find(rfc: string): Promise<Issuer | null> {
    const [row] = await this.#db.query<Issuer>({
      name: 'cfdi.issuer',
      text: `SELECT rfc, nombre, regimen_fiscal AS "regimenFiscal", zona_horaria AS "zonaHoraria",
                    paused_at IS NOT NULL AS "isPaused"
               FROM cfdi.issuer WHERE rfc = $1`,
      values: [rfc],
    });
    return row ?? null;
  }

  /** The newest CSD that is valid at that time, or null. @throws VaultClosed, CsdRefused when the key is another's */
  async csdFor(rfc: string, at: Date): Promise<Csd | null> {
    const [row] = await this.#db.query<CsdRow>({
      name: 'cfdi.csd',
      text: `SELECT numero, certificate, sealed_key, lock, added_at FROM cfdi.csd
              WHERE rfc = $1 AND valid_from <= $2 AND valid_to >= $2 ORDER BY valid_from DESC, numero DESC LIMIT 1`,
      values: [rfc, at],
    });
    return row === undefined ? null : this.#open(rfc, row);
  }

  /** Every issuer with its certificates, the newest first. */
  async list(): Promise<IssuerShown[]> {
    const issuers = await this.#db.query<Omit<IssuerShown, 'csds'>>({
      text: `SELECT rfc, nombre, regimen_fiscal AS "regimenFiscal", zona_horaria AS "zonaHoraria",
                    CASE WHEN paused_at IS NOT NULL THEN paused_reason END AS "pausedReason"
               FROM cfdi.issuer ORDER BY rfc`,
    });
    const csds = await this.csds();
    return issuers.map((issuer) => ({ ...issuer, csds: csds.filter(({ rfc }) => rfc === issuer.rfc) }));
  }

  /** Every certificate, the newest of each issuer first. */
  csds(): Promise<CsdShown[]> {
    return this.#db.query<CsdShown>({
      text: `SELECT rfc, numero, valid_from AS "validFrom", valid_to AS "validTo", days_left AS "daysLeft",
                    in_use AS "inUse" FROM cfdi.csds ORDER BY rfc, valid_to DESC, numero DESC`,
    });
  }

  /** Adds an issuer, or changes what is known of it. */
  async put(issuer: Omit<Issuer, 'isPaused'>): Promise<void> {
    await this.#db.query({
      text: 'SELECT cfdi.put_issuer($1, $2, $3, $4)',
      values: [issuer.rfc, issuer.nombre, issuer.regimenFiscal, issuer.zonaHoraria],
    });
  }

  /** Tells the house where to address envelopes with private keys; only this process's key of the keys opens them. */
  async openMailbox(): Promise<void> {
    await this.#db.query({
      text: `INSERT INTO cfdi.buzon (direccion) VALUES ($1) ON CONFLICT (only_row) DO UPDATE
               SET direccion = excluded.direccion, written_at = agents.now() WHERE buzon.direccion <> excluded.direccion`,
      values: [this.#vault.direccion],
    });
  }

  /** Adds a CSD; its key is locked away. The same again changes nothing. @throws CsdRefused when key and certificate differ */
  async putCsd(certificate: Buffer, key: KeyObject): Promise<Certificado> {
    const certificado = readCertificado(certificate);
    assertFits(certificado, key);
    const secret = key.export({ format: 'der', type: 'pkcs8' });
    await this.#db.query({
      text: `WITH kept AS (
               INSERT INTO cfdi.csd (numero, rfc, certificate, sealed_key, valid_from, valid_to)
               VALUES ($1, $2, $3, $4, $5, $6)
               ON CONFLICT (numero) DO UPDATE SET certificate = excluded.certificate, sealed_key = excluded.sealed_key,
                                                  lock = 'vault'
               RETURNING rfc)
             SELECT cfdi.csd_installed(rfc) FROM kept`,
      values: [
        certificado.numero,
        certificado.rfc,
        certificate,
        this.#vault.lock(secret, labelDelCsd(certificado.rfc, certificado.numero)),
        certificado.validFrom,
        certificado.validTo,
      ],
    });
    return certificado;
  }

  #open(rfc: string, row: CsdRow): Csd {
    const known = this.#opened.get(row.numero);
    if (known?.addedAt.getTime() === row.added_at.getTime()) return known;
    const label = labelDelCsd(rfc, row.numero);
    const secret =
      row.lock === 'sobre' ? this.#vault.openSobre(row.sealed_key, label) : this.#vault.open(row.sealed_key, label);
    const certificado = readCertificado(row.certificate);
    const key = createPrivateKey({ key: secret, format: 'der', type: 'pkcs8' });
    // Another room may have closed the envelope: what does not belong together must not seal.
    assertFits(certificado, key);
    const csd = { certificado, key, addedAt: row.added_at };
    this.#opened.set(row.numero, csd);
    return csd;
  }
}
