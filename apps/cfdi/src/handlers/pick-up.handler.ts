import { Inject, Injectable } from '@nestjs/common';
import type { Handler, Job } from '@nexora/agent';
import { cfdiKinds, type CfdiKinds, type ResultOf } from '@nexora/contracts';
import type { Tx } from '@nexora/database';
import { enqueue } from '@nexora/outbox';
import { Telemetry } from '@nexora/runtime';
import { Comprobantes } from '../store/comprobantes.ts';
import { Restorations } from '../store/restorations.ts';
import { STOPPED_IN_DOUBT } from './conclusion.ts';

type PickUpJob = Job<CfdiKinds['pickUp']>;

/** Rows in one run: a restore may leave many behind, and the next slot is two minutes away. */
const MOST = 1_000;

/** Brings rows and jobs together where they came apart: no job although it goes on by itself, or a job that rests in doubt. */
@Injectable()
export class PickUpHandler implements Handler<CfdiKinds['pickUp']> {
  constructor(
    @Inject(Comprobantes) private readonly comprobantes: Comprobantes,
    @Inject(Restorations) private readonly restorations: Restorations,
    @Inject(Telemetry) private readonly telemetry: Telemetry,
  ) {}

  readonly handle = async (job: PickUpJob): Promise<ResultOf<CfdiKinds['pickUp']>> => {
    let inReview: readonly string[] = [];
    const result = await job.finish(async (tx) => {
      inReview = await this.review(job, tx);
      await this.restorations.goesOn(tx);
      await this.searchAfterRestore(tx);
      return { enqueued: await this.comprobantes.pickUp(tx, MOST) };
    });
    const { code } = STOPPED_IN_DOUBT;
    for (const comprobante of inReview) this.telemetry.emit('comprobante-in-review', { comprobante, code });
    return result;
  };

  /** A restore is told in SQL, where no job can be handed over on behalf of everybody who may tell it. */
  private async searchAfterRestore(tx: Tx): Promise<void> {
    const restored = await this.restorations.unsearched(tx);
    if (restored === null) return;
    const dedupeKey = `search ${restored.at.toISOString()} ${restored.notedAt.toISOString()}`;
    await enqueue(tx, cfdiKinds.search, {}, { dedupeKey });
  }

  private async review(job: PickUpJob, tx: Tx): Promise<readonly string[]> {
    const ids = await this.comprobantes.review(tx, STOPPED_IN_DOUBT, MOST);
    for (const comprobanteId of ids) await job.emit(tx, 'comprobante.revision', { comprobanteId });
    return ids;
  }
}
