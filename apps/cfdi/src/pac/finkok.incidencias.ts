import { elementsOf, type XmlElement } from '@nexora/comprobante';
import { textOf } from './soap.ts';

/** What Finkok complains of in a result. */
export interface Incidencia {
  readonly code: string;
  readonly message: string;
  readonly extra: string;
}

/** The incidences of a result, in order; it may name the same one twice. */
export function incidenciasIn(result: XmlElement): Incidencia[] {
  return elementsOf(result)
    .filter(({ local }) => local === 'Incidencias')
    .flatMap(elementsOf)
    .map((one) => ({
      code: textOf(one, 'CodigoError').trim().toUpperCase(),
      message: textOf(one, 'MensajeIncidencia'),
      extra: textOf(one, 'ExtraInfo'),
    }));
}

/** The stamped comprobante in a result; '' when there is none, or (as it happens) only the name of its file. */
export function xmlIn(result: XmlElement): string {
  const xml = textOf(result, 'xml');
  return /^\uFEFF?\s*</.test(xml) ? xml : '';
}
