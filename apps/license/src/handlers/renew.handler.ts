import { Injectable } from '@nestjs/common';
import { Later, type Handler, type Job } from '@nexora/agent';
import type { LicenseKinds, ResultOf } from '@nexora/contracts';
import { LicenseDesk } from '../desk.ts';
import type { NotRenewed } from '../outcome.ts';
import { logMissed, resultOf } from './result.ts';

/** The renewal that waited: without a line it burns no attempt, and a portal that errs is asked again by the policy. */
@Injectable()
export class RenewHandler implements Handler<LicenseKinds['renew']> {
  constructor(private readonly desk: LicenseDesk) {}

  readonly handle = async (job: Job<LicenseKinds['renew']>): Promise<ResultOf<LicenseKinds['renew']>> => {
    const end = await this.desk.cycle.run('renewal', job.signal);
    logMissed(job, end);
    // Whoever asks just now leaves a renewal that does not come to this job: it must not end before.
    if (end.missed?.again === true || end.missed?.word === 'busy') throw fateOf(end.missed, this.desk.host);
    return resultOf(end);
  };
}

/** What becomes of a job whose renewal did not come. */
export function fateOf(missed: NotRenewed, host: string): Error {
  if (missed.word === 'busy') return new Later('30s', missed.es);
  if (missed.word === 'captive') return new Later('1m', missed.es);
  if (missed.isLineAway) return new Later('internet', missed.es, host);
  return new Error(missed.why);
}
