import { X509Certificate } from 'node:crypto';
import { attributeOf, childrenOf, readXml, type XmlElement } from '@nexora/comprobante';
import { cadenaDelTimbre, cadenaOriginal } from '../../comprobante/cadena-original.ts';
import { readCertificado, type Certificado } from '../../comprobante/csd.ts';
import { CFDI, TFD } from '../../comprobante/espacios.ts';
import { firmaVale } from '../../comprobante/sello.ts';
import { readTimbre } from '../../comprobante/timbre.ts';
import { Faulty, fileAt, given, single, type Command } from './command.ts';

/** Checks the seal of a comprobante with the certificate inside it, and its stamp. */
export const verify: Command = {
  words: ['verify'],
  takes: '<archivo.xml | -> [--sat-cer <f>]',
  does: 'Comprueba el sello de un CFDI y, si está timbrado, su timbre.',
  run: (args, { write }) => {
    const all = given(args, ['sat-cer']);
    const { root } = readXml(fileAt(single(all, 'un archivo XML')));
    const certificado = certificateIn(root);
    const cadena = cadenaOriginal(root);
    const sello = attributeOf(root, 'Sello') ?? '';
    must(firmaVale(cadena, sello, certificado.publicKey), 'El sello no corresponde al comprobante.');
    write(`Sello válido: ${certificado.rfc}, certificado ${certificado.numero}.\n`);
    const satPath = all.options['sat-cer'];
    const sat = satPath === undefined ? null : readCertificado(fileAt(satPath));
    for (const stamp of stampsIn(root)) write(`${stampLine(stamp, sello, sat)}\n`);
  },
};

function certificateIn(root: XmlElement): Certificado {
  const bytes = Buffer.from(attributeOf(root, 'Certificado') ?? '', 'base64');
  must(bytes.length > 0, 'El comprobante no lleva certificado.');
  const certificado = readCertificado(bytes);
  must(certificado.numero === attributeOf(root, 'NoCertificado'), 'NoCertificado no es el del certificado.');
  const emisor = childrenOf(root, CFDI, 'Emisor').map((one) => attributeOf(one, 'Rfc'))[0];
  must(certificado.rfc === emisor, 'El certificado es de otro RFC que el emisor.');
  must(certificado.isCsd, `El certificado es una e.firma y no un CSD (${new X509Certificate(bytes).validTo}).`);
  return certificado;
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
