import { childrenOf, readXml, type XmlElement } from '@nexora/comprobante';
import { cadenaDelTimbre, cadenaOriginal } from '../../comprobante/cadena-original.ts';
import { CFDI, TFD } from '../../comprobante/espacios.ts';
import { Invalid } from '../../comprobante/recorrido.ts';
import { fileAt, given, Usage, type Run } from './command.ts';

/** The cadena original of comprobantes or of their stamps: of one file nothing else, of several one line each. */
export const cadena: Run = (args, { write, complain }) => {
  const { positionals, flags } = given(args, [], ['tfd']);
  if (positionals.length === 0) throw new Usage('Escriba uno o más archivos XML.');
  const isOne = positionals.length === 1;
  for (const path of positionals) {
    try {
      const { root } = readXml(fileAt(path));
      write(`${cadenaOf(root, flags.has('tfd'))}${isOne ? '' : '\n'}`);
    } catch (error) {
      if (!isOne && !(error instanceof Usage)) complain(`${path}: `);
      throw error;
    }
  }
};

function cadenaOf(root: XmlElement, ofTheStamp: boolean): string {
  if (root.uri === TFD) return cadenaDelTimbre(root);
  return ofTheStamp ? cadenaDelTimbre(onlyStampIn(root)) : cadenaOriginal(root);
}

function onlyStampIn(root: XmlElement): XmlElement {
  const stamps = childrenOf(root, CFDI, 'Complemento').flatMap((one) => childrenOf(one, TFD, 'TimbreFiscalDigital'));
  const [stamp] = stamps;
  if (stamp === undefined) throw new Invalid('El comprobante no está timbrado: no lleva timbre.');
  if (stamps.length > 1) throw new Invalid('El comprobante lleva más de un timbre.');
  return stamp;
}
