import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { Handles } from '../http/route.ts';
import { defineRoute, type AnswerOf, type InputOf } from '../http/route-spec.ts';
import { Postgres } from '../store/postgres.ts';
import { comprobante } from './comprobantes.queries.ts';

const entry = z.object({
  at: z.string(),
  what: z.enum(['attempt', 'cancellation-attempt', 'seal-given-up', 'event']),
  number: z.int().nullable().describe('Of the attempt, from 1'),
  revision: z.int().nullable(),
  pac: z.string().nullable(),
  sha256: z.string().nullable().describe('Of the bytes that were sent, or given up'),
  outcome: z
    .enum(['stamped', 'asked', 'refused', 'unsent', 'unknown'])
    .nullable()
    .describe(
      'asked: the PAC took the cancellation; unsent: no byte left; unknown: it may have been done, see settledBy',
    ),
  code: z.string().nullable().describe("The PAC's, or that of the event"),
  message: z.string().nullable().describe("The PAC's own words; Spanish for an event"),
  durationMs: z.int().nullable(),
  settledBy: z.string().nullable().describe('What said for certain that an attempt of unknown outcome gave no stamp'),
  fecha: z.string().nullable().describe('Fecha of a seal that was given up'),
  motivo: z.string().nullable().describe('Of a cancellation, 01 to 04'),
  isWarning: z.boolean(),
});

export const readHistory = defineRoute({
  method: 'GET',
  path: '/api/comprobantes/:id/history',
  access: 'viewer',
  summary:
    'Every attempt to stamp or cancel it, every seal that was given up, and what else happened; kept as long as the comprobante',
  params: z.strictObject({ id: z.uuid() }),
  answers: { 200: z.object({ items: z.array(entry) }) },
  problems: ['cfdi.not-found'],
});

type Entry = z.output<typeof entry>;

/** The audit trail of a comprobante. */
@Controller()
export class HistoryController {
  constructor(private readonly postgres: Postgres) {}

  @Handles(readHistory)
  async read({ params }: InputOf<typeof readHistory>): Promise<AnswerOf<typeof readHistory>> {
    const { id } = await comprobante(this.postgres, params.id);
    const rows = await this.postgres.query<Omit<Entry, 'at'> & { at: Date }>({
      text: `SELECT at, what, number, revision, pac, sha256, outcome, code, message, duration_ms AS "durationMs",
                    settled_by AS "settledBy", fecha, detail->>'motivo' AS motivo, is_warning AS "isWarning"
               FROM agents.comprobante_history WHERE comprobante = $1 ORDER BY at, what LIMIT 10000`,
      values: [id],
    });
    return { items: rows.map(({ at, ...rest }) => ({ at: at.toISOString(), ...rest })) };
  }
}
