import { Inject, Injectable } from '@nestjs/common';
import type { Handler, Job } from '@nexora/agent';
import type { CfdiKinds, ResultOf } from '@nexora/contracts';
import type { Tx } from '@nexora/database';
import { Telemetry } from '@nexora/runtime';
import { Comprobantes } from '../store/comprobantes.ts';
import { STOPPED_IN_DOUBT } from './fate-of.ts';

type PickUpJob = Job<CfdiKinds['pickUp']>;

/** Rows in one run: a restore may leave many behind, and the next slot is two minutes away. */
const MOST = 1_000;

/** Brings rows and jobs together where they came apart: no job although it goes on by itself, or a job that rests in doubt. */
@Injectable()
export class PickUpHandler implements Handler<CfdiKinds['pickUp']> {
  constructor(
    @Inject(Comprobantes) private readonly comprobantes: Comprobantes,
    @Inject(Telemetry) private readonly telemetry: Telemetry,
  ) {}

  readonly handle = async (job: PickUpJob): Promise<ResultOf<CfdiKinds['pickUp']>> => {
    let inReview: readonly string[] = [];
    const result = await job.finish(async (tx) => {
      inReview = await this.review(job, tx);
      return { enqueued: await this.comprobantes.pickUp(tx, MOST) };
    });
    const { code } = STOPPED_IN_DOUBT;
    for (const comprobante of inReview) this.telemetry.emit('comprobante-in-review', { comprobante, code });
    return result;
  };

  private async review(job: PickUpJob, tx: Tx): Promise<readonly string[]> {
    const ids = await this.comprobantes.review(tx, STOPPED_IN_DOUBT, MOST);
    for (const comprobanteId of ids) await job.emit(tx, 'comprobante.revision', { comprobanteId });
    return ids;
  }
}
