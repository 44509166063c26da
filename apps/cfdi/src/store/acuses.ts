import { Inject, Injectable } from '@nestjs/common';
import type { ObjectStore } from '@nexora/storage';
import { OBJECT_STORE } from './artefacts.ts';
import type { CancelacionRow } from './cancelaciones.ts';

/** Acknowledgements of cancellations in object storage, beside the XML of the comprobante. */
@Injectable()
export class Acuses {
  constructor(@Inject(OBJECT_STORE) private readonly store: ObjectStore) {}

  /** Stores it; that of a later request takes the place of an earlier one, which stays in Postgres. Answers the key. */
  async put(row: CancelacionRow, acuse: Buffer): Promise<string> {
    const key = `cfdi/${row.emisor}/${row.fecha.slice(0, 4)}/${row.fecha.slice(5, 7)}/${row.uuid}.cancelacion.xml`;
    const metadata = { comprobante: row.id, request: String(row.number) };
    await this.store.put(key, acuse, { contentType: 'application/xml', metadata });
    return key;
  }
}
