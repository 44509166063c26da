import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { iso } from '../http/iso.ts';
import { Handles } from '../http/route.ts';
import { defineRoute, type AnswerOf } from '../http/route-spec.ts';
import { Postgres } from '../store/postgres.ts';

const time = z.iso.datetime({ offset: true });
const account = z.object({
  pac: z.string(),
  rfc: z.string().nullable().describe('null: one account for all issuers'),
  left: z.int().nullable().describe('null: as many as one likes'),
  checkedAt: time,
  lowSince: time.nullable().describe('Since when there are fewer than CFDI_STAMPS_LOW; null: there are enough'),
});

export const listStamps = defineRoute({
  method: 'GET',
  path: '/api/admin/stamps',
  access: 'viewer',
  summary: 'Stamps left at the PAC, as it said at the last hourly question; empty before the first',
  answers: { 200: z.object({ items: z.array(account), nextCursor: z.null() }).describe('All accounts') },
});

interface Row {
  readonly pac: string;
  readonly rfc: string | null;
  readonly restantes: number | null;
  readonly checked_at: Date;
  readonly low_since: Date | null;
}

/** Stamps left at the PAC. */
@Controller()
export class StampsController {
  constructor(private readonly postgres: Postgres) {}

  @Handles(listStamps)
  async list(): Promise<AnswerOf<typeof listStamps>> {
    const text =
      'SELECT pac, rfc, restantes, checked_at, low_since FROM agents.stamps_left ORDER BY pac, rfc NULLS FIRST';
    const rows = await this.postgres.query<Row>({ text, values: [] });
    const items = rows.map(({ pac, rfc, restantes: left, checked_at: at, low_since: low }) => ({
      pac,
      rfc,
      left,
      checkedAt: iso(at),
      lowSince: iso(low),
    }));
    return { items, nextCursor: null };
  }
}
