import { z } from 'zod';
import { falta, MOST_FALTAS, type Falta } from './falta.ts';
import { pagosSchema } from './pagos.schema.ts';

const texto = z.string();

const impuestoSchema = z.strictObject({
  impuesto: texto,
  tipoFactor: texto,
  tasaOCuota: texto.optional(),
  base: texto.optional(),
  importe: texto.optional(),
});

const pedimentosSchema = z.array(z.strictObject({ numeroPedimento: texto }));

const parteSchema = z.strictObject({
  claveProdServ: texto,
  noIdentificacion: texto.optional(),
  cantidad: texto,
  unidad: texto.optional(),
  descripcion: texto,
  valorUnitario: texto.optional(),
  importe: texto.optional(),
  informacionAduanera: pedimentosSchema.optional(),
});

const conceptoSchema = z.strictObject({
  claveProdServ: texto,
  noIdentificacion: texto.optional(),
  cantidad: texto,
  claveUnidad: texto,
  unidad: texto.optional(),
  descripcion: texto,
  valorUnitario: texto,
  importe: texto.optional(),
  descuento: texto.optional(),
  objetoImp: texto,
  impuestos: z
    .strictObject({
      traslados: z.array(impuestoSchema).optional(),
      retenciones: z.array(impuestoSchema).optional(),
    })
    .optional(),
  aCuentaTerceros: z
    .strictObject({ rfc: texto, nombre: texto, regimenFiscal: texto, domicilioFiscal: texto })
    .optional(),
  informacionAduanera: pedimentosSchema.optional(),
  cuentaPredial: z.array(z.strictObject({ numero: texto })).optional(),
  partes: z.array(parteSchema).optional(),
});

const receptorSchema = z.strictObject({
  rfc: texto,
  nombre: texto,
  domicilioFiscal: texto,
  residenciaFiscal: texto.optional(),
  numRegIdTrib: texto.optional(),
  regimenFiscal: texto,
  usoCfdi: texto,
  email: texto.optional(),
  telefono: texto.optional(),
});

/**
 * The shape of the document that a business hands over: names and JSON types only, so that a break of it means
 * "malformed". Every limit that the tax authority sets is judged by `reglas`. The SQL function that takes documents
 * judges the same shape, derived from this schema.
 */
export const documentoSchema = z.strictObject({
  externalId: texto,
  emisor: texto,
  tipo: texto,
  serie: texto.optional(),
  folio: texto.optional(),
  lugarExpedicion: texto,
  zonaHoraria: texto.optional(),
  formaPago: texto.optional(),
  metodoPago: texto.optional(),
  condicionesDePago: texto.optional(),
  moneda: texto.optional(),
  tipoCambio: texto.optional(),
  exportacion: texto,
  confirmacion: texto.optional(),
  facAtrAdquirente: texto.optional(),
  receptor: receptorSchema,
  conceptos: z.array(conceptoSchema).optional(),
  relacionados: z.array(z.strictObject({ tipoRelacion: texto, uuids: z.array(texto) })).optional(),
  informacionGlobal: z.strictObject({ periodicidad: texto, meses: texto, anio: texto }).optional(),
  pagos: pagosSchema.optional(),
  addenda: texto.optional(),
  subTotal: texto.optional(),
  descuento: texto.optional(),
  totalImpuestosTrasladados: texto.optional(),
  totalImpuestosRetenidos: texto.optional(),
  total: texto.optional(),
});

/** A document of the right shape. Amounts are decimal strings. */
export type Documento = z.infer<typeof documentoSchema>;
/** One line of the document: what was sold. */
export type Concepto = z.infer<typeof conceptoSchema>;
/** One component of what a line sells, as handed over. */
export type Parte = z.infer<typeof parteSchema>;
/** One tax of a line, as handed over. */
export type ImpuestoPedido = z.infer<typeof impuestoSchema>;

/** The shape as JSON Schema: for the SQL function and for the API's description. */
export function formaDelDocumento(): Record<string, unknown> {
  const { $schema: _, ...schema } = z.toJSONSchema(documentoSchema);
  return schema;
}

/** What parsing gives: the document, or every fault of its shape (all of them malformed). */
export type Parsed = { readonly documento: Documento } | { readonly faltas: readonly Falta[] };

/** Judges shape alone: unknown fields, missing ones, wrong JSON types. Names a hundred faults at most. */
export function parseDocumento(json: unknown): Parsed {
  const parsed = documentoSchema.safeParse(json);
  if (parsed.success) return { documento: parsed.data };
  const issues = parsed.error.issues.slice(0, MOST_FALTAS);
  return { faltas: issues.flatMap((issue) => ofShape(issue, json)).slice(0, MOST_FALTAS) };
}

/** Of an unknown field's name so many characters are repeated: any name of ours is shorter. */
const LONGEST_NAME = 60;

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'texto entre comillas',
  array: 'una lista',
  object: 'un objeto',
};

function ofShape(issue: z.core.$ZodIssue, json: unknown): Falta[] {
  if (issue.code === 'unrecognized_keys') {
    const keys = issue.keys.slice(0, MOST_FALTAS);
    return keys.map((key) => unknownField(pathOf([...issue.path, key.slice(0, LONGEST_NAME)])));
  }
  const path = pathOf(issue.path);
  const expected = issue.code === 'invalid_type' ? (TYPE_NAMES[issue.expected] ?? issue.expected) : 'otro valor';
  return [isAbsent(json, issue.path) ? missingField(path) : wrongType(path, expected)];
}

function unknownField(path: string): Falta {
  return falta(path, 'cfdi.unknown-field', `El campo ${path} no existe.`, 'Quítelo o corrija su nombre.');
}

function missingField(path: string): Falta {
  return falta(path, 'cfdi.missing-field', `Falta el campo ${path}.`, 'Agréguelo al documento.');
}

function wrongType(path: string, expected: string): Falta {
  const where = path === '' ? 'El documento' : `El campo ${path}`;
  return falta(path, 'cfdi.wrong-type', `${where} debe ser ${expected}.`, 'Cambie el tipo del valor en el JSON.');
}

function isAbsent(json: unknown, path: readonly PropertyKey[]): boolean {
  if (path.length === 0) return false;
  let value = json;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return false;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value === undefined;
}

/** `['conceptos', 0, 'cantidad']` → `conceptos[0].cantidad`. */
export function pathOf(parts: readonly PropertyKey[]): string {
  return parts.reduce<string>((path, part) => {
    if (typeof part === 'number') return `${path}[${part}]`;
    return path === '' ? String(part) : `${path}.${String(part)}`;
  }, '');
}
