import { BadInput, isRecord, Journal } from '@nexora/sandbox-kit';

/** A request to cancel that reached the PAC, as the log tells it. */
export interface LoggedCancellation {
  /** House time, ISO 8601. */
  readonly time: string;
  /** Of the document as it came, hexadecimal. */
  readonly sha256: string;
  /** Folio fiscal in small letters; null when the document could not be read. */
  readonly uuid: string | null;
  readonly motivo: string | null;
  /** The tax authority's code (201, 202 …), or of the refusal; null when the request was turned away unread. */
  readonly code: string | null;
}

/** How the receiver answers a request: none is asked; accepts; rejects; says nothing. */
const receivers = ['none', 'accept', 'reject', 'silence'] as const;
/** What the consultation service knows: what is true; nothing yet; it is down. */
const services = ['ok', 'not-found', 'down'] as const;

/** Terms under which the tax authority and the account work, set by the control port. */
export interface Terms {
  readonly receiver: (typeof receivers)[number];
  readonly sat: (typeof services)[number];
  /** Stamps that the account says it has. */
  readonly stamps: number;
}

/** A comprobante of which the cancellation was asked for. */
export interface Standing {
  readonly askedAt: Date;
  /** Requests that were taken. */
  readonly requests: number;
  /** Whether the receiver is asked at all. */
  readonly isAsked: boolean;
  readonly decision: 'accept' | 'reject' | null;
}

const initial: Terms = { receiver: 'none', sat: 'ok', stamps: 10_000 };
const termUsage = `receiver:${receivers.join('|')} sat:${services.join('|')} stamps:<n>`;

/** Reads a word about the terms; `undefined` when it is none. Errors: BadInput for an unknown value. */
export function termsIn(word: string): Partial<Terms> | undefined {
  const [name, value = ''] = word.split(/:(.*)/s);
  const receiver = receivers.find((one) => one === value);
  const sat = services.find((one) => one === value);
  if (name === 'receiver' && receiver !== undefined) return { receiver };
  if (name === 'sat' && sat !== undefined) return { sat };
  if (name === 'stamps' && /^\d{1,9}$/.test(value)) return { stamps: Number(value) };
  if (name === 'receiver' || name === 'sat' || name === 'stamps')
    throw new BadInput(`'${word}' is none of ${termUsage}`);
  return undefined;
}

/** What was asked, decided and set, kept across restarts in one journal. */
export class Book {
  readonly requests: LoggedCancellation[] = [];
  private current: Terms = initial;
  private readonly standings = new Map<string, Standing>();
  private journal: Journal | undefined;

  static async open(path: string): Promise<Book> {
    const book = new Book();
    book.journal = await Journal.open(path, (record) => book.replay(record));
    return book;
  }

  get terms(): Terms {
    return this.current;
  }

  /** What became of the cancellation of a comprobante; `undefined` when none was asked for. */
  standing(uuid: string): Standing | undefined {
    return this.standings.get(uuid);
  }

  /** Notes a request; one that was taken (201) changes the standing. */
  async note(request: LoggedCancellation): Promise<void> {
    await this.keep({ request, receiver: this.current.receiver });
  }

  /** Sets terms. A receiver who accepts or rejects answers what is open, too. */
  async set(terms: Partial<Terms>): Promise<void> {
    await this.keep({ terms });
  }

  async close(): Promise<void> {
    await this.log().close();
  }

  private log(): Journal {
    if (this.journal === undefined) throw new Error('The book is not open');
    return this.journal;
  }

  private async keep(record: object): Promise<void> {
    this.replay(record);
    await this.log().append(record).durable;
  }

  private replay(record: unknown): void {
    if (!isRecord(record)) return;
    if (isRecord(record.terms)) this.setTerms(record.terms as Partial<Terms>);
    if (isRecord(record.request)) {
      this.remember(record.request as unknown as LoggedCancellation, record.receiver as Terms['receiver']);
    }
  }

  private setTerms(terms: Partial<Terms>): void {
    this.current = { ...this.current, ...terms };
    const { receiver } = terms;
    if (receiver !== 'accept' && receiver !== 'reject') return;
    for (const [uuid, standing] of this.standings) {
      if (standing.isAsked && standing.decision === null) this.standings.set(uuid, { ...standing, decision: receiver });
    }
  }

  private remember(request: LoggedCancellation, receiver: Terms['receiver']): void {
    this.requests.push(request);
    const { uuid, code, time } = request;
    if (uuid === null || code !== '201') return;
    const decision = receiver === 'accept' || receiver === 'reject' ? receiver : null;
    const requests = (this.standings.get(uuid)?.requests ?? 0) + 1;
    this.standings.set(uuid, { askedAt: new Date(time), requests, isAsked: receiver !== 'none', decision });
  }
}
