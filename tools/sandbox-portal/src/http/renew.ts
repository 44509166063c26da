import { readBody } from '@nexora/sandbox-kit';
import { forgedReply } from '../forgery.ts';
import { renewalIn, type RenewalRequest } from '../office/offline.ts';
import { OfficeRefused } from '../office/refused.ts';
import type { Replied, Vendor } from '../office/vendor.ts';
import type { Envelope } from '@nexora/licensing';
import { shownTime, type Part } from '../misbehaviour.ts';
import { jsonAnswer, type Answer, type Exchange, type Told } from './exchange.ts';

/** No request of ours is larger. */
const largestRequest = 64 * 1024;

/** A renewal over the wire: `/v1/licenses/{id}/renew`. */
const renewPath = /^\/v1\/licenses\/([^/]+)\/renew$/;

/** What the office said to a request, as it goes over the wire. */
export interface Answered {
  readonly body: string;
  readonly replied: Replied;
  readonly told: Told;
}

/** The window at which installations ask for renewals, over the line or by a phone. */
export class RenewalDesk {
  private readonly vendor: Vendor;
  private readonly now: () => Date;
  /** The reply before this one, for `wrong-nonce`. */
  private last: Envelope | undefined;

  constructor(vendor: Vendor, now: () => Date) {
    this.vendor = vendor;
    this.now = now;
  }

  /** Asks the office, and lets the parts falsify what it says. */
  async ask(request: RenewalRequest, parts: readonly Part[]): Promise<Answered> {
    const replied = await this.vendor.answer(request, shownTime(this.now(), parts));
    const body = await forgedReply(this.vendor, replied, parts, this.last);
    this.last = replied.envelope;
    return { body, replied, told: { ...toldOf(request), outcome: outcomeOf(replied) } };
  }
}

/** The id in the path of a renewal; undefined for another path. */
export function renewedId(path: string): string | undefined {
  const [, id] = renewPath.exec(path) ?? [];
  if (id === undefined) return undefined;
  try {
    return decodeURIComponent(id);
  } catch {
    return undefined;
  }
}

function toldOf({ id, nonce, binding }: RenewalRequest): Omit<Told, 'outcome'> {
  return { licenseId: id, nonce, binding };
}

function outcomeOf({ ruling }: Replied): string {
  if (ruling.kind === 'refuse') return `refused:${ruling.refusal.code}`;
  return ruling.rebound ? 'rebound' : 'renewed';
}

/** The request in a body of JSON. Errors: OfficeRefused. */
async function requestIn(id: string, { request }: Exchange): Promise<RenewalRequest> {
  const text = (await readBody(request, largestRequest)).toString('utf8');
  try {
    return renewalIn(id, JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) throw new OfficeRefused('the body must be JSON {"nonce","binding"}');
    throw error;
  }
}

/** What a renewal that a line fault answers tells of itself, if it can be read. */
export async function toldOfRenewal(id: string, exchange: Exchange): Promise<Told> {
  try {
    return { ...toldOf(await requestIn(id, exchange)), outcome: 'not-asked' };
  } catch (error) {
    if (error instanceof OfficeRefused) return { licenseId: id, outcome: 'not-asked' };
    throw error;
  }
}

/** Answers `POST /v1/licenses/{id}/renew`: 200 with a signed reply, 400 for what is no request. */
export async function renew(id: string, exchange: Exchange, desk: RenewalDesk): Promise<Answer> {
  let asked: RenewalRequest;
  try {
    asked = await requestIn(id, exchange);
  } catch (error) {
    if (!(error instanceof OfficeRefused)) throw error;
    return jsonAnswer(400, { error: error.message }, { licenseId: id, outcome: 'bad-request' });
  }
  const { body, told } = await desk.ask(asked, exchange.parts);
  return { status: 200, type: 'application/json', body, headers: { 'cache-control': 'no-store' }, told };
}
