import { elementsOf, readXml, writeXml, XmlFault, type XmlElement } from '@nexora/comprobante';

const ENVELOPE = 'http://schemas.xmlsoap.org/soap/envelope/';

/** What a SOAP 1.1 service answered: the result of the operation, or a fault. */
export type SoapAnswer = { readonly result: XmlElement } | { readonly fault: string };

/** The envelope of a call, document/literal: an operation with simple fields. */
export function soapCall(namespace: string, operation: string, fields: Readonly<Record<string, string>>): string {
  const call = element('op', operation, namespace, [
    ...Object.entries(fields).map(([name, text]) => element('op', name, namespace, [text])),
  ]);
  const body = element('soap', 'Body', ENVELOPE, [call]);
  const envelope: XmlElement = {
    ...element('soap', 'Envelope', ENVELOPE, [body]),
    attributes: [declaration('soap', ENVELOPE), declaration('op', namespace)],
  };
  return `<?xml version="1.0" encoding="UTF-8"?>${writeXml(envelope)}`;
}

/** Reads an answer; `undefined` for what is none: HTML of a router, half an envelope, another operation's result. */
export function soapAnswer(text: string, operation: string): SoapAnswer | undefined {
  const root = rootOf(text);
  if (root === undefined || root.uri !== ENVELOPE || root.local !== 'Envelope') return undefined;
  const said = elementsOf(root).filter(({ uri, local }) => uri === ENVELOPE && local === 'Body');
  const [content] = said.flatMap(elementsOf);
  if (content === undefined) return undefined;
  if (content.local === 'Fault') return { fault: textOf(content, 'faultstring') };
  const result = elementsOf(content).find(({ local }) => local === `${operation}Result`);
  return result === undefined ? undefined : { result };
}

/** Text of the first child of that name, whatever its namespace; '' when there is none. */
export function textOf(parent: XmlElement, local: string): string {
  const child = elementsOf(parent).find((one) => one.local === local);
  return (child?.children ?? []).filter((one) => typeof one === 'string').join('');
}

function rootOf(text: string): XmlElement | undefined {
  try {
    return readXml(text).root;
  } catch (error) {
    if (error instanceof XmlFault) return undefined;
    throw error;
  }
}

function element(prefix: string, local: string, uri: string, children: XmlElement['children']): XmlElement {
  return { prefix, local, uri, attributes: [], children };
}

function declaration(local: string, value: string): XmlElement['attributes'][number] {
  return { prefix: 'xmlns', local, uri: 'http://www.w3.org/2000/xmlns/', value };
}
