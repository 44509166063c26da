import { Inject, Injectable } from '@nestjs/common';
import type { Handler, Job } from '@nexora/agent';
import type { CfdiKinds, ResultOf } from '@nexora/contracts';
import { Months } from '../store/months.ts';

/** Packs one month of an issuer into a zip. */
@Injectable()
export class PackMonthHandler implements Handler<CfdiKinds['packMonth']> {
  constructor(@Inject(Months) private readonly months: Months) {}

  readonly handle = async (job: Job<CfdiKinds['packMonth']>): Promise<ResultOf<CfdiKinds['packMonth']>> =>
    this.months.pack(job.payload, job.signal);
}
