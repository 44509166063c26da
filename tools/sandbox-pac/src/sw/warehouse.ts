import type { IncomingMessage } from 'node:http';
import { json, send } from '@nexora/sandbox-kit';
import { deliver, type Voice } from '../delivery.ts';
import type { Desk } from '../desk.ts';
import type { Stamp } from '../pac/timbre.ts';
import type { Exchange, Protocol } from '../protocol.ts';
import type { SwBody } from './answers.ts';
import type { Tokens } from './tokens.ts';

const recordPath = /^\/datawarehouse\/v1\/live\/([^/]+)$/;
const filePath = /^\/datawarehouse\/files\/([0-9a-f-]{36})\.xml$/;

function sentence(message: string): SwBody {
  return { status: 'error', message, messageDetail: '', data: null };
}

/** SW's storage of what it stamped: a record by UUID, which names the address of the XML. */
export class SwWarehouse implements Protocol {
  private readonly desk: Desk;
  private readonly tokens: Tokens;

  constructor(desk: Desk, tokens: Tokens) {
    this.desk = desk;
    this.tokens = tokens;
  }

  async handle(exchange: Exchange): Promise<boolean> {
    const { request, path } = exchange;
    const record = recordPath.exec(path)?.[1];
    const uuid = record ?? filePath.exec(path)?.[1];
    if (uuid === undefined || request.method !== 'GET') return false;
    request.resume();
    await this.answer(exchange, uuid, record !== undefined);
    return true;
  }

  private async answer({ request, response }: Exchange, uuid: string, isRecord: boolean): Promise<void> {
    const now = this.desk.clock.now();
    // The file's address is the secret, as with the real service; only the record asks who wants it.
    const fault = isRecord ? this.tokens.faultOf(request.headers.authorization, now) : undefined;
    if (fault !== undefined) return send(response, json(401, sentence(fault), now));
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const answer = await this.desk.recall({ uuid }, gone.signal);
    deliver(response, answer, isRecord ? recordVoice(request) : fileVoice);
  }
}

function recordVoice({ headers }: IncomingMessage): Voice<Stamp | undefined> {
  const urlOf = (uuid: string): string => `http://${headers.host ?? ''}/datawarehouse/files/${uuid.toLowerCase()}.xml`;
  return {
    outcome: (stamp, now) => {
      const records = stamp === undefined ? [] : [{ uuid: stamp.uuid, urlXml: urlOf(stamp.uuid) }];
      return json(200, { status: 'success', message: null, data: { records } }, now);
    },
    error: (status, now) => json(status, sentence('CO1000 - Error no clasificado en el servicio.'), now),
  };
}

const fileVoice: Voice<Stamp | undefined> = {
  outcome: (stamp, now) => ({
    status: stamp === undefined ? 404 : 200,
    type: 'text/xml; charset=utf-8',
    body: stamp?.cfdi ?? '',
    now,
  }),
  error: (status, now) => ({ status, type: 'text/plain', body: '', now }),
};
