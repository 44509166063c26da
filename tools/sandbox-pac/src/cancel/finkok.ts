import { type Message, readBody, send } from '@nexora/sandbox-kit';
import { knows, type Account } from '../account.ts';
import { deliver } from '../delivery.ts';
import type { Answer } from '../desk.ts';
import { callIn, faultEnvelope, NoCall, resultEnvelope, type Call, type Part } from '../finkok/soap.ts';
import { localTime } from '../pac/dates.ts';
import type { Exchange, Protocol } from '../protocol.ts';
import { envelopedAcuse } from './acuse.ts';
import type { Said } from './authority.ts';
import type { CancelDesk } from './desk.ts';

const path = '/finkok/servicios/soap/cancel';
const namespace = 'http://facturacion.finkok.com/cancel';
const errors = { 500: 'Error no clasificado en el servicio.', 429: 'Demasiadas solicitudes.' } as const;

/** Finkok's `cancel_signature`: cancellation with a document signed by the caller. */
export class FinkokCancelProtocol implements Protocol {
  private readonly desk: CancelDesk;
  private readonly account: Account;

  constructor(desk: CancelDesk, account: Account) {
    this.desk = desk;
    this.account = account;
  }

  async handle({ request, response, path: asked }: Exchange): Promise<boolean> {
    if (asked !== path) return false;
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const body = await readBody(request);
    try {
      const call = callIn(body);
      if (call.operation !== 'cancel_signature') throw new NoCall(`No existe ${call.operation}`);
      deliver(response, await this.done(call, gone.signal), {
        outcome: (parts, now) => xml(200, resultEnvelope(namespace, call.operation, parts), now),
        error: (status, now) => xml(status, faultEnvelope('Server', errors[status]), now),
      });
    } catch (error) {
      if (!(error instanceof NoCall)) throw error;
      send(response, xml(500, faultEnvelope('Client', error.message), this.desk.clock.now()));
    }
    return true;
  }

  private async done({ fields }: Call, signal: AbortSignal): Promise<Answer<readonly Part[]>> {
    const document = Buffer.from(fields.get('xml') ?? '', 'base64');
    if (!knows(this.account, fields.get('username'), fields.get('password'))) {
      await this.desk.turnAway(document, '300');
      const now = this.desk.clock.now();
      return { kind: 'outcome', outcome: [['CodEstatus', '300 - El usuario o contraseña son inválidos']], now };
    }
    const answer = await this.desk.receive(document, signal);
    return 'outcome' in answer ? { ...answer, outcome: partsOf(answer.outcome, answer.now) } : answer;
  }
}

function partsOf(said: Said, now: Date): Part[] {
  if (said.kind === 'refused') return [['CodEstatus', said.refusal.message.replace(/^AU2001/, '718')]];
  const { code, request } = said;
  const folio: Part[] = [
    ['UUID', request.uuid.toUpperCase()],
    // What cannot be cancelled has no number here.
    ['EstatusUUID', code === '204' ? 'no_cancelable' : code],
    ['EstatusCancelacion', ''],
  ];
  return [
    ['Folios', [['Folio', folio]]],
    ['Acuse', envelopedAcuse(request, code, now)],
    ['Fecha', localTime(now)],
    ['RfcEmisor', request.rfc],
  ];
}

function xml(status: number, body: string, now: Date): Message {
  return { status, type: 'text/xml; charset=utf-8', body, now };
}
