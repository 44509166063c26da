import type { KeyObject } from 'node:crypto';
import {
  attributeOf,
  calculaImportes,
  childrenOf,
  horaLocal,
  parseDocumento,
  readXml,
  reglas,
  writeXml,
  zonaDe,
  type Documento,
  type Falta,
  type XmlElement,
} from '@nexora/comprobante';
import { cadenaOriginal } from '../../comprobante/cadena-original.ts';
import { assertFits, assertSeals, openKey, readCertificado, type Certificado } from '../../comprobante/csd.ts';
import { CFDI } from '../../comprobante/espacios.ts';
import { sella } from '../../comprobante/sellado.ts';
import { firma } from '../../comprobante/sello.ts';
import { demand, Faulty, fileAt, given, single, Usage, type Command, type Given } from './command.ts';

const FECHA = /^20[1-9]\d-\d\d-\d\dT\d\d:\d\d:\d\d$/;

/** Seals a document (JSON, as a business hands it over) or an unsealed comprobante (XML) with a CSD. */
export const seal: Command = {
  words: ['seal'],
  takes:
    '<documento.json | comprobante.xml | -> --cer <f> --key <f> --password-file <f> [--nombre <n> --regimen <r> [--fecha AAAA-MM-DDThh:mm:ss]]',
  does: 'Sella con un CSD un documento (--nombre y --regimen del emisor) o un CFDI sin sello, y escribe el XML.',
  run: (args, { write }) => {
    const all = given(args, ['cer', 'key', 'password-file', 'nombre', 'regimen', 'fecha']);
    const source = fileAt(single(all, 'un documento JSON o un XML'));
    const csd = csdOf(all);
    const isXml = source
      .toString('latin1', 0, 64)
      .replace(/^\u00ef\u00bb\u00bf/, '')
      .trimStart()
      .startsWith('<');
    write(isXml ? sealedXml(source, csd) : sealedDocument(source, csd, all));
  },
};

interface Csd {
  readonly certificado: Certificado;
  readonly key: KeyObject;
}

function csdOf(all: Given): Csd {
  const certificado = readCertificado(fileAt(demand(all, 'cer')));
  const password = fileAt(demand(all, 'password-file'))
    .toString('utf8')
    .replace(/\r?\n$/, '');
  const key = openKey(fileAt(demand(all, 'key')), password);
  assertFits(certificado, key);
  return { certificado, key };
}

function sealedDocument(source: Buffer, { certificado, key }: Csd, all: Given): string {
  const ahora = new Date();
  const documento = judged(source, ahora);
  assertSeals(certificado, documento.emisor, ahora);
  const emisor = { rfc: documento.emisor, nombre: demand(all, 'nombre'), regimenFiscal: demand(all, 'regimen') };
  const importes = calculaImportes(documento);
  const fecha = fechaOf(all.options['fecha'], documento, ahora);
  return sella({ documento, importes, emisor, fecha, certificado }, key).bytes.toString('utf8');
}

/** Certificate and seal take the place of whatever the XML carried; everything else is written as it was read. */
function sealedXml(source: Buffer, { certificado, key }: Csd): string {
  const { root } = readXml(source);
  const rfc = childrenOf(root, CFDI, 'Emisor').map((one) => attributeOf(one, 'Rfc'))[0] ?? '';
  assertSeals(certificado, rfc, new Date());
  const certified = withAttributes(root, { NoCertificado: certificado.numero, Certificado: certificado.base64 });
  const sealed = withAttributes(certified, { Sello: firma(cadenaOriginal(certified), key) });
  return `<?xml version="1.0" encoding="UTF-8"?>${writeXml(sealed)}`;
}

function withAttributes(root: XmlElement, values: Readonly<Record<string, string>>): XmlElement {
  const kept = root.attributes.filter(({ uri, local }) => uri !== '' || !Object.hasOwn(values, local));
  const added = Object.entries(values).map(([local, value]) => ({ prefix: '', local, uri: '', value }));
  return { ...root, attributes: [...kept, ...added] };
}

function judged(json: Buffer, ahora: Date): Documento {
  const parsed = parseDocumento(jsonIn(json));
  const faltas = 'faltas' in parsed ? parsed.faltas : reglas(parsed.documento, { ahora });
  if ('faltas' in parsed || faltas.length > 0) throw new Faulty(faltas.map(lineOf).join('\n'));
  return parsed.documento;
}

function jsonIn(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new Faulty('El documento no es JSON.');
  }
}

function lineOf({ path, code, message, remedy }: Falta): string {
  return `${path === '' ? '(documento)' : path}: ${message} ${remedy} [${code}]`;
}

function fechaOf(given: string | undefined, { zonaHoraria, lugarExpedicion }: Documento, ahora: Date): string {
  if (given === undefined) return horaLocal(ahora, zonaHoraria ?? zonaDe(lugarExpedicion) ?? 'America/Mexico_City');
  if (!FECHA.test(given)) throw new Usage('--fecha es como 2026-11-21T09:30:00.');
  return given;
}
