import { Injectable } from '@nestjs/common';
import type { Handler, Job } from '@nexora/agent';
import type { LicenseKinds, ResultOf } from '@nexora/contracts';
import { LicenseDesk } from '../desk.ts';
import { logMissed, resultOf } from './result.ts';

/**
 * A person asked: verifies, renews, fetches the revocation list, decides. It ends with what it came to; a renewal that
 * could not be had waits in the outbox.
 */
@Injectable()
export class SyncHandler implements Handler<LicenseKinds['sync']> {
  constructor(private readonly desk: LicenseDesk) {}

  readonly handle = async (job: Job<LicenseKinds['sync']>): Promise<ResultOf<LicenseKinds['sync']>> => {
    const end = await this.desk.cycle.run('request', job.signal);
    logMissed(job, end);
    return resultOf(end);
  };
}
