import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { inflateRawSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { indice, type DelMes } from './indice.ts';
import { zipDelMes } from './zip-del-mes.ts';

function row(number: number, changes: Partial<DelMes> = {}): DelMes {
  const uuid = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
  return {
    ...{ id: uuid, uuid, fecha: '2026-10-02T09:30:00', fechaTimbrado: '2026-10-02T09:30:05', tipo: 'I' },
    ...{ serie: 'A', folio: String(number), receptorRfc: 'CACX7605101P8', receptorNombre: 'XOCHILT CASAS CHAVEZ' },
    ...{ subTotal: '99.99', descuento: null, total: '115.99', moneda: 'MXN', estado: 'listo' },
    ...{ xmlKey: 'x', pdfKey: 'p' },
    ...changes,
  };
}

/** Names and contents by the central directory, as an unpacker reads them. */
function unzipped(zip: Buffer): Map<string, Buffer> {
  const end = zip.lastIndexOf(Buffer.from('504b0506', 'hex'));
  const found = new Map<string, Buffer>();
  for (let at = zip.readUInt32LE(end + 16), left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [method, size] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20)];
    const [name, extra, comment] = [28, 30, 32].map((place) => zip.readUInt16LE(at + place)) as [
      number,
      number,
      number,
    ];
    const local = zip.readUInt32LE(at + 42);
    const data = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const bytes = zip.subarray(data, data + size);
    found.set(zip.toString('utf8', at + 46, at + 46 + name), method === 8 ? inflateRawSync(bytes) : bytes);
    at += 46 + name + extra + comment;
  }
  return found;
}

describe('the zip of a month', () => {
  const abre = (one: DelMes, which: string) => Promise.resolve(Readable.from([Buffer.from(`${which} ${one.folio}`)]));

  it('holds XML, PDF and an index, the same bytes each time', async () => {
    const rows = [row(1), row(2, { pdfKey: null })];
    const zip = await buffer(zipDelMes(rows, abre));
    expect(zip.equals(await buffer(zipDelMes(rows, abre)))).toBe(true);
    const files = unzipped(zip);
    expect([...files.keys()]).toEqual([
      'indice.csv',
      `xml/${rows[0]!.uuid}.xml`,
      `pdf/${rows[0]!.uuid}.pdf`,
      `xml/${rows[1]!.uuid}.xml`,
    ]);
    expect(files.get(`pdf/${rows[0]!.uuid}.pdf`)?.toString()).toBe('pdf 1');
    expect(files.get('indice.csv')?.toString()).toMatch(
      /^\uFEFFuuid,fecha,.*\r\n0.*xml\/.*,pdf\/.*\r\n0.*xml\/.*,\r\n$/,
    );
  });

  it('keeps one document open at a time, however many there are', async () => {
    let [open, most] = [0, 0];
    const counted = async (one: DelMes, which: string) => {
      open += 1;
      most = Math.max(most, open);
      const stream = await abre(one, which);
      return stream.on('close', () => (open -= 1));
    };
    const rows = Array.from({ length: 2_000 }, (_, number) => row(number));
    const files = unzipped(await buffer(zipDelMes(rows, counted)));
    expect(files.size).toBe(4_001);
    expect(most).toBeLessThanOrEqual(2);
  });

  it('fails as a whole when one document cannot be opened or read', async () => {
    const rows = [row(1), row(2)];
    const missing = (one: DelMes, which: 'xml' | 'pdf') =>
      one.folio === '2' ? Promise.reject(new Error('away')) : abre(one, which);
    await expect(buffer(zipDelMes(rows, missing))).rejects.toThrow('away');
    const broken = () =>
      Promise.resolve(
        new Readable({
          read() {
            this.destroy(new Error('cut'));
          },
        }),
      );
    await expect(buffer(zipDelMes(rows, broken))).rejects.toThrow('cut');
  });
});

describe('the index of a month', () => {
  it('quotes what CSV needs quoted and disarms what a spreadsheet would compute', () => {
    const text = indice([row(1, { receptorNombre: '=HYPERLINK("x"), S', folio: '@1' })]).toString();
    expect(text).toContain(`"'=HYPERLINK(""x""), S"`);
    expect(text).toContain(`,'@1,`);
  });
});
