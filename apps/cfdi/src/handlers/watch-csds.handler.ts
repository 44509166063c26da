import { Inject, Injectable } from '@nestjs/common';
import type { Handler, Job } from '@nexora/agent';
import type { CfdiKinds, ResultOf } from '@nexora/contracts';
import { Telemetry } from '@nexora/runtime';
import { CsdWarnings, type CsdWarning } from '../store/csd-warnings.ts';

/** Warns 60, 30, 7 and 1 days before a CSD ends, each once. */
@Injectable()
export class WatchCsdsHandler implements Handler<CfdiKinds['watchCsds']> {
  constructor(
    @Inject(CsdWarnings) private readonly warnings: CsdWarnings,
    @Inject(Telemetry) private readonly telemetry: Telemetry,
  ) {}

  readonly handle = async (job: Job<CfdiKinds['watchCsds']>): Promise<ResultOf<CfdiKinds['watchCsds']>> => {
    let due: readonly CsdWarning[] = [];
    const result = await job.finish(async (tx) => {
      due = await this.warnings.take(tx);
      for (const { numero, days } of due) await job.emit(tx, 'csd.porvencer', { numero, days });
      return { warned: due.length };
    });
    for (const { numero, days, daysLeft } of due) {
      this.telemetry.emit('csd-expiring', { certificate: numero, warning: days, daysLeft });
    }
    return result;
  };
}
