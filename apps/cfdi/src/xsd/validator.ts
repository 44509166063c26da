import type { ErrorDetail } from 'libxml2-wasm';

/** Schemas by the address under which the tax authority publishes them. */
export type Schemas = ReadonlyMap<string, Uint8Array>;

/** Values that an attribute may have, by its name, of the catalogues that are too large for a schema. */
export type Catalogues = ReadonlyMap<string, ReadonlySet<string>>;

/** Schemas cannot be used; the sentence says why and how to mend it, in Spanish. */
export class SchemasUnusable extends Error {
  override readonly name = 'SchemasUnusable';
}

/** Where the one wrapper stands that imports whatever is there. */
export const WRAPPER = 'http://www.sat.gob.mx/nexora.xsd';

/** What a document breaks. Never its values: they may be a person's. */
export interface SchemaFault {
  /** `Receptor@Nombre`, or the element alone. */
  readonly place: string;
  /** Word of the schema that is broken: `pattern`, `enumeration`, `required` …; '' when it is none of those. */
  readonly rule: string;
}

/** Judges documents by schemas. */
export interface Validator {
  /** Empty when the document is valid. @param xml as our writer writes it: every value in double quotes */
  faultsOf(xml: Uint8Array): SchemaFault[];
}

/**
 * Compiles schemas. libxml2 (WebAssembly) is loaded here and nowhere else, so that only who has schemas pays for it: 15 MB
 * with a reduced catalogue, 30 MB with one of the tax authority's size. It reads what it is given and nothing else, neither
 * files nor the network.
 * @throws SchemasUnusable when they do not fit together
 */
export async function openValidator(schemas: Schemas, catalogues: Catalogues = new Map()): Promise<Validator> {
  const xml2 = await import('libxml2-wasm');
  const files = new xml2.XmlBufferInputProvider(Object.fromEntries(schemas));
  xml2.xmlRegisterInputProvider(files);
  try {
    const wrapper = xml2.XmlDocument.fromBuffer(schemas.get(WRAPPER) ?? new Uint8Array(), { url: WRAPPER });
    const compiled = xml2.XsdValidator.fromDoc(wrapper);
    return { faultsOf: (xml) => [...faultsOf(xml2, compiled, xml), ...unlisted(catalogues, xml)] };
  } catch (error) {
    const why = error instanceof xml2.XmlLibError ? `: ${firstLine(error.details)}` : '';
    throw new SchemasUnusable(`Los esquemas del SAT no se pueden usar juntos${why}.`, { cause: error });
  } finally {
    // Compiled schemas need their files no more.
    for (const name of schemas.keys()) files.removeBuffer(name);
  }
}

type Xml2 = typeof import('libxml2-wasm');

function faultsOf(xml2: Xml2, schema: InstanceType<Xml2['XsdValidator']>, xml: Uint8Array): SchemaFault[] {
  let document: InstanceType<Xml2['XmlDocument']> | undefined;
  try {
    document = xml2.XmlDocument.fromBuffer(xml);
    schema.validate(document);
    return [];
  } catch (error) {
    if (error instanceof xml2.XmlValidateError) return error.details.map(faultOf);
    if (error instanceof xml2.XmlParseError) return [{ place: 'Comprobante', rule: 'not well-formed' }];
    throw error;
  } finally {
    document?.dispose();
  }
}

/** Values that no catalogue has. A quote inside a value is written as an entity, so nothing else looks like this. */
function unlisted(catalogues: Catalogues, xml: Uint8Array): SchemaFault[] {
  if (catalogues.size === 0) return [];
  const pattern = new RegExp(` (${[...catalogues.keys()].join('|')})="([^"]*)"`, 'g');
  const found = [...Buffer.from(xml).toString('latin1').matchAll(pattern)];
  return found
    .filter(([, name = '', value = '']) => catalogues.get(name)?.has(value) === false)
    .map(([, name = '']) => ({ place: name, rule: 'enumeration' }));
}

const PLACE = /Element '(?:\{[^}]*\})?([^']+)'(?:, attribute '(?:\{[^}]*\})?([^']+)')?/;

function faultOf({ message }: ErrorDetail): SchemaFault {
  const [, element = 'Comprobante', attribute] = PLACE.exec(message) ?? [];
  const required = /attribute '([^']+)' is required/.exec(message)?.[1];
  const name = attribute ?? required;
  const rule = /\[facet '(\w+)'\]/.exec(message)?.[1] ?? (required === undefined ? ruleOf(message) : 'required');
  return { place: name === undefined ? element : `${element}@${name}`, rule };
}

function ruleOf(message: string): string {
  if (message.includes('not allowed')) return 'not allowed';
  if (message.includes('not expected') || message.includes('Missing child')) return 'sequence';
  return /atomic type|union type|not a valid value/.test(message) ? 'type' : '';
}

function firstLine(details: readonly ErrorDetail[]): string {
  return (details[0]?.message ?? '').trim().replace(/\.$/, '');
}
