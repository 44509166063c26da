import { elementsOf, readXml, writeXml, XmlFault, type XmlElement } from '@nexora/comprobante';

/** What the tax authority's consultation service is asked by: the same as the QR of the printed comprobante. */
export interface Consultado {
  readonly emisor: string;
  readonly receptor: string;
  /** Decimal string. */
  readonly total: string;
  readonly uuid: string;
  readonly sello: string;
}

/** What it says of a comprobante. '' where it says nothing. */
export interface EstadoSat {
  /** `S - …` found, `N - 601 …` the question is wrong, `N - 602 …` not found. */
  readonly codigoEstatus: string;
  /** `Vigente`, `Cancelado`, `No Encontrado`. */
  readonly estado: string;
  /** `No cancelable`, `Cancelable sin aceptación`, `Cancelable con aceptación`. */
  readonly esCancelable: string;
  /** `En proceso`, `Plazo vencido`, `Solicitud rechazada`, `Cancelado sin aceptación`, `Cancelado con aceptación`. */
  readonly estatusCancelacion: string;
  readonly validacionEfos: string;
}

const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/';
const SERVICE = 'http://tempuri.org/';

/**
 * The printed expression (Anexo 20, I.E): both RFCs with `&` written as `&amp;`, the total without zeros that say nothing
 * but with at least one decimal, the last eight of the seal.
 */
export function expresionImpresa({ emisor, receptor, total, uuid, sello }: Consultado): string {
  const parts = [`re=${rfc(emisor)}`, `rr=${rfc(receptor)}`, `tt=${sinCeros(total)}`, `id=${uuid}`];
  return `?${parts.join('&')}&fe=${sello.slice(-8)}`;
}

function rfc(text: string): string {
  return text.replaceAll('&', '&amp;');
}

function sinCeros(total: string): string {
  const [whole = '0', decimals = ''] = total.split('.');
  const kept = decimals.replace(/0+$/, '');
  return `${whole.replace(/^0+(?=\d)/, '')}.${kept === '' ? '0' : kept}`;
}

/** The question as SOAP 1.1. */
export function preguntaAlSat(expresion: string): string {
  const element = (prefix: string, local: string, uri: string, children: XmlElement['children']): XmlElement => ({
    prefix,
    local,
    uri,
    attributes: [],
    children,
  });
  const declared = (prefix: string, value: string): XmlElement['attributes'][number] => ({
    prefix: 'xmlns',
    local: prefix,
    uri: 'http://www.w3.org/2000/xmlns/',
    value,
  });
  const asked = element('t', 'Consulta', SERVICE, [element('t', 'expresionImpresa', SERVICE, [expresion])]);
  const envelope: XmlElement = {
    ...element('s', 'Envelope', SOAP, [element('s', 'Body', SOAP, [asked])]),
    attributes: [declared('s', SOAP), declared('t', SERVICE)],
  };
  return `<?xml version="1.0" encoding="UTF-8"?>${writeXml(envelope)}`;
}

/** Reads an answer; `undefined` for what is none: HTML, half an envelope, a fault, an answer without a state. */
export function leeEstado(text: string): EstadoSat | undefined {
  const result = resultIn(text);
  if (result === undefined) return undefined;
  const said = (local: string): string => {
    const child = elementsOf(result).find((one) => one.local === local);
    return (child?.children ?? [])
      .filter((one) => typeof one === 'string')
      .join('')
      .trim();
  };
  const read = {
    codigoEstatus: said('CodigoEstatus'),
    estado: said('Estado'),
    esCancelable: said('EsCancelable'),
    estatusCancelacion: said('EstatusCancelacion'),
    validacionEfos: said('ValidacionEFOS'),
  };
  return read.codigoEstatus === '' || read.estado === '' ? undefined : read;
}

function resultIn(text: string): XmlElement | undefined {
  try {
    return named(readXml(text).root, 'ConsultaResult');
  } catch (error) {
    if (error instanceof XmlFault) return undefined;
    throw error;
  }
}

function named(element: XmlElement, local: string): XmlElement | undefined {
  if (element.local === local) return element;
  return elementsOf(element)
    .map((child) => named(child, local))
    .find((found) => found !== undefined);
}
