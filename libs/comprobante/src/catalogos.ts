import { createRequire } from 'node:module';

/** The package publishes its tables as JSON; `require` reads them in every way this code is started. */
const require = createRequire(import.meta.url);

interface Row {
  readonly vigencia_desde: string;
  readonly vigencia_hasta: string;
}
interface Entry extends Row {
  readonly id: string;
  readonly texto: string;
}
interface ByPersona extends Entry {
  readonly aplica_fisica: 1 | '';
  readonly aplica_moral: 1 | '';
}
interface UsoRow extends ByPersona {
  readonly regimenes_fiscales_receptores: string;
}
interface TasaRow extends Row {
  readonly tipo: 'Fijo' | 'Rango';
  readonly minimo: string;
  readonly valor: string;
  readonly impuesto: string;
  readonly factor: string;
  readonly traslado: 1 | '';
  readonly retencion: 1 | '';
}

/** Name of a small catalogue of CFDI 4.0. */
export type Catalogo =
  | 'exportaciones'
  | 'formas_pago'
  | 'impuestos'
  | 'meses'
  | 'metodos_pago'
  | 'objetos_impuestos'
  | 'periodicidades'
  | 'regimenes_fiscales'
  | 'tipos_comprobantes'
  | 'tipos_factores'
  | 'tipos_relaciones'
  | 'usos_cfdi';

const loaded = new Map<string, readonly Row[]>();

/** A table of the package; its shape is what the package's types say. */
function table<R extends Row>(name: string): readonly R[] {
  let rows = loaded.get(name);
  if (rows === undefined) {
    rows = require(`@nodecfdi/sat-micro-catalogs/raw/cfdi_40_${name}`) as readonly R[];
    loaded.set(name, rows);
  }
  return rows as readonly R[];
}

function isInForce(row: Row, day: string): boolean {
  return row.vigencia_desde <= day && (row.vigencia_hasta === '' || day <= row.vigencia_hasta);
}

function find<R extends Entry>(name: Catalogo, id: string, day: string): R | undefined {
  return table<R>(name).find((row) => row.id === id && isInForce(row, day));
}

/** Whether the catalogue holds the code on that day (`YYYY-MM-DD`). */
export function hasCode(catalogo: Catalogo, code: string, day: string): boolean {
  if (catalogo === 'tipos_factores') return code === 'Tasa' || code === 'Cuota' || code === 'Exento';
  return find(catalogo, code, day) !== undefined;
}

/** The catalogue's wording of a code, for people; the code itself when it is not known. */
export function textOf(catalogo: Catalogo, code: string): string {
  return table<Entry>(catalogo).find((row) => row.id === code)?.texto ?? code;
}

/** Whether a taxpayer of this sort may have the régimen (c_RegimenFiscal, columns Física and Moral). */
export function regimenFits(regimen: string, persona: 'fisica' | 'moral', day: string): boolean {
  const row = find<ByPersona>('regimenes_fiscales', regimen, day);
  return row !== undefined && row[`aplica_${persona}`] === 1;
}

/** Whether a receiver of this sort and régimen may use the UsoCFDI (c_UsoCFDI). */
export function usoFits(uso: string, persona: 'fisica' | 'moral', regimen: string, day: string): boolean {
  const row = find<UsoRow>('usos_cfdi', uso, day);
  if (row === undefined || row[`aplica_${persona}`] !== 1) return false;
  return row.regimenes_fiscales_receptores.split(',').some((one) => one.trim() === regimen);
}

/** Codes of the taxes that a line may carry. */
export const IMPUESTOS: Readonly<Record<string, string>> = { '001': 'ISR', '002': 'IVA', '003': 'IEPS' };

/** IEPS per unit of 2026: newer than the package's row, whose ceiling is that of 2024 (66.506200). */
const IEPS_CUOTA_CEILING = '72.160500';

/**
 * Whether the rate stands in c_TasaOCuota for this tax on that side: one of its fixed values, or within its range.
 * @param valor with exactly six decimals
 */
export function tasaFits(
  side: 'traslado' | 'retencion',
  impuesto: string,
  factor: string,
  valor: string,
  day: string,
): boolean {
  const name = Object.hasOwn(IMPUESTOS, impuesto) ? IMPUESTOS[impuesto] : undefined;
  if (name === undefined) return false;
  return table<TasaRow>('reglas_tasa_cuota').some(
    (row) =>
      (row.impuesto === name || row.impuesto.startsWith(`${name} `)) &&
      row.factor === factor &&
      row[side] === 1 &&
      isInForce(row, day) &&
      (row.tipo === 'Fijo' ? row.valor === valor : within(valor, row.minimo, ceilingOf(row))),
  );
}

function ceilingOf(row: TasaRow): string {
  return row.impuesto === 'IEPS' && row.factor === 'Cuota' ? IEPS_CUOTA_CEILING : row.valor;
}

/** Compares figures of six decimals without leaving the decimal text. */
function within(valor: string, minimo: string, maximo: string): boolean {
  const width = Math.max(valor.length, minimo.length, maximo.length);
  const [value, least, most] = [valor, minimo, maximo].map((text) => text.padStart(width, '0')) as [
    string,
    string,
    string,
  ];
  return least <= value && value <= most;
}
