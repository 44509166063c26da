import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OwnVendor, Sealed } from './own-vendor.conformance.ts';

const DAY_MS = 86_400_000;

/** A question that reached the portal. */
export interface Question {
  readonly path: string;
  readonly id: string;
  readonly nonce: string;
  readonly binding: readonly string[];
}

/** What the portal makes of a request in place of what is right. */
export type Manner<About> = (about: About, response: ServerResponse) => unknown;

/** The licence as the portal's books have it: what a renewed file carries besides its times. */
export interface Terms {
  readonly id: string;
  readonly days: number;
  readonly paidUntil: Date;
  readonly binding: readonly string[] | null;
  readonly minCrl: number;
}

/** The revocation list of the portal's books. */
export interface List {
  readonly series: string;
  readonly number: number;
  readonly revoked: readonly string[];
  readonly suspended: readonly string[];
}

const FIRST_LIST: List = { series: 'A', number: 1, revoked: [], suspended: [] };

function firstTerms(): Terms {
  return { id: 'LIC-1', days: 30, paidUntil: new Date(Date.now() + 365 * DAY_MS), binding: null, minCrl: 0 };
}

/** A portal over real sockets that knows only the specification; what it says is signed by a vendor of the test's own. */
export class OwnPortal {
  readonly url: string;
  /** Questions that came, oldest first. */
  readonly questions: Question[] = [];
  /** Answers that left, sealed, oldest first: for whoever wants to play them again. */
  readonly answers: Sealed[] = [];
  vendor: OwnVendor;
  /** How far the portal's clock is from the machine's, ms. */
  offsetMs = 0;
  terms: Terms = firstTerms();
  list: List = FIRST_LIST;
  refuses: { readonly code: string; readonly message: string } | null = null;
  onRenew: Manner<Question> | null = null;
  onList: Manner<string | undefined> | null = null;
  readonly #server: Server;

  private constructor(server: Server, vendor: OwnVendor) {
    this.#server = server;
    this.vendor = vendor;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => void this.#serve(request, response));
  }

  static async open(vendor: OwnVendor): Promise<OwnPortal> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new OwnPortal(server, vendor);
  }

  /** Forgets all that a test has changed. */
  asOnTheFirstDay(): void {
    this.questions.length = 0;
    this.answers.length = 0;
    this.offsetMs = 0;
    this.terms = firstTerms();
    this.list = FIRST_LIST;
    this.refuses = null;
    this.onRenew = null;
    this.onList = null;
  }

  /** The true time. */
  get now(): Date {
    return new Date(Date.now() + this.offsetMs);
  }

  /** So many days from now, as documents write it. */
  inDays(days: number): string {
    return new Date(this.now.getTime() + days * DAY_MS).toISOString();
  }

  /** A licence by the books, issued now, with what the test changes. */
  license(changes: object = {}): Sealed {
    return this.vendor.license({ ...this.fields(), ...changes });
  }

  /** Its payload. */
  fields(): Record<string, unknown> {
    const { id, days, paidUntil, binding, minCrl } = this.terms;
    return {
      id,
      customer: 'Escuela Kemper Urgate',
      rfc: 'EKU9003173C9',
      plan: 'pro',
      entitlements: { features: ['cfdi'], quantities: { branches: 2 } },
      binding,
      issuedAt: this.inDays(0),
      notBefore: this.inDays(0),
      validUntil: this.inDays(days),
      paidUntil: paidUntil.toISOString(),
      minCrl,
    };
  }

  /** The revocation list that is in force, with what the test changes. */
  crl(changes: object = {}): Sealed {
    return this.vendor.crl({ ...this.list, issuedAt: this.inDays(0), nextUpdate: this.inDays(60), ...changes });
  }

  /** The right answer to a question, with what the test changes. */
  reply({ id, nonce }: Pick<Question, 'id' | 'nonce'>, changes: object = {}): Sealed {
    const outcome =
      this.refuses === null ? { license: this.license(), refusal: null } : { license: null, refusal: this.refuses };
    return this.vendor.reply({ nonce, time: this.inDays(0), licenseId: id, ...outcome, ...changes });
  }

  /** Lists one licence, or takes it off again; the number goes up. */
  publish(changes: { revoked?: string[]; suspended?: string[] }): void {
    this.list = { ...this.list, revoked: [], suspended: [], ...changes, number: this.list.number + 1 };
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    request.setEncoding('utf8');
    for await (const part of request as AsyncIterable<string>) text += part;
    const path = request.url ?? '';
    const renewal = /^\/v1\/licenses\/([^/]+)\/renew$/.exec(path);
    if (renewal !== null) return this.#renew(path, decodeURIComponent(renewal[1] ?? ''), text, response);
    if (path !== '/v1/crl') return void response.writeHead(404).end();
    const tag = request.headers['if-none-match'];
    if (this.onList !== null) return void (await this.onList(tag, response));
    this.sendList(tag, response);
  }

  async #renew(path: string, id: string, text: string, response: ServerResponse): Promise<void> {
    const { nonce, binding } = JSON.parse(text) as { nonce: string; binding: string[] };
    const question = { path, id, nonce, binding };
    this.questions.push(question);
    if (this.onRenew !== null) return void (await this.onRenew(question, response));
    this.send(response, this.reply(question));
  }

  /** Sends what was sealed. */
  send(response: ServerResponse, sealed: Sealed): void {
    this.answers.push(sealed);
    json(response, sealed);
  }

  /** Sends the list in force; 304 to whoever has it. */
  sendList(tag: string | undefined, response: ServerResponse): void {
    const own = `"${this.list.series}-${this.list.number}"`;
    if (tag === own) return void response.writeHead(304, { etag: own }).end();
    json(response, this.crl(), { etag: own });
  }
}

/** Answers JSON. */
export function json(response: ServerResponse, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
