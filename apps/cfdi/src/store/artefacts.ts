import { Inject, Injectable } from '@nestjs/common';
import type { Documento } from '@nexora/comprobante';
import type { ObjectStore } from '@nexora/storage';
import type { ComprobanteRow } from './comprobantes.ts';

/** Token of the object store. */
export const OBJECT_STORE = Symbol('OBJECT_STORE');

/** A stored XML, by what its key says. */
export interface KeptXml {
  readonly key: string;
  readonly uuid: string;
}

const XML_KEY = /^cfdi\/[^/]+\/[0-9]{4}\/[0-9]{2}\/([0-9a-f-]{36})\.xml$/;

/** XML and PDF of comprobantes in object storage, under keys that derive from the UUID. */
@Injectable()
export class Artefacts {
  constructor(@Inject(OBJECT_STORE) private readonly store: ObjectStore) {}

  /** Stores the XML. The same again is well; other bytes under the key are an error and change nothing. */
  async putXml(row: ComprobanteRow, xml: Buffer): Promise<string> {
    const key = keyOf(row, 'xml');
    // These stand beside the bytes, so that after a restore the folios in use can be read from the storage.
    const { tipo, externalId } = row.document as Partial<Documento>;
    const metadata = {
      comprobante: row.id,
      ...(tipo === undefined ? {} : { tipo }),
      ...(externalId === undefined ? {} : { 'external-id': externalId }),
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

  /** Every stored XML, page by page. Ends early with the signal's reason. */
  async *xmls(signal: AbortSignal): AsyncGenerator<KeptXml[]> {
    let cursor: string | null = null;
    do {
      signal.throwIfAborted();
      const page = await this.store.list('cfdi/', cursor);
      yield page.objects.flatMap(({ key }) => {
        const uuid = XML_KEY.exec(key)?.[1];
        return uuid === undefined ? [] : [{ key, uuid }];
      });
      cursor = page.cursor;
    } while (cursor !== null);
  }

  /** A stored XML with what stands beside it. */
  opened(key: string): ReturnType<ObjectStore['get']> {
    return this.store.get(key);
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
