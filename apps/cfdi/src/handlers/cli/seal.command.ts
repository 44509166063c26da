import {
  attributeOf,
  calculaImportes,
  childrenOf,
  horaLocal,
  parseDocumento,
  readXml,
  reglas,
  writeXml,
  type Falta,
  type XmlElement,
} from '@nexora/comprobante';
import { cadenaOriginal } from '../../comprobante/cadena-original.ts';
import { assertSeals } from '../../comprobante/csd.ts';
import { CFDI } from '../../comprobante/espacios.ts';
import { sella } from '../../comprobante/sellado.ts';
import { firma } from '../../comprobante/sello.ts';
import type { Emisor } from '../../comprobante/xml.ts';
import { Faulty, fileAt, given, NotSupported, single, Usage, type Given, type Run } from './command.ts';
import { CSD_OPTIONS, csdFilesOf, type CsdFiles } from './csd-files.ts';
import { emisorDelCertificado } from './emisor-del-certificado.ts';
import { instanteCercano, instanteDe, zonaDelLugar } from './fecha.ts';

/** Seals a document (JSON, as a business hands it over) or an unsealed comprobante (XML) with a CSD. */
export const seal: Run = (args, { write }) => {
  const all = given(args, [...CSD_OPTIONS, 'nombre', 'regimen', 'fecha']);
  const source = fileAt(single(all, 'un documento JSON o un XML'));
  const csd = csdFilesOf(all);
  write(isXml(source) ? sealedXml(source, csd, all) : sealedDocument(source, csd, all));
};

function isXml(source: Buffer): boolean {
  const start = source.toString('latin1', 0, 64).replace(/^\u00ef\u00bb\u00bf/, '');
  return start.trimStart().startsWith('<');
}

function sealedDocument(source: Buffer, { certificado, key }: CsdFiles, all: Given): string {
  const parsed = parseDocumento(jsonIn(source));
  if ('faltas' in parsed) throw refusal(parsed.faltas);
  const { documento } = parsed;
  const zona = documento.zonaHoraria ?? zonaDelLugar(documento.lugarExpedicion);
  const { ahora, fecha } = momentOf(all.options['fecha'], zona);
  const emisor = emisorOf(all, emisorDelCertificado(certificado));
  const faltas = reglas(documento, { ahora, regimenDelEmisor: emisor.regimenFiscal });
  if (faltas.length > 0) throw refusal(faltas);
  assertSeals(certificado, documento.emisor, ahora);
  const importes = calculaImportes(documento);
  return sella({ documento, importes, emisor, fecha, certificado }, key).bytes.toString('utf8');
}

/** What the caller says of the issuer, else what its certificate says. */
function emisorOf({ options }: Given, known: Emisor): Emisor {
  return {
    ...known,
    nombre: options['nombre'] || known.nombre,
    regimenFiscal: options['regimen'] || known.regimenFiscal,
  };
}

/** Time of sealing, as an instant and as the clock there shows it; a named time is judged as if it were now. */
function momentOf(named: string | undefined, zona: string): { ahora: Date; fecha: string } {
  if (named === undefined) {
    const ahora = new Date();
    return { ahora, fecha: horaLocal(ahora, zona) };
  }
  const ahora = instanteDe(named, zona);
  if (ahora === undefined) throw new Usage('--fecha es la hora local de un día que existe, como 2026-11-21T09:30:00.');
  return { ahora, fecha: named };
}

/** The Fecha that an XML has already. @throws Faulty when it is none */
function momentIn(root: XmlElement, zona: string): Date {
  const fecha = attributeOf(root, 'Fecha');
  if (fecha === undefined) return new Date();
  const ahora = instanteCercano(fecha, zona);
  if (ahora === undefined) throw new Faulty('La Fecha del comprobante no es una fecha.');
  return ahora;
}

/** Certificate and seal take the place of whatever the XML carried; everything else is written as it was read. */
function sealedXml(source: Buffer, { certificado, key }: CsdFiles, all: Given): string {
  const { root } = readXml(source);
  const rfc = childrenOf(root, CFDI, 'Emisor').map((one) => attributeOf(one, 'Rfc'))[0] ?? '';
  const named = all.options['fecha'];
  const zona = zonaDelLugar(attributeOf(root, 'LugarExpedicion') ?? '');
  const ahora = named === undefined ? momentIn(root, zona) : momentOf(named, zona).ahora;
  assertSeals(certificado, rfc, ahora);
  const dated = named === undefined ? root : withAttributes(root, { Fecha: named });
  const certified = withAttributes(dated, { NoCertificado: certificado.numero, Certificado: certificado.base64 });
  const sealed = withAttributes(certified, { Sello: firma(cadenaOriginal(certified), key) });
  return `<?xml version="1.0" encoding="UTF-8"?>${writeXml(sealed)}`;
}

function withAttributes(root: XmlElement, values: Readonly<Record<string, string>>): XmlElement {
  const kept = root.attributes.filter(({ uri, local }) => uri !== '' || !Object.hasOwn(values, local));
  const added = Object.entries(values).map(([local, value]) => ({ prefix: '', local, uri: '', value }));
  return { ...root, attributes: [...kept, ...added] };
}

/** The JSON in a file. @throws Faulty */
export function jsonIn(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, ''));
  } catch {
    throw new Faulty('El documento no es JSON.');
  }
}

/** Every fault on a line of its own: field, what is wrong, remedy, code. What is not made here is so however it is mended. */
export function refusal(faltas: readonly Falta[]): Faulty | NotSupported {
  const line = ({ path, code, message, remedy }: Falta): string =>
    `${path === '' ? '(documento)' : path}: ${message} ${remedy} [${code}]`;
  const text = faltas.map(line).join('\n');
  return faltas.some(({ code }) => code === 'cfdi.unsupported') ? new NotSupported(text) : new Faulty(text);
}
