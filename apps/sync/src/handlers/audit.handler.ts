import { Injectable } from '@nestjs/common';
import type { Handler, Job } from '@nexora/agent';
import type { ResultOf, SyncKinds } from '@nexora/contracts';
import { Database } from '@nexora/database';
import { Telemetry } from '@nexora/runtime';

type Found = ResultOf<SyncKinds['audit']>;

/**
 * Looks for what the agents' own sweeps should have left right: rows that run without a live worker are given back, due
 * rows that nobody claims although a worker lives are told of. The ledger itself decides both in one statement.
 */
@Injectable()
export class AuditHandler implements Handler<SyncKinds['audit']> {
  constructor(
    private readonly database: Database,
    private readonly telemetry: Telemetry,
  ) {}

  readonly handle = async (job: Job<SyncKinds['audit']>): Promise<Found> => {
    const [found = { released: 0, unclaimed: [] }] = await this.database.query<Found>({
      text: 'SELECT released, unclaimed FROM agents.audit()',
    });
    if (found.released > 0) this.telemetry.emit('audit-found', { finding: 'released', rows: found.released });
    for (const { kind, rows } of found.unclaimed)
      this.telemetry.emit('audit-found', { finding: 'unclaimed', kind, rows });
    if (found.released > 0) job.log(`${found.released} rows ran without a live worker and were given back`);
    return found;
  };
}
