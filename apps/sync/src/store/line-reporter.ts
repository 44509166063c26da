import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { CLOCK } from '@nexora/agent';
import { Database } from '@nexora/database';
import { Ledger, type ConnectivityReport } from '@nexora/outbox';
import { Telemetry, type Clock } from '@nexora/runtime';

/** After five minutes without a word claims fall back to trying, so the last verdict is repeated well before. */
const REPEAT_MS = 60_000;
/** Pause before a report that failed is sent again. */
const AGAIN_MS = 1_000;
/** A stored verdict older than this says nothing of now. */
const STALE = '5 min';

type State = ConnectivityReport['state'] | 'unknown';

/** Keeps the ledger told of the line: the newest verdict wins, a verdict that could not be written is written later. */
@Injectable()
export class LineReporter implements BeforeApplicationShutdown {
  readonly #stop = new AbortController();
  #news = new AbortController();
  #latest: ConnectivityReport | undefined;
  #running: Promise<void> | undefined;

  constructor(
    private readonly ledger: Ledger,
    private readonly database: Database,
    private readonly telemetry: Telemetry,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** What the ledger holds from before this process; `unknown` when it is too old to count. */
  async stored(): Promise<State> {
    const rows = await this.database.query<{ state: State }>({
      text: `SELECT state FROM agents.connectivity_state WHERE checked_at > agents.now() - interval '${STALE}'`,
    });
    return rows[0]?.state ?? 'unknown';
  }

  /** Hands over the newest verdict; returns at once. */
  tell(report: ConnectivityReport): void {
    this.#latest = report;
    this.#news.abort();
    this.#running ??= this.#keepTelling();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #keepTelling(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.#news = new AbortController();
      const written = await this.#write();
      await this.clock.sleep(written ? REPEAT_MS : AGAIN_MS, AbortSignal.any([this.#stop.signal, this.#news.signal]));
    }
  }

  async #write(): Promise<boolean> {
    if (this.#latest === undefined) return true;
    try {
      await this.ledger.reportConnectivity(this.#latest);
      return true;
    } catch (error) {
      this.telemetry.emit('report-failed', { error });
      return false;
    }
  }
}
