import type { IncomingMessage, ServerResponse } from 'node:http';
import { BodyTooLarge, JournalBroken, type Handler } from '@nexora/sandbox-kit';
import { shownTime } from '../misbehaviour.ts';
import type { Vendor } from '../office/vendor.ts';
import type { RequestLog } from '../requests.ts';
import type { StateStore } from '../state.ts';
import { crl } from './crl.ts';
import { deliver, lineFault } from './delivery.ts';
import { jsonAnswer, type Answer, type Exchange, type Told } from './exchange.ts';
import { offline } from './offline.ts';
import { renew, RenewalDesk, renewedId, toldOfRenewal } from './renew.ts';

/** What a path and a method ask for. */
interface Errand {
  readonly kind: 'renew' | 'crl' | 'other';
  answer(exchange: Exchange): Promise<Answer>;
  /** For the log, when a line fault answers instead. */
  told?(exchange: Exchange): Promise<Told>;
}

const nowhere: Errand = {
  kind: 'other',
  answer: () => Promise.resolve(jsonAnswer(404, { error: 'not found' }, { outcome: 'not-found' })),
};

/** What the portal needs to answer. */
export interface PortalParts {
  readonly vendor: Vendor;
  readonly store: StateStore;
  readonly log: RequestLog;
  /** Address of the portal, for links. */
  readonly address: () => string;
  readonly onFatal: (error: unknown) => void;
}

/** The port that installations and phones reach. Every request is in the log before it is answered. */
export class PortalPort {
  private readonly parts: PortalParts;
  private readonly desk: RenewalDesk;

  constructor(parts: PortalParts) {
    this.parts = parts;
    this.desk = new RenewalDesk(parts.vendor, () => parts.store.now());
  }

  get handler(): Handler {
    return (request, response) => {
      this.serve(request, response).catch((error: unknown) => this.fail(error, request, response));
    };
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { store, log, address } = this.parts;
    const time = store.now().toISOString();
    // What is no address at all has nothing behind it.
    const url = URL.parse(request.url ?? '', address()) ?? new URL(address());
    const errand = this.errandOf(request.method, url);
    // Who follows a redirect arrives at a portal that works, and the log shows it.
    const isFollowed = url.searchParams.has('redirected');
    const { word, parts } = isFollowed ? { word: null, parts: [] } : await store.take(errand.kind);
    const exchange = { request, response, url, parts };
    const fault = lineFault(exchange);
    const answer = fault === undefined ? await this.answerTo(errand, exchange) : undefined;
    const told = answer?.told ?? (await toldOf(errand, exchange));
    request.resume();
    await log.add({
      time,
      method: request.method ?? '',
      path: `${url.pathname}${url.search}`,
      licenseId: null,
      nonce: null,
      binding: null,
      ...told,
      misbehaviour: word,
    });
    if (fault === 'drop') return void response.socket?.destroy();
    const sent = answer ?? { ...fault, told };
    await deliver(response, sent as Answer, parts, () => shownTime(store.now(), parts));
  }

  private errandOf(method: string | undefined, { pathname }: URL): Errand {
    const { vendor, store } = this.parts;
    const id = renewedId(pathname);
    if (method === 'POST' && id !== undefined) {
      return {
        kind: 'renew',
        answer: (exchange) => renew(id, exchange, this.desk),
        told: (exchange) => toldOfRenewal(id, exchange),
      };
    }
    if (method !== 'GET') return nowhere;
    if (pathname === '/v1/crl') return { kind: 'crl', answer: (exchange) => crl(exchange, vendor) };
    if (pathname !== '/v1/offline') return nowhere;
    return { kind: 'renew', answer: (exchange) => offline(exchange, this.desk, store.now()) };
  }

  /** What fails is told to whoever runs the portal; the caller gets a status, and the portal goes on. */
  private async answerTo(errand: Errand, exchange: Exchange): Promise<Answer> {
    try {
      return await errand.answer(exchange);
    } catch (error) {
      if (hasLeft(exchange.request)) throw error;
      if (error instanceof BodyTooLarge) return jsonAnswer(413, { error: error.message }, { outcome: 'bad-request' });
      console.error(error);
      return jsonAnswer(500, { error: 'internal error' }, { outcome: 'failed' });
    }
  }

  /** A caller that went away needs no answer; a log that is lost ends the process. */
  private fail(error: unknown, request: IncomingMessage, response: ServerResponse): void {
    if (hasLeft(request)) return;
    if (error instanceof JournalBroken) return this.parts.onFatal(error);
    console.error(error);
    response.socket?.destroy();
  }
}

function hasLeft(request: IncomingMessage): boolean {
  return request.destroyed && !request.complete;
}

/** What the log tells of a request that a line fault answers. */
async function toldOf({ told }: Errand, exchange: Exchange): Promise<Told> {
  const unasked: Told = { outcome: 'not-asked' };
  if (told === undefined) return unasked;
  return told(exchange).catch((error: unknown) => {
    if (error instanceof BodyTooLarge) return unasked;
    throw error;
  });
}
