import { Inject, Injectable } from '@nestjs/common';
import type { Handler, Job } from '@nexora/agent';
import type { CfdiKinds, ResultOf } from '@nexora/contracts';
import { Cancelaciones } from '../store/cancelaciones.ts';

/** Rows in one run; the next slot is two minutes away. */
const MOST = 500;

/** Gives a question to every open cancellation that is due, and a job to every request that has lost its own. */
@Injectable()
export class FollowHandler implements Handler<CfdiKinds['follow']> {
  constructor(@Inject(Cancelaciones) private readonly cancelaciones: Cancelaciones) {}

  readonly handle = (job: Job<CfdiKinds['follow']>): Promise<ResultOf<CfdiKinds['follow']>> =>
    job.finish(async (tx) => ({
      asked: await this.cancelaciones.askDue(tx, MOST),
      resumed: await this.cancelaciones.resume(tx, MOST),
    }));
}
