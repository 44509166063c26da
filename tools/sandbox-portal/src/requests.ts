import { isRecord, Journal } from '@nexora/sandbox-kit';

/** A request that reached the portal, as the log tells it. */
export interface LoggedRequest {
  /** House time of its arrival. */
  readonly time: string;
  readonly method: string;
  readonly path: string;
  /** Of a renewal that could be read; else null. */
  readonly licenseId: string | null;
  readonly nonce: string | null;
  readonly binding: readonly string[] | null;
  /**
   * What the office did: `renewed`, `rebound`, `refused:<code>`, `crl`, `not-modified`, `bad-request`, `not-found`,
   * `failed`; or `not-asked` when a misbehaviour came before it.
   */
  readonly outcome: string;
  /** The step that it met. */
  readonly misbehaviour: string | null;
}

/** The log of requests: a record is on the disk before the request is answered. */
export class RequestLog {
  private readonly kept: LoggedRequest[];
  private readonly journal: Journal;

  private constructor(kept: LoggedRequest[], journal: Journal) {
    this.kept = kept;
    this.journal = journal;
  }

  /** Opens or makes the file. Errors: JournalDamaged. */
  static async open(path: string): Promise<RequestLog> {
    const kept: LoggedRequest[] = [];
    const journal = await Journal.open(path, (record) => {
      if (isRecord(record)) kept.push(record as unknown as LoggedRequest);
    });
    return new RequestLog(kept, journal);
  }

  /** Oldest first, also those before a restart. */
  get requests(): readonly LoggedRequest[] {
    return this.kept;
  }

  /** Errors: JournalBroken. */
  async add(request: LoggedRequest): Promise<void> {
    await this.journal.append(request).durable;
    this.kept.push(request);
  }

  async close(): Promise<void> {
    await this.journal.close();
  }
}
