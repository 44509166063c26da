import type { IncomingMessage, ServerResponse } from 'node:http';
import { json, readBody, send } from '@nexora/sandbox-kit';
import { deliver } from '../delivery.ts';
import { formField } from '../http/multipart.ts';
import type { Exchange, Protocol } from '../protocol.ts';
import type { SwBody } from '../sw/answers.ts';
import type { Tokens } from '../sw/tokens.ts';
import { acuseOf } from './acuse.ts';
import type { Said } from './authority.ts';
import type { CancelDesk } from './desk.ts';

const cancelPath = '/cfdi33/cancel/xml';
const balancePath = '/management/v2/api/users/balance';
const errors = { 500: 'CO1000 - Error no clasificado en el servicio.', 429: 'Demasiadas solicitudes.' } as const;

function fault(message: string, messageDetail = ''): SwBody {
  return { status: 'error', message, messageDetail, data: null };
}

/** SW's cancellation with a document signed by the caller, and the stamps left in the account. */
export class SwCancelProtocol implements Protocol {
  private readonly desk: CancelDesk;
  private readonly tokens: Tokens;
  private readonly stampsMade: () => number;

  constructor(desk: CancelDesk, tokens: Tokens, stampsMade: () => number) {
    this.desk = desk;
    this.tokens = tokens;
    this.stampsMade = stampsMade;
  }

  async handle({ request, response, path }: Exchange): Promise<boolean> {
    if (path !== cancelPath && path !== balancePath) return false;
    const method = path === cancelPath ? 'POST' : 'GET';
    const body = await readBody(request);
    const unauthorized = this.tokenFault(request);
    const now = this.desk.clock.now();
    if (request.method !== method) send(response, json(405, fault('Método no permitido'), now));
    else if (unauthorized !== undefined) send(response, json(401, fault(unauthorized), now));
    else if (path === balancePath) send(response, json(200, this.balance(), now));
    else await this.cancel(body, request, response);
    return true;
  }

  private tokenFault(request: IncomingMessage): string | undefined {
    const token = /^bearer\s+(.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
    return this.tokens.fault(token, this.desk.clock.now());
  }

  private balance(): SwBody {
    const { stamps } = this.desk.authority.book.terms;
    const data = { stampsBalance: stamps, stampsUsed: this.stampsMade(), isUnlimited: false };
    return { status: 'success', data };
  }

  private async cancel(body: Buffer, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const xml = formField(body, request.headers['content-type'] ?? '', 'xml');
    if (xml === undefined) {
      await this.desk.turnAway(body, null);
      const said = fault('CACFDI33 - Problemas con el xml.', 'El xml viene vacío.');
      return send(response, json(400, said, this.desk.clock.now()));
    }
    deliver(response, await this.desk.receive(xml, gone.signal), {
      outcome: (said, now) => {
        const { status, data } = answerTo(said, now);
        return json(status, data, now);
      },
      error: (status, now) => json(status, fault(errors[status]), now),
    });
  }
}

/** What is told for the folio comes with 200 and the acknowledgement; a refused document with 400, its code in the detail. */
function answerTo(said: Said, now: Date): { status: number; data: SwBody } {
  if (said.kind === 'refused') {
    const { code, message } = said.refusal;
    const isOwn = /^[A-Z]/.test(code);
    return {
      status: 400,
      data: isOwn ? fault(message) : fault('CACFDI33 - Problemas con los campos.', `CA${message}`),
    };
  }
  const { code, request } = said;
  const data = { acuse: acuseOf(request, code, now), uuid: { [request.uuid.toUpperCase()]: code } };
  return { status: 200, data: { status: 'success', data } };
}
