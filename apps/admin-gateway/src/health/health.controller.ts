import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { RawAnswer } from '../http/raw-answer.ts';
import { Handles } from '../http/route.ts';
import { defineRoute } from '../http/route-spec.ts';
import { PublicHealth } from './public-health.ts';

const parts = z.record(z.string(), z.object({ status: z.enum(['up', 'down']) }));
const healthAnswer = z.object({
  status: z.enum(['ok', 'error', 'shutting_down']),
  info: parts,
  error: parts,
  details: parts,
});
const answers = {
  200: healthAnswer.describe('All that the gateway needs is there'),
  503: healthAnswer.describe('A needed part is down'),
};

const summary = (what: string) => ({ method: 'GET', access: 'public', summary: what, answers }) as const;

const health = defineRoute({ ...summary('Health of the gateway and what it needs'), path: '/api/health' });
const live = defineRoute({ ...summary('Whether the process runs'), path: '/api/health/live' });
const ready = defineRoute({ ...summary('Whether requests can be served'), path: '/api/health/ready' });

/** Public health, in the shape of Terminus; says which part is down and nothing of its inside. */
@Controller()
export class HealthController {
  constructor(private readonly publicHealth: PublicHealth) {}

  @Handles(health)
  async health(): Promise<RawAnswer> {
    return this.publicHealth.ready();
  }

  @Handles(live)
  async live(): Promise<RawAnswer> {
    return this.publicHealth.live();
  }

  @Handles(ready)
  async ready(): Promise<RawAnswer> {
    return this.publicHealth.ready();
  }
}
