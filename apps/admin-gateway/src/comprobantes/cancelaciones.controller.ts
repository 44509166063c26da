import { Controller } from '@nestjs/common';
import { Acts } from '../http/acts.ts';
import type { Call } from '../http/call.ts';
import { RawAnswer } from '../http/raw-answer.ts';
import { Handles } from '../http/route.ts';
import type { InputOf } from '../http/route-spec.ts';
import { Postgres } from '../store/postgres.ts';
import * as queries from './cancelaciones.queries.ts';
import { cancelComprobante, checkComprobante, readAcuse } from './cancelaciones.routes.ts';
import { comprobante } from './comprobantes.queries.ts';

/** Comprobantes are cancelled, and their state at the tax authority is asked for. */
@Controller()
export class CancelacionesController {
  constructor(
    private readonly postgres: Postgres,
    private readonly acts: Acts,
  ) {}

  @Handles(cancelComprobante)
  async cancel({ params, body }: InputOf<typeof cancelComprobante>, call: Call): Promise<RawAnswer> {
    return this.acts.act(call, async (tx) => {
      await queries.alone(tx, params.id);
      const before = await comprobante(tx, params.id);
      const jobId = await queries.cancel(tx, params.id, body.motivo, body.folioSustitucion ?? null);
      const { id, estado } = await comprobante(tx, params.id);
      const isNew = before.estado === 'listo';
      const audit = { action: 'comprobante.cancel', target: id, detail: body };
      return { status: isNew ? 202 : 200, body: { id, estado, jobId }, audit: isNew ? audit : null };
    });
  }

  @Handles(checkComprobante)
  async check({ params }: InputOf<typeof checkComprobante>, call: Call): Promise<RawAnswer> {
    return this.acts.act(call, async (tx) => {
      const jobId = await queries.check(tx, params.id);
      const audit = { action: 'comprobante.status', target: params.id };
      return { status: 202, body: { id: params.id, jobId }, audit };
    });
  }

  @Handles(readAcuse)
  async acuse({ params }: InputOf<typeof readAcuse>): Promise<RawAnswer> {
    const { bytes, uuid } = await queries.acuse(this.postgres, params.id);
    return new RawAnswer(200, bytes, {
      'content-type': 'application/xml',
      'content-disposition': `inline; filename="${uuid ?? params.id}.cancelacion.xml"`,
      'content-security-policy': "default-src 'none'; sandbox",
    });
  }
}
