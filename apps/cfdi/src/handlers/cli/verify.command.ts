import { attributeOf, childrenOf, readXml, writeXml, type XmlElement } from '@nexora/comprobante';
import { cadenaDelTimbre, cadenaOriginal } from '../../comprobante/cadena-original.ts';
import { assertSeals, readCertificado, type Certificado } from '../../comprobante/csd.ts';
import { CFDI, TFD } from '../../comprobante/espacios.ts';
import { firmaVale } from '../../comprobante/sello.ts';
import { readTimbre } from '../../comprobante/timbre.ts';
import { sentenceOf, Xsd } from '../../store/xsd.ts';
import { Faulty, fileAt, given, single, Usage, type Given, type Run } from './command.ts';
import { instanteCercano, zonaDelLugar } from './fecha.ts';

/** Where the house has schemas, given by the start of the command line: nobody asked for them by name. */
const HOUSE_XSD = 'house-xsd';

/** Checks the seal of a comprobante, the certificate inside it, its stamp, and the schemas where they are there. */
export const verify: Run = async (args, { write }) => {
  const all = given(args, ['sat-cer', 'xsd', HOUSE_XSD]);
  const { root } = readXml(fileAt(single(all, 'un archivo XML')));
  const cadena = cadenaOriginal(root);
  const certificado = certificateIn(root);
  const sello = attributeOf(root, 'Sello') ?? '';
  must(sello !== '', 'El comprobante no está sellado: no lleva Sello.');
  must(firmaVale(cadena, sello, certificado.publicKey), 'El sello no corresponde al comprobante.');
  const satPath = all.options['sat-cer'];
  const sat = satPath === undefined ? null : readCertificado(fileAt(satPath));
  const stamps = stampsIn(root).map((stamp) => stampLine(stamp, sello, sat));
  const lines = [
    `Sello válido: ${certificado.rfc}, certificado ${certificado.numero}.`,
    ...stamps,
    schemaLine(root, await schemasOf(all)),
  ];
  write(`${lines.join('\n')}\n`);
};

/** @throws Faulty, CsdRefused when the certificate cannot have sealed this comprobante */
function certificateIn(root: XmlElement): Certificado {
  const bytes = Buffer.from(attributeOf(root, 'Certificado') ?? '', 'base64');
  must(bytes.length > 0, 'El comprobante no lleva certificado.');
  const certificado = readCertificado(bytes);
  must(certificado.numero === attributeOf(root, 'NoCertificado'), 'NoCertificado no es el del certificado.');
  const emisor = childrenOf(root, CFDI, 'Emisor').map((one) => attributeOf(one, 'Rfc'))[0] ?? '';
  const fecha = attributeOf(root, 'Fecha') ?? '';
  const at = instanteCercano(fecha, zonaDelLugar(attributeOf(root, 'LugarExpedicion') ?? ''));
  if (at === undefined) throw new Faulty('La Fecha del comprobante no es una fecha.');
  assertSealed(certificado, emisor, at);
  return certificado;
}

/** As at sealing, in words for a document of another day. */
function assertSealed(certificado: Certificado, emisor: string, at: Date): void {
  const { validFrom, validTo } = certificado;
  const [first, last] = [validFrom, validTo].map((one) => one.toISOString().slice(0, 10));
  const isValid = at >= validFrom && at <= validTo;
  must(isValid, `El certificado no era vigente en la Fecha del comprobante: vale del ${first} al ${last}.`);
  assertSeals(certificado, emisor, at);
}

/** The schemas that are asked for, which must be usable; else those of the house, which may be off. @throws Usage */
async function schemasOf({ options }: Given): Promise<Xsd> {
  const folder = options['xsd'];
  if (folder === undefined) return Xsd.open(options[HOUSE_XSD] ?? '');
  const xsd = await Xsd.open(folder);
  if (xsd.off !== undefined) throw new Usage(`No se puede usar --xsd ${folder}: ${sentence(xsd.off)}`);
  return xsd;
}

/** With its full stop, once. */
function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}

/** An addenda has no schema, so it is taken off first. @throws Faulty with every place that breaks a schema */
function schemaLine(root: XmlElement, xsd: Xsd): string {
  if (xsd.off !== undefined) return `Esquema (XSD): no se comprobó; ${sentence(xsd.off)}`;
  const children = root.children.filter(
    (child) => typeof child === 'string' || child.uri !== CFDI || child.local !== 'Addenda',
  );
  const faults = xsd.faultsOf(Buffer.from(writeXml({ ...root, children })));
  must(faults.length === 0, faults.map(sentenceOf).join('\n'));
  return 'Esquema (XSD) válido.';
}

function stampsIn(root: XmlElement): XmlElement[] {
  const stamps = childrenOf(root, CFDI, 'Complemento').flatMap((one) => childrenOf(one, TFD, 'TimbreFiscalDigital'));
  must(stamps.length <= 1, 'El comprobante lleva más de un timbre.');
  return stamps;
}

function stampLine(stamp: XmlElement, sello: string, sat: Certificado | null): string {
  const timbre = readTimbre(stamp);
  must(timbre.selloCfd === sello, 'El timbre es de otro sello que el del comprobante.');
  if (sat === null) return `Timbre ${timbre.uuid} del ${timbre.fechaTimbrado}; el sello del SAT no se comprobó.`;
  must(sat.numero === timbre.noCertificadoSat, 'El certificado del SAT dado no es el del timbre.');
  must(firmaVale(cadenaDelTimbre(stamp), timbre.selloSat, sat.publicKey), 'El sello del SAT no es válido.');
  return `Timbre válido: ${timbre.uuid} del ${timbre.fechaTimbrado}.`;
}

function must(holds: boolean, otherwise: string): void {
  if (!holds) throw new Faulty(otherwise);
}
