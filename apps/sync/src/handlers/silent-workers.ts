import { Inject, Injectable } from '@nestjs/common';
import { CLOCK } from '@nexora/agent';
import { Database } from '@nexora/database';
import { LOST_AFTER_MS, Sweeper } from '@nexora/outbox';
import { Telemetry, type Clock } from '@nexora/runtime';

/** The agents' own pace of looking. */
const LOOK_MS = 5_000;

/**
 * The eye on processes of which nobody of their own agent is left to see that they are gone. What their last heartbeat
 * says by the wall clock only tells where to look; who is lost is watched by this process's own clock, as everywhere.
 */
@Injectable()
export class SilentWorkers {
  constructor(
    private readonly database: Database,
    private readonly telemetry: Telemetry,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Gives back what processes hold that stand still. Takes over half a minute when there are any. @returns rows */
  async release(signal: AbortSignal): Promise<number> {
    const sweepers = (await this.#silent()).map(
      (agent) => new Sweeper(this.database, agent, () => this.clock.monotonic()),
    );
    if (sweepers.length === 0) return 0;
    const end = this.clock.monotonic() + LOST_AFTER_MS + LOOK_MS;
    let released = await this.#look(sweepers);
    while (!signal.aborted && this.clock.monotonic() < end) {
      await this.clock.sleep(LOOK_MS, signal);
      released += await this.#look(sweepers);
    }
    return released;
  }

  async #look(sweepers: readonly Sweeper[]): Promise<number> {
    let released = 0;
    for (const sweeper of sweepers) {
      for (const { incarnation, rows } of await sweeper.look()) {
        this.telemetry.emit('lost', { worker: incarnation, released: rows });
        released += rows;
      }
    }
    return released;
  }

  async #silent(): Promise<string[]> {
    const rows = await this.database.query<{ agent: string }>({
      text: `SELECT DISTINCT a.agent FROM agents.alive a WHERE a.state = 'silent' AND a.agent <> 'sync'`,
    });
    return rows.map(({ agent }) => agent);
  }
}
