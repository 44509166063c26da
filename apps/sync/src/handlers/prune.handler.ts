import { Inject, Injectable } from '@nestjs/common';
import { AGENT_SETTINGS, CLOCK, type Handler, type Job } from '@nexora/agent';
import type { ResultOf, SyncKinds } from '@nexora/contracts';
import { Database } from '@nexora/database';
import { Telemetry, type Clock } from '@nexora/runtime';
import type { SyncSettings } from '../sync.settings.ts';

/** Small enough that no batch holds its locks for long, even on a mini-PC's disk. */
const BATCH_ROWS = 1_000;
/** Between two batches the business comes first. */
const PAUSE_MS = 50;

type Pruned = ResultOf<SyncKinds['prune']>;

/** Makes the partitions of the weeks to come, then removes finished history older than the retention, batch by batch. */
@Injectable()
export class PruneHandler implements Handler<SyncKinds['prune']> {
  constructor(
    private readonly database: Database,
    private readonly telemetry: Telemetry,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(AGENT_SETTINGS) private readonly settings: SyncSettings,
  ) {}

  readonly handle = async (job: Job<SyncKinds['prune']>): Promise<Pruned> => {
    const begin = this.clock.monotonic();
    await this.database.query({ text: 'SELECT agents.maintain()' });
    const pruned = await this.#batches(job);
    const durationMs = Math.round(this.clock.monotonic() - begin);
    if (pruned.rows > 0) this.telemetry.emit('pruned', { ...pruned, durationMs });
    return pruned;
  };

  /** What a stop interrupts is no loss: the next run goes on where this one ended. */
  async #batches(job: Job<SyncKinds['prune']>): Promise<Pruned> {
    let pruned: Pruned = { rows: 0, batches: 0 };
    while (!job.signal.aborted) {
      const removed = await this.#batch();
      if (removed === 0) break;
      pruned = { rows: pruned.rows + removed, batches: pruned.batches + 1 };
      await this.clock.sleep(PAUSE_MS, job.signal);
    }
    return pruned;
  }

  async #batch(): Promise<number> {
    const rows = await this.database.query<{ removed: number }>({
      text: 'SELECT agents.prune(make_interval(days => $1), $2) AS removed',
      values: [this.settings.OUTBOX_RETENTION_DAYS, BATCH_ROWS],
    });
    return rows[0]?.removed ?? 0;
  }
}
