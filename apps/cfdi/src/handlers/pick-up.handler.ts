import { Inject, Injectable } from '@nestjs/common';
import type { Handler, Job } from '@nexora/agent';
import type { CfdiKinds, ResultOf } from '@nexora/contracts';
import { Comprobantes } from '../store/comprobantes.ts';

/** Rows in one run: a restore may leave many behind, and the next slot is two minutes away. */
const MOST = 1_000;

/** Gives a job to every comprobante that goes on by itself and has none. */
@Injectable()
export class PickUpHandler implements Handler<CfdiKinds['pickUp']> {
  constructor(@Inject(Comprobantes) private readonly comprobantes: Comprobantes) {}

  readonly handle = (job: Job<CfdiKinds['pickUp']>): Promise<ResultOf<CfdiKinds['pickUp']>> =>
    job.finish(async (tx) => ({ enqueued: await this.comprobantes.pickUp(tx, MOST) }));
}
