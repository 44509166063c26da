import { Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Sql } from '@nexora/database';
import type { ObjectStore } from '@nexora/storage';
import type { DelMes } from '../paquete/indice.ts';
import { zipDelMes } from '../paquete/zip-del-mes.ts';
import { OBJECT_STORE } from './artefacts.ts';

/** A month of an issuer, `2026-10`, by the Fecha of its comprobantes. */
export interface Month {
  readonly emisor: string;
  readonly month: string;
}

/** What was packed; key null: the month has no stamped comprobante. */
export interface Packed {
  readonly key: string | null;
  readonly documents: number;
  readonly bytes: number;
}

const PAGE = 1_000;

/** XML and PDF of a month of an issuer as one zip in object storage. */
@Injectable()
export class Months {
  readonly #db: Sql;
  readonly #store: ObjectStore;

  constructor(@Inject(Database) db: Sql, @Inject(OBJECT_STORE) store: ObjectStore) {
    this.#db = db;
    this.#store = store;
  }

  /** Issuers with stamped comprobantes in that month. */
  async issuersIn(month: string): Promise<string[]> {
    const rows = await this.#db.query<{ rfc: string }>({
      text: `SELECT DISTINCT issuer AS rfc FROM cfdi.comprobante
              WHERE uuid IS NOT NULL AND fecha >= $1 AND fecha < $2 ORDER BY issuer`,
      values: boundsOf(month),
    });
    return rows.map(({ rfc }) => rfc);
  }

  /** Packs the month under `cfdi/<rfc>/<yyyy>/<yyyy-mm>.zip`; packed again it takes the place of the former zip. */
  async pack(which: Month, signal?: AbortSignal): Promise<Packed> {
    const rows = await this.rows(which);
    if (rows.length === 0) return { key: null, documents: 0, bytes: 0 };
    const key = keyOf(which);
    const options = { contentType: 'application/zip', metadata: { documents: String(rows.length) } };
    const stored = await this.#store.put(key, this.zip(rows), signal === undefined ? options : { ...options, signal });
    return { key, documents: rows.length, bytes: stored.size };
  }

  /** The zip as a stream, one document open at a time. */
  zip(rows: readonly DelMes[]): Readable {
    return zipDelMes(rows, (row, which) => this.#open(row, which));
  }

  /** The stamped comprobantes of the month, oldest first: some hundred bytes each. */
  async rows({ emisor, month }: Month): Promise<DelMes[]> {
    const found: DelMes[] = [];
    for (;;) {
      const last = found.at(-1);
      const page = await this.#db.query<DelMes>({
        name: 'cfdi.month',
        text: `SELECT c.id, c.uuid, c.fecha, c.fecha_timbrado AS "fechaTimbrado", c.tipo, c.serie, c.folio,
                      c.document->'receptor'->>'rfc' AS "receptorRfc",
                      c.document->'receptor'->>'nombre' AS "receptorNombre", c.sub_total::text AS "subTotal",
                      c.descuento::text AS descuento, c.total::text AS total,
                      coalesce(c.document->>'moneda', CASE WHEN c.tipo IN ('T', 'P') THEN 'XXX' END) AS moneda, c.estado,
                      c.xml_key AS "xmlKey", c.pdf_key AS "pdfKey"
                 FROM cfdi.comprobante c
                WHERE c.issuer = $1 AND c.uuid IS NOT NULL AND c.fecha >= $2 AND c.fecha < $3
                  AND ($4::text IS NULL OR (c.fecha, c.uuid) > ($4, $5::uuid))
                ORDER BY c.fecha, c.uuid LIMIT $6`,
        values: [emisor, ...boundsOf(month), last?.fecha ?? null, last?.uuid ?? null, PAGE],
      });
      found.push(...page);
      if (page.length < PAGE) return found;
    }
  }

  /** From object storage, or from Postgres while it keeps the XML. */
  async #open({ id, uuid, xmlKey, pdfKey }: DelMes, which: 'xml' | 'pdf'): Promise<Readable> {
    const key = which === 'xml' ? xmlKey : pdfKey;
    if (key !== null) return (await this.#store.stream(key)).body;
    const text = 'SELECT xml, xml_key AS key FROM cfdi.comprobante WHERE id = $1';
    const [row] = await this.#db.query<{ xml: Buffer | null; key: string | null }>({ text, values: [id] });
    if (row?.xml) return Readable.from([row.xml]);
    // It was stored since the month was listed.
    if (row?.key) return (await this.#store.stream(row.key)).body;
    throw new Error(`The XML of ${uuid} is neither in Postgres nor in object storage.`);
  }
}

/** First moment of the month and of the next, as Fecha is written. */
function boundsOf(month: string): [first: string, next: string] {
  const [year = 0, number = 0] = month.split('-').map(Number);
  const next = new Date(Date.UTC(year, number, 1)).toISOString().slice(0, 7);
  return [`${month}-01T00:00:00`, `${next}-01T00:00:00`];
}

function keyOf({ emisor, month }: Month): string {
  return `cfdi/${emisor}/${month.slice(0, 4)}/${month}.zip`;
}
