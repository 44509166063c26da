import { Inject, Injectable } from '@nestjs/common';
import type { ObjectStore } from '@nexora/storage';
import type { ComprobanteRow } from './comprobantes.ts';

/** Token of the object store. */
export const OBJECT_STORE = Symbol('OBJECT_STORE');

/** XML and PDF of comprobantes in object storage, under keys that derive from the UUID. */
@Injectable()
export class Artefacts {
  constructor(@Inject(OBJECT_STORE) private readonly store: ObjectStore) {}

  /** Stores the XML. The same again is well; other bytes under the key are an error and change nothing. */
  async putXml(row: ComprobanteRow, xml: Buffer): Promise<string> {
    const key = keyOf(row, 'xml');
    // Serie and folio stand beside the bytes, so that after a restore the folios in use can be read from the storage.
    const metadata = {
      comprobante: row.id,
      ...(row.serie === null ? {} : { serie: row.serie }),
      ...(row.folio === null ? {} : { folio: row.folio }),
    };
    await this.store.put(key, xml, { contentType: 'application/xml', ifAbsent: true, metadata });
    return key;
  }

  /** Stores the PDF; a newer rendering takes the place of an older one. */
  async putPdf(row: ComprobanteRow, pdf: Buffer): Promise<string> {
    const key = keyOf(row, 'pdf');
    await this.store.put(key, pdf, { contentType: 'application/pdf', metadata: { comprobante: row.id } });
    return key;
  }

  /** The XML as it was stored. */
  async xml(key: string): Promise<Buffer> {
    return (await this.store.get(key)).body;
  }
}

/** `cfdi/<rfc>/<yyyy>/<mm>/<uuid>.<ending>`, year and month of Fecha. */
function keyOf({ emisor, fecha, uuid }: ComprobanteRow, ending: 'xml' | 'pdf'): string {
  if (uuid === null || fecha === null) throw new Error('Only a stamped comprobante has documents.');
  return `cfdi/${emisor}/${fecha.slice(0, 4)}/${fecha.slice(5, 7)}/${uuid}.${ending}`;
}
