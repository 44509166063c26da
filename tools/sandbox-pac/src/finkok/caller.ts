import type { RunningSandbox } from '../client.ts';
import { parse, type XmlElement } from '../pac/document.ts';
import type { ServiceName } from './services.ts';

/** An answer of the service as a client sees it. */
export interface FinkokAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Simple fields of the result; empty for what is no result. */
  readonly fields: ReadonlyMap<string, string>;
  /** Codes of the incidences, in order. */
  readonly codes: readonly string[];
  readonly fault: string | undefined;
}

function* all(element: XmlElement): Generator<XmlElement> {
  yield element;
  for (const child of element.children) yield* all(child);
}

async function answerOf(response: Response): Promise<FinkokAnswer> {
  const text = await response.text();
  const elements = text.startsWith('<?xml') ? [...all(parse(Buffer.from(text)).root)] : [];
  const result = elements.find(({ name }) => name.endsWith('Result'))?.children ?? [];
  return {
    status: response.status,
    headers: response.headers,
    text,
    fields: new Map(result.filter(({ children }) => children.length === 0).map((one) => [one.name, one.text])),
    codes: elements.filter(({ name }) => name === 'CodigoError').map((one) => one.text),
    fault: elements.find(({ name }) => name === 'faultstring')?.text,
  };
}

/** A plain client of Finkok's protocol for the sandbox's own tests; the agent's adapter is not to be its judge. */
export class FinkokCaller {
  private readonly sandbox: Pick<RunningSandbox, 'pacUrl' | 'user' | 'password'>;

  constructor(sandbox: Pick<RunningSandbox, 'pacUrl' | 'user' | 'password'>) {
    this.sandbox = sandbox;
  }

  /** The address of a service. */
  address(service: ServiceName): string {
    return `${this.sandbox.pacUrl}/finkok/servicios/soap/${service}`;
  }

  /** Calls with the credentials of the account, or with others. */
  async call(
    operation: string,
    fields: Record<string, string>,
    service: ServiceName = 'stamp',
    password = this.sandbox.password,
  ): Promise<FinkokAnswer> {
    const all = { ...fields, username: this.sandbox.user, password };
    const inner = Object.entries(all).map(([name, text]) => `<n:${name}>${text}</n:${name}>`);
    const call = `<n:${operation} xmlns:n="http://facturacion.finkok.com/${service}">${inner.join('')}</n:${operation}>`;
    return this.post(
      service,
      `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>${call}</e:Body></e:Envelope>`,
    );
  }

  /** Stamps, or does with the same fields what else is asked. */
  stamp(xml: Buffer, operation = 'stamp'): Promise<FinkokAnswer> {
    return this.call(operation, { xml: xml.toString('base64') });
  }

  /** Any body. */
  async post(service: ServiceName, body: string): Promise<FinkokAnswer> {
    const headers = { 'content-type': 'text/xml; charset=utf-8' };
    return answerOf(await fetch(this.address(service), { method: 'POST', headers, body }));
  }
}
