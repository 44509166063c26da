import { Injectable } from '@nestjs/common';
import { Permanent, type Handler, type Job } from '@nexora/agent';
import type { LicenseKinds, ResultOf } from '@nexora/contracts';
import { Refused } from '@nexora/licensing';
import { LicenseDesk } from '../desk.ts';
import { resultOf } from './result.ts';

/** Takes a file that a person brought; one that is refused changes nothing and says why. */
@Injectable()
export class InstallHandler implements Handler<LicenseKinds['install']> {
  constructor(private readonly desk: LicenseDesk) {}

  readonly handle = async (job: Job<LicenseKinds['install']>): Promise<ResultOf<LicenseKinds['install']>> => {
    try {
      const { renewed, refusal, ...verdict } = await this.desk.install(job.payload.envelope);
      return resultOf({
        ...verdict,
        renewed,
        notRenewed: refusal === null ? null : `the portal refused: ${refusal.code}`,
      });
    } catch (error) {
      if (error instanceof Refused) throw new Permanent('license.refused', error.es);
      throw error;
    }
  };
}
