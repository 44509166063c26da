import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Message, readBody, send } from '@nexora/sandbox-kit';
import { knows, type Account } from '../account.ts';
import { deliver } from '../delivery.ts';
import type { Answer, Desk } from '../desk.ts';
import type { Stamp } from '../pac/timbre.ts';
import type { Exchange, Protocol } from '../protocol.ts';
import { creditResult, pendingResult, stampedResult, stampResult, turnedAwayResult, xmlResult } from './answers.ts';
import { namespaces, services, wsdlOf, type ServiceName } from './services.ts';
import { callIn, faultEnvelope, NoCall, resultEnvelope, type Call, type Part } from './soap.ts';

/** Everything that speaks Finkok stands below this path, so that one port serves both protocols. */
const servicePath = /^\/finkok\/servicios\/soap\/(stamp|utilities)(\.wsdl)?$/;
const xmlType = 'text/xml; charset=utf-8';

/** Finkok's SOAP services: stamping of sealed XML, and what was stamped before. */
export class FinkokProtocol implements Protocol {
  private readonly desk: Desk;
  private readonly account: Account;
  private readonly credit: () => number;

  /** @param credit stamps that the account says it has left */
  constructor(desk: Desk, account: Account, credit: () => number) {
    this.desk = desk;
    this.account = account;
    this.credit = credit;
  }

  async handle({ request, response, path }: Exchange): Promise<boolean> {
    const match = servicePath.exec(path);
    if (match === null) return false;
    const service = match[1] as ServiceName;
    if (request.method === 'POST') await this.call(request, response, service);
    else this.describe(request, response, service);
    return true;
  }

  private describe(request: IncomingMessage, response: ServerResponse, service: ServiceName): void {
    request.resume();
    const now = this.desk.clock.now();
    if (request.method !== 'GET') return send(response, { status: 405, type: 'text/plain', body: '', now });
    const address = `http://${request.headers.host ?? ''}/finkok/servicios/soap/${service}`;
    send(response, { status: 200, type: xmlType, body: wsdlOf(service, address), now });
  }

  private async call(request: IncomingMessage, response: ServerResponse, service: ServiceName): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const body = await readBody(request);
    try {
      const call = callIn(body);
      if (!Object.hasOwn(services[service], call.operation)) throw new NoCall(`No existe ${call.operation}`);
      deliver(response, await this.done(call, gone.signal), {
        outcome: (parts, now) => xml(200, resultEnvelope(namespaces[service], call.operation, parts), now),
        error: (status, now) => xml(status, faultEnvelope('Server', errors[status]), now),
      });
    } catch (error) {
      if (!(error instanceof NoCall)) throw error;
      send(response, xml(500, faultEnvelope('Client', error.message), this.desk.clock.now()));
    }
  }

  private async done(call: Call, signal: AbortSignal): Promise<Answer<readonly Part[]>> {
    const uuid = field(call, 'uuid');
    switch (call.operation) {
      case 'stamped':
        return this.look(call, xmlIn(call), signal, stampedResult);
      case 'query_pending':
        return this.look(call, { uuid }, signal, (stamp) => pendingResult(uuid, stamp));
      case 'get_xml':
        return this.look(call, { uuid }, signal, (stamp) => xmlResult(uuid, stamp));
      case 'report_credit':
        return this.isKnown(call) ? this.creditNow() : this.turnedAway();
      default:
        return this.stamp(call, signal);
    }
  }

  private creditNow(): Answer<readonly Part[]> {
    const now = this.desk.clock.now();
    return { kind: 'outcome', outcome: creditResult(this.credit(), now), now };
  }

  private async stamp(call: Call, signal: AbortSignal): Promise<Answer<readonly Part[]>> {
    const xml = xmlIn(call);
    if (!this.isKnown(call)) {
      await this.desk.turnAway(xml, null);
      return this.turnedAway();
    }
    const answer = await this.desk.receive(xml, null, signal);
    return told(answer, (outcome) => stampResult(outcome, answer.now, call.operation === 'quick_stamp'));
  }

  private async look(
    call: Call,
    asked: Buffer | { uuid: string },
    signal: AbortSignal,
    result: (stamp: Stamp | undefined, now: Date) => Part[],
  ): Promise<Answer<readonly Part[]>> {
    if (!this.isKnown(call)) return this.turnedAway();
    const answer = await this.desk.recall(asked, signal);
    return told(answer, (stamp) => result(stamp, answer.now));
  }

  private isKnown(call: Call): boolean {
    return knows(this.account, field(call, 'username'), field(call, 'password'));
  }

  private turnedAway(): Answer<readonly Part[]> {
    const now = this.desk.clock.now();
    return { kind: 'outcome', outcome: turnedAwayResult(now), now };
  }
}

const errors = { 500: 'Error no clasificado en el servicio.', 429: 'Demasiadas solicitudes.' } as const;

function told<T, U>(answer: Answer<T>, translate: (outcome: T) => U): Answer<U> {
  return 'outcome' in answer ? { ...answer, outcome: translate(answer.outcome) } : answer;
}

function field({ fields }: Call, name: string): string {
  return fields.get(name) ?? '';
}

function xmlIn(call: Call): Buffer {
  return Buffer.from(field(call, 'xml'), 'base64');
}

function xml(status: number, body: string, now: Date): Message {
  return { status, type: xmlType, body, now };
}
