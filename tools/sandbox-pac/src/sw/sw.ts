import type { IncomingMessage, ServerResponse } from 'node:http';
import { json, readBody, send } from '@nexora/sandbox-kit';
import { knows, type Account } from '../account.ts';
import { deliver } from '../delivery.ts';
import type { Answer, Desk } from '../desk.ts';
import { formField } from '../http/multipart.ts';
import type { Outcome } from '../pac/pac.ts';
import { Refusal } from '../pac/refusal.ts';
import type { Exchange, Protocol } from '../protocol.ts';
import { answerTo, errorBody, type SwBody, type Version } from './answers.ts';
import { tokenLife, type Tokens } from './tokens.ts';

const stampPath = /^\/(?:v4\/)?cfdi33\/stamp\/(v[1-4])(\/b64)?$/;
const customidLimit = 100;

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function sentence(message: string, messageDetail = ''): SwBody {
  return { status: 'error', message, messageDetail, data: null };
}

/** SW sapien's REST protocol: login, and stamping of sealed XML in its versions 1 to 4. */
export class SwProtocol implements Protocol {
  private readonly desk: Desk;
  private readonly tokens: Tokens;
  private readonly account: Account;

  constructor(desk: Desk, tokens: Tokens, account: Account) {
    this.desk = desk;
    this.tokens = tokens;
    this.account = account;
  }

  async handle({ request, response, path }: Exchange): Promise<boolean> {
    const match = stampPath.exec(path);
    if (match === null && path !== '/security/authenticate') return false;
    if (request.method !== 'POST') {
      send(response, json(405, sentence('Método no permitido'), this.desk.clock.now()));
    } else if (match === null) {
      this.authenticate(request, response);
    } else {
      await this.stamp(request, response, match[1] as Version, match[2] !== undefined);
    }
    return true;
  }

  private authenticate(request: IncomingMessage, response: ServerResponse): void {
    const now = this.desk.clock.now();
    request.resume();
    const isKnown = knows(this.account, header(request, 'user'), header(request, 'password'));
    if (!isKnown) return send(response, json(401, errorBody(new Refusal('AU2000')), now));
    // As the service has it: the end in seconds since 1970, and a letter too many in the last name.
    const end = Math.floor(now.getTime() / 1000) + tokenLife;
    const data = { token: this.tokens.issue(now), expires_in: end, tokeny_type: 'Bearer' };
    send(response, json(200, { status: 'success', data } satisfies SwBody, now));
  }

  private async stamp(
    request: IncomingMessage,
    response: ServerResponse,
    version: Version,
    base64: boolean,
  ): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const body = await readBody(request);
    const field = formField(body, header(request, 'content-type') ?? '', 'xml');
    const xml = base64 && field !== undefined ? Buffer.from(field.toString('latin1'), 'base64') : field;
    const customid = header(request, 'customid') ?? null;
    const fault = this.faultOf(request, xml, customid);
    if (fault !== undefined) {
      await this.desk.turnAway(xml ?? body, customid);
      return send(response, json(fault.status, sentence(fault.message), this.desk.clock.now()));
    }
    this.answer(response, await this.desk.receive(xml ?? body, customid, gone.signal), version);
  }

  private faultOf(
    request: IncomingMessage,
    xml: Buffer | undefined,
    customid: string | null,
  ): { status: number; message: string } | undefined {
    const message = this.tokens.faultOf(request.headers.authorization, this.desk.clock.now());
    if (message !== undefined) return { status: 401, message };
    if (xml === undefined) return { status: 400, message: 'Xml CFDI no proporcionado o viene vacío.' };
    if (customid !== null && (customid === '' || customid.length > customidLimit)) {
      return { status: 400, message: `El customId viene vacío o es mayor a ${customidLimit} caracteres.` };
    }
    return undefined;
  }

  private answer(response: ServerResponse, answer: Answer<Outcome>, version: Version): void {
    deliver(response, answer, {
      outcome: (outcome, now) => {
        const { status, body } = answerTo(outcome, version);
        return json(status, body, now);
      },
      error: (status, now) => json(status, sentence(errors[status]), now),
    });
  }
}

const errors = { 500: 'CO1000 - Error no clasificado en el servicio.', 429: 'Demasiadas solicitudes.' } as const;
