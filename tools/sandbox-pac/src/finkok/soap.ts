import { namespaces } from './services.ts';
import { parse, type XmlElement } from '../pac/document.ts';
import { Refusal } from '../pac/refusal.ts';

/** A call as it came: the operation, and its simple fields as text. */
export interface Call {
  readonly operation: string;
  readonly fields: ReadonlyMap<string, string>;
}

/** Thrown for what is no call of the service; the sentence is the fault string. */
export class NoCall extends Error {
  override readonly name = 'NoCall';
}

/** Reads a SOAP 1.1 envelope. Prefixes mean nothing. Errors: NoCall. */
export function callIn(body: Buffer): Call {
  const root = rootOf(body);
  if (root.namespace !== namespaces.envelope || root.name !== 'Envelope') throw new NoCall('No es un sobre SOAP 1.1');
  const [operation] = root.children.filter(isBody).flatMap((one) => one.children);
  if (operation === undefined) throw new NoCall('El sobre no lleva operación');
  return { operation: operation.name, fields: new Map(operation.children.map((one) => [one.name, one.text])) };
}

function isBody(element: XmlElement): boolean {
  return element.namespace === namespaces.envelope && element.name === 'Body';
}

function rootOf(body: Buffer): XmlElement {
  try {
    return parse(body).root;
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    throw new NoCall(`No es XML bien formado: ${cause.detail}`, { cause });
  }
}

/** An element of an answer: text, or elements within. */
export type Part = readonly [name: string, content: string | readonly Part[]];

/** The envelope around the result of an operation, as the service writes it. */
export function resultEnvelope(namespace: string, operation: string, parts: readonly Part[]): string {
  const result = `<tns:${operation}Result>${parts.map(written).join('')}</tns:${operation}Result>`;
  const body = `<tns:${operation}Response>${result}</tns:${operation}Response>`;
  return envelope(body, ` xmlns:tns="${namespace}" xmlns:s0="${namespaces.views}"`);
}

/** The envelope of a fault; it goes with HTTP 500. */
export function faultEnvelope(code: 'Client' | 'Server', sentence: string): string {
  const inner = `<faultcode>senv:${code}</faultcode><faultstring>${escaped(sentence)}</faultstring><faultactor/>`;
  return envelope(`<senv:Fault>${inner}</senv:Fault>`, '');
}

function envelope(body: string, declarations: string): string {
  const head = `<?xml version='1.0' encoding='UTF-8'?>\n<senv:Envelope xmlns:senv="${namespaces.envelope}"${declarations}>`;
  return `${head}<senv:Body>${body}</senv:Body></senv:Envelope>`;
}

function written([name, content]: Part): string {
  if (content.length === 0) return `<s0:${name}/>`;
  const inner = typeof content === 'string' ? escaped(content) : content.map(written).join('');
  return `<s0:${name}>${inner}</s0:${name}>`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' };

function escaped(text: string): string {
  return text.replace(/[&<>\r]/g, (character) => entities[character] ?? character);
}
