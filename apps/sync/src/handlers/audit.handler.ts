import { Injectable } from '@nestjs/common';
import type { Handler, Job } from '@nexora/agent';
import type { ResultOf, SyncKinds } from '@nexora/contracts';
import { Database } from '@nexora/database';
import { Telemetry } from '@nexora/runtime';
import { SilentWorkers } from './silent-workers.ts';

type Found = ResultOf<SyncKinds['audit']>;

/** What the ledger's audit answers. */
interface Audit extends Pick<Found, 'released' | 'woken' | 'unclaimed'> {
  readonly adopted: readonly { readonly agent: string; readonly rows: number; readonly error?: string }[];
}

const NOTHING: Audit = { released: 0, woken: [], unclaimed: [], adopted: [] };

/**
 * Looks for what the agents' own sweeps should have left right, and mends it: rows that run without a live worker are
 * given back, agents that leave due rows lying are told to look again, rows of an agent's own tables without a job get
 * one. The ledger itself decides and mends all of it in one statement; here it is counted and told.
 */
@Injectable()
export class AuditHandler implements Handler<SyncKinds['audit']> {
  constructor(
    private readonly database: Database,
    private readonly telemetry: Telemetry,
    private readonly silentWorkers: SilentWorkers,
  ) {
    telemetry.expect({ finding: ['released', 'unclaimed', 'adopted'] });
  }

  readonly handle = async (job: Job<SyncKinds['audit']>): Promise<Found> => {
    const watched = await this.silentWorkers.release(job.signal);
    const [found = NOTHING] = await this.database.query<Audit>({
      text: 'SELECT released, woken, unclaimed, adopted FROM agents.audit()',
    });
    const audit = { ...found, released: found.released + watched };
    this.tell(audit);
    if (audit.released > 0) job.log(`${audit.released} rows ran without a live worker and were given back`);
    for (const { kind, rows } of audit.unclaimed) job.log(`${rows} due rows of ${kind} lay unclaimed; it was woken`);
    const { released, woken, unclaimed } = audit;
    const adopted = audit.adopted.filter(({ rows }) => rows > 0).map(({ agent, rows }) => ({ agent, rows }));
    for (const { agent, rows } of adopted) job.log(`${rows} rows of ${agent} had no job and were given one`);
    // Why one failed may name a person's data, and results are shown in listings.
    const failed = audit.adopted.filter(({ error }) => error !== undefined).map(({ agent }) => agent);
    return { released, woken, unclaimed, adopted, failed };
  };

  private tell({ released, unclaimed, adopted }: Audit): void {
    if (released > 0) this.telemetry.emit('audit-found', { finding: 'released', rows: released });
    for (const { kind, rows } of unclaimed) this.telemetry.emit('audit-found', { finding: 'unclaimed', kind, rows });
    for (const { agent: owner, rows, error } of adopted) {
      if (rows > 0) this.telemetry.emit('audit-found', { finding: 'adopted', owner, rows });
      if (error !== undefined) this.telemetry.emit('reconciler-failed', { owner, error });
    }
  }
}
