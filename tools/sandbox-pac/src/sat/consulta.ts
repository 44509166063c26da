import { readBody, send } from '@nexora/sandbox-kit';
import type { Authority } from '../cancel/authority.ts';
import type { PacClock } from '../clock.ts';
import { attribute, childrenOf, parse, type XmlElement } from '../pac/document.ts';
import type { Memory } from '../pac/memory.ts';
import { Refusal } from '../pac/refusal.ts';
import type { Exchange, Protocol } from '../protocol.ts';

const path = '/ConsultaCFDIService.svc';
const action = 'http://tempuri.org/IConsultaCFDIService/Consulta';
const notFound = {
  codigo: 'N - 602: Comprobante no encontrado.',
  estado: 'No Encontrado',
  cancelable: '',
  estatus: '',
};

/** What the service answers. */
interface Told {
  readonly codigo: string;
  readonly estado: string;
  readonly cancelable: string;
  readonly estatus: string;
}

/** The tax authority's consultation service: SOAP, one operation, no login. */
export class ConsultaProtocol implements Protocol {
  private readonly authority: Authority;
  private readonly memory: Memory;
  private readonly clock: PacClock;

  constructor(authority: Authority, memory: Memory, clock: PacClock) {
    this.authority = authority;
    this.memory = memory;
    this.clock = clock;
  }

  async handle({ request, response, path: asked }: Exchange): Promise<boolean> {
    if (asked !== path) return false;
    const body = await readBody(request);
    const now = this.clock.house();
    const isDown = this.authority.book.terms.sat === 'down';
    const isCall = request.method === 'POST' && request.headers.soapaction?.toString().includes(action) === true;
    if (isDown || !isCall) {
      send(response, { status: isDown ? 503 : 400, type: 'text/html', body: '<h1>Service Unavailable</h1>', now });
      return true;
    }
    const told = await this.told(expressionIn(body), now);
    send(response, { status: 200, type: 'text/xml; charset=utf-8', body: envelope(told), now });
    return true;
  }

  private async told(expression: string | undefined, now: Date): Promise<Told> {
    if (expression === undefined || !expression.startsWith('?')) {
      return { ...notFound, codigo: 'N - 601: La expresión impresa proporcionada no es válida.' };
    }
    if (this.authority.book.terms.sat === 'not-found') return notFound;
    const asked = partsOf(expression);
    const uuid = asked.get('id') ?? '';
    const state = await this.authority.stateOf(uuid, now);
    if (state === undefined || !(await this.isRight(asked, uuid))) return notFound;
    return {
      codigo: 'S - Comprobante obtenido satisfactoriamente.',
      estado: state.estado,
      cancelable: state.esCancelable,
      estatus: state.estatusCancelacion,
    };
  }

  private async isRight(asked: ReadonlyMap<string, string>, uuid: string): Promise<boolean> {
    const found = await this.memory.ofUuid(uuid);
    if (found === undefined) return false;
    const { root } = parse(Buffer.from(found.stamp.cfdi, 'utf8'));
    const rfc = (party: string): string | undefined => childrenOf(root, party).map((one) => attribute(one, 'Rfc'))[0];
    const isSame = asked.get('re') === rfc('Emisor') && asked.get('rr') === rfc('Receptor');
    const isSum = Number(asked.get('tt')) === Number(attribute(root, 'Total'));
    return isSame && isSum && asked.get('fe') === found.stamp.selloCFDI.slice(-8);
  }
}

/**
 * Parts of `?re=…&rr=…`, as they stand: a seal may hold `+`, which is no space here. In an RFC `&amp;` is one character and
 * not the start of the next part.
 */
function partsOf(expression: string): ReadonlyMap<string, string> {
  const parts = expression.slice(1).replaceAll('&amp;', '\u0000').split('&');
  return new Map(
    parts.map((part) => {
      const at = part.indexOf('=');
      return [part.slice(0, at), part.slice(at + 1).replaceAll('\u0000', '&')];
    }),
  );
}

function expressionIn(body: Buffer): string | undefined {
  try {
    return textOf(parse(body).root, 'expresionImpresa');
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

function textOf(element: XmlElement, name: string): string | undefined {
  if (element.name === name) return element.text.trim();
  return element.children.map((child) => textOf(child, name)).find((found) => found !== undefined);
}

function envelope({ codigo, estado, cancelable, estatus }: Told): string {
  const part = (name: string, text: string): string =>
    text === '' ? `<a:${name}/>` : `<a:${name}>${text}</a:${name}>`;
  return (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><ConsultaResponse xmlns="http://tempuri.org/">' +
    '<ConsultaResult xmlns:a="http://schemas.datacontract.org/2004/07/Sat.Cfdi.Negocio.ConsultaCfdi.Servicio" ' +
    'xmlns:i="http://www.w3.org/2001/XMLSchema-instance">' +
    part('CodigoEstatus', codigo) +
    part('EsCancelable', cancelable) +
    part('Estado', estado) +
    part('EstatusCancelacion', estatus) +
    part('ValidacionEFOS', estado === 'No Encontrado' ? '' : '200') +
    '</ConsultaResult></ConsultaResponse></s:Body></s:Envelope>'
  );
}
