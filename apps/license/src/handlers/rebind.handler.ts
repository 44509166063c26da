import { Injectable } from '@nestjs/common';
import { Permanent, type Handler, type Job } from '@nexora/agent';
import type { LicenseKinds, ResultOf } from '@nexora/contracts';
import { Refused } from '@nexora/licensing';
import type { CycleEnd } from '../cycle.ts';
import { LicenseDesk } from '../desk.ts';
import { fateOf } from './renew.handler.ts';
import { logMissed, resultOf } from './result.ts';

/** Asks the portal to bind the licence to the machine that this is now, once in 30 days. */
@Injectable()
export class RebindHandler implements Handler<LicenseKinds['rebind']> {
  constructor(private readonly desk: LicenseDesk) {}

  readonly handle = async (job: Job<LicenseKinds['rebind']>): Promise<ResultOf<LicenseKinds['rebind']>> => {
    const end = await this.#rebound(job.signal);
    logMissed(job, end);
    if (end.missed?.again === true || end.missed?.word === 'busy') throw fateOf(end.missed, this.desk.host);
    return resultOf(end);
  };

  async #rebound(signal: AbortSignal): Promise<CycleEnd> {
    try {
      return await this.desk.cycle.run('rebind', signal);
    } catch (error) {
      if (error instanceof Refused) throw new Permanent('license.refused', error.es);
      throw error;
    }
  }
}
