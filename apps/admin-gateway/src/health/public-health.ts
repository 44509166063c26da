import { Injectable } from '@nestjs/common';
import { Health, type HealthReport, type ProbeResult } from '@nexora/runtime';
import { RawAnswer } from '../http/raw-answer.ts';

/** The health of the process as strangers may see it: which part is up or down, and no word of why. */
@Injectable()
export class PublicHealth {
  constructor(private readonly health: Health) {}

  /** Whether the process runs. */
  live(): RawAnswer {
    return shown(this.health.live());
  }

  /** Whether it can serve; 503 when a needed part is down or it is stopping. */
  async ready(): Promise<RawAnswer> {
    return shown(await this.health.ready());
  }
}

function shown({ status, info, error, details }: HealthReport): RawAnswer {
  const body = { status, info: bare(info), error: bare(error), details: bare(details) };
  return new RawAnswer(status === 'ok' ? 200 : 503, body);
}

function bare(parts: Readonly<Record<string, ProbeResult>>): Record<string, Pick<ProbeResult, 'status'>> {
  return Object.fromEntries(Object.entries(parts).map(([name, { status }]) => [name, { status }]));
}
