import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Handler, type Job } from '@nexora/agent';
import { horaLocal } from '@nexora/comprobante';
import { cfdiKinds, type CfdiKinds, type ResultOf } from '@nexora/contracts';
import { enqueue } from '@nexora/outbox';
import type { Clock } from '@nexora/runtime';
import { Months } from '../store/months.ts';

/** Has the month before the slot packed, for every issuer that stamped in it. */
@Injectable()
export class PackMonthsHandler implements Handler<CfdiKinds['packMonths']> {
  constructor(
    @Inject(Months) private readonly months: Months,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  readonly handle = async (job: Job<CfdiKinds['packMonths']>): Promise<ResultOf<CfdiKinds['packMonths']>> => {
    const month = monthBefore(job.slot ?? this.clock.now());
    const issuers = await this.months.issuersIn(month);
    return job.finish(async (tx) => {
      for (const emisor of issuers) await enqueue(tx, cfdiKinds.packMonth, { emisor, month }, { scope: emisor });
      return { month, enqueued: issuers.length };
    });
  };
}

/** `2026-10` for any moment of November 2026 in the middle of Mexico. */
export function monthBefore(at: Date): string {
  const [year = 0, month = 0] = horaLocal(at, 'America/Mexico_City').split('-').map(Number);
  return new Date(Date.UTC(year, month - 2, 1)).toISOString().slice(0, 7);
}
