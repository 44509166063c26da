import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer, Desk } from '../desk.ts';
import { readBody } from '../http/body.ts';
import { formField } from '../http/multipart.ts';
import { json, send, sendHalf } from '../http/send.ts';
import { Refusal } from '../pac/refusal.ts';
import type { Exchange, Protocol } from '../protocol.ts';
import { answerTo, errorBody, type SwBody, type Version } from './answers.ts';
import { tokenLife, type Tokens } from './tokens.ts';

const stampPath = /^\/(?:v4\/)?cfdi33\/stamp\/(v[1-4])(\/b64)?$/;
const customidLimit = 100;
/** Seconds that a caller turned away by 429 should wait. */
const retryAfter = '2';

/** The account that the service knows. */
export interface Account {
  readonly user: string;
  readonly password: string;
}

function same(given: string | undefined, expected: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given ?? ''), hash(expected));
}

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
    const known =
      same(header(request, 'user'), this.account.user) && same(header(request, 'password'), this.account.password);
    if (!known) return send(response, json(401, errorBody(new Refusal('AU2000')), now));
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
    const token = /^bearer\s+(.+)$/i.exec(header(request, 'authorization') ?? '')?.[1] ?? '';
    const message = this.tokens.fault(token, this.desk.clock.now());
    if (message !== undefined) return { status: 401, message };
    if (xml === undefined) return { status: 400, message: 'Xml CFDI no proporcionado o viene vacío.' };
    if (customid !== null && (customid === '' || customid.length > customidLimit)) {
      return { status: 400, message: `El customId viene vacío o es mayor a ${customidLimit} caracteres.` };
    }
    return undefined;
  }

  private answer(response: ServerResponse, answer: Answer, version: Version): void {
    const { now } = answer;
    switch (answer.kind) {
      case 'drop':
        return void response.socket?.destroy();
      case 'html':
        return send(response, { status: 200, type: 'text/html; charset=utf-8', body: captivePortal, now });
      case 'error':
        return send(response, {
          ...json(answer.status, sentence(errors[answer.status]), now),
          headers: retry(answer.status),
        });
      case 'outcome': {
        const { status, body } = answerTo(answer.outcome, version);
        return send(response, json(status, body, now));
      }
      case 'cut': {
        const { status, body } = answerTo(answer.outcome, version);
        return sendHalf(response, json(status, body, now));
      }
    }
  }
}

const errors = { 500: 'CO1000 - Error no clasificado en el servicio.', 429: 'Demasiadas solicitudes.' } as const;

function retry(status: 500 | 429): Record<string, string> {
  return status === 429 ? { 'retry-after': retryAfter } : {};
}

/** What a router answers in place of the service while the line is not paid for. */
const captivePortal =
  '<!DOCTYPE html><html lang="es"><head><title>Acceso a Internet</title></head>' +
  '<body><h1>Inicie sesión para navegar</h1></body></html>';
