import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { SchemasUnusable, WRAPPER, type Catalogues, type Schemas } from '../xsd/validator.ts';

const SITE = 'http://www.sat.gob.mx/';
const CFD = `${SITE}sitio_internet/cfd/`;

/**
 * Namespace → schema. The wildcards of Complemento are strict, so a document is valid only if the schema of each of its
 * complementos is loaded beside `cfdv40.xsd`.
 */
const ROOTS: readonly (readonly [namespace: string, path: string])[] = [
  [`${SITE}cfd/4`, '4/cfdv40.xsd'],
  [`${SITE}TimbreFiscalDigital`, 'TimbreFiscalDigital/TimbreFiscalDigitalv11.xsd'],
  [`${SITE}Pagos20`, 'Pagos/Pagos20.xsd'],
  [`${SITE}nomina12`, 'nomina/nomina12.xsd'],
  [`${SITE}implocal`, 'implocal/implocal.xsd'],
  [`${SITE}leyendasFiscales`, 'leyendasFiscales/leyendasFisc.xsd'],
  [`${SITE}donat`, 'donat/donat11.xsd'],
  [`${SITE}iedu`, 'iedu/iedu.xsd'],
];
/** Without these no stamped comprobante could be valid. */
const NEEDED = 2;

/** Far above the tax authority's own 9 MB: a folder named by mistake is not read whole. */
const MOST_FILES = 500;
const MOST_BYTES = 64 * 1024 * 1024;

/** What may be read and judged. */
export interface FoundSchemas {
  readonly schemas: Schemas;
  readonly catalogues: Catalogues;
}

const LARGE_FILE_BYTES = 256 * 1024;
const LARGE_LIST = 5_000;
const SIMPLE_TYPE = /<xs:simpleType name="([^"]+)">[\s\S]*?<\/xs:simpleType>/g;
const ENUMERATION = /<xs:enumeration value="([^"]*)"\s*\/>/g;
const ATTRIBUTE = /<xs:attribute [^>]*>/g;

const MEND = 'Descargue los archivos con npm run sat-resources -- pull.';

/**
 * Reads every schema of a folder that has the tax authority's own layout (`www.sat.gob.mx/sitio_internet/cfd/…`).
 * @throws SchemasUnusable
 */
export function readSchemas(folder: string): FoundSchemas {
  const site = join(folder, 'www.sat.gob.mx');
  if (!existsSync(site)) throw new SchemasUnusable(`En SAT_RESOURCES_DIR no está la carpeta www.sat.gob.mx. ${MEND}`);
  const files = filesIn(site);
  const missing = ROOTS.slice(0, NEEDED).find(([, path]) => !files.has(`${CFD}${path}`));
  if (missing !== undefined) throw new SchemasUnusable(`En SAT_RESOURCES_DIR falta ${missing[1]}. ${MEND}`);
  const { lighter, catalogues } = withoutLargeLists(files);
  return { schemas: new Map([...lighter, [WRAPPER, wrapperOver(files)]]), catalogues };
}

/**
 * Takes the largest catalogues (products, postal codes) out of the schemas: libxml2 compares a value with one entry after
 * another, which costs 2 ms per comprobante and 50 MB, where a set answers at once. A list that is written in another form
 * than the tax authority's stays where it is.
 */
function withoutLargeLists(files: Schemas): { lighter: Schemas; catalogues: Catalogues } {
  const lists = new Map<string, ReadonlySet<string>>();
  const lighter = new Map(files);
  for (const [address, bytes] of files) {
    if (bytes.length < LARGE_FILE_BYTES) continue;
    const text = Buffer.from(bytes).toString('utf8');
    const kept = text.replaceAll(SIMPLE_TYPE, (whole, name: string) => {
      const values = [...whole.matchAll(ENUMERATION)].map(([, value = '']) => value);
      if (values.length < LARGE_LIST) return whole;
      lists.set(name, new Set(values));
      return whole.replaceAll(ENUMERATION, '');
    });
    if (kept !== text) lighter.set(address, Buffer.from(kept));
  }
  return { lighter, catalogues: lists.size === 0 ? new Map() : byAttribute(files, lists) };
}

/** Which attributes have a type whose list was taken out; a name that has another type elsewhere is left out. */
function byAttribute(files: Schemas, lists: ReadonlyMap<string, ReadonlySet<string>>): Catalogues {
  const found = new Map<string, ReadonlySet<string>>();
  const others = new Set<string>();
  for (const bytes of files.values()) {
    for (const [tag] of Buffer.from(bytes).toString('utf8').matchAll(ATTRIBUTE)) {
      const name = / name="([^"]+)"/.exec(tag)?.[1];
      const values = lists.get(/ type="(?:[^":]+:)?([^"]+)"/.exec(tag)?.[1] ?? '');
      if (name === undefined) continue;
      if (values === undefined) others.add(name);
      else found.set(name, values);
    }
  }
  for (const name of others) found.delete(name);
  return found;
}

function filesIn(site: string): Map<string, Uint8Array> {
  try {
    const names = readdirSync(site, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.xsd'));
    const paths = names.map((name) => join(site, name));
    const bytes = paths.reduce((sum, path) => sum + statSync(path).size, 0);
    if (names.length > MOST_FILES || bytes > MOST_BYTES) {
      throw new SchemasUnusable(`SAT_RESOURCES_DIR tiene demasiado: ${names.length} esquemas, ${bytes} bytes.`);
    }
    return new Map(paths.map((path) => [addressOf(site, path), readFileSync(path)]));
  } catch (error) {
    if (error instanceof SchemasUnusable) throw error;
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'error';
    throw new SchemasUnusable(`SAT_RESOURCES_DIR no se puede leer (${why}). Revise sus permisos.`, { cause: error });
  }
}

function addressOf(site: string, path: string): string {
  return `${SITE}${relative(site, path).split(sep).join('/')}`;
}

function wrapperOver(files: Schemas): Uint8Array {
  const imports = ROOTS.filter(([, path]) => files.has(`${CFD}${path}`)).map(
    ([namespace, path]) => `<xs:import namespace="${namespace}" schemaLocation="${CFD}${path}"/>`,
  );
  return Buffer.from(`<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">${imports.join('')}</xs:schema>`);
}
