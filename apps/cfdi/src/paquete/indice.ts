/** A stamped comprobante as the index of a month lists it. */
export interface DelMes {
  readonly id: string;
  readonly uuid: string;
  /** Local time of the place of issue. */
  readonly fecha: string;
  readonly fechaTimbrado: string | null;
  readonly tipo: string;
  readonly serie: string | null;
  readonly folio: string | null;
  readonly receptorRfc: string | null;
  readonly receptorNombre: string | null;
  readonly subTotal: string | null;
  readonly descuento: string | null;
  readonly total: string | null;
  readonly moneda: string | null;
  readonly estado: string;
  /** Keys in object storage; null while the document is not there yet. */
  readonly xmlKey: string | null;
  readonly pdfKey: string | null;
}

const COLUMNS = [
  ...['uuid', 'fecha', 'fechaTimbrado', 'tipo', 'serie', 'folio', 'receptorRfc', 'receptorNombre'],
  ...['subTotal', 'descuento', 'total', 'moneda', 'estado'],
] as const satisfies readonly (keyof DelMes)[];

/** Name of a document inside the zip. */
export function nombreDe({ uuid }: Pick<DelMes, 'uuid'>, ending: 'xml' | 'pdf'): string {
  return `${ending}/${uuid}.${ending}`;
}

/**
 * The index of a month as CSV (RFC 4180, UTF-8 with a byte order mark, so that a spreadsheet reads the accents). A text
 * that a spreadsheet would take for a formula is led by an apostrophe.
 */
export function indice(rows: readonly DelMes[]): Buffer {
  const heads = [...COLUMNS, 'xml', 'pdf'];
  const lines = rows.map((row) => [...COLUMNS.map((column) => row[column] ?? ''), nombreDe(row, 'xml'), pdfOf(row)]);
  return Buffer.from(`\uFEFF${[heads, ...lines].map((cells) => `${cells.map(cell).join(',')}\r\n`).join('')}`);
}

function pdfOf(row: DelMes): string {
  return row.pdfKey === null ? '' : nombreDe(row, 'pdf');
}

function cell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
