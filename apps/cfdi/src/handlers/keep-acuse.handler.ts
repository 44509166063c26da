import { Inject, Injectable } from '@nestjs/common';
import { Permanent, type Handler, type Job } from '@nexora/agent';
import type { CfdiKinds, ResultOf } from '@nexora/contracts';
import { Acuses } from '../store/acuses.ts';
import { Cancelaciones } from '../store/cancelaciones.ts';
import { keeping } from './keeping.ts';

/** Copies the acknowledgement of a cancellation to object storage; Postgres keeps its own for good. */
@Injectable()
export class KeepAcuseHandler implements Handler<CfdiKinds['keepAcuse']> {
  constructor(
    @Inject(Cancelaciones) private readonly cancelaciones: Cancelaciones,
    @Inject(Acuses) private readonly acuses: Acuses,
  ) {}

  readonly handle = async (job: Job<CfdiKinds['keepAcuse']>): Promise<ResultOf<CfdiKinds['keepAcuse']>> => {
    const row = await this.cancelaciones.find(job.payload.comprobanteId);
    if (row === null) throw new Permanent('cfdi.not-found');
    const { acuse } = row;
    if (acuse === null) throw new Permanent('cfdi.not-ready');
    const key = await keeping(this.acuses.put(row, acuse));
    return job.finish(async (tx) => {
      await this.cancelaciones.take(tx, row.id);
      await this.cancelaciones.acuseKept(tx, row, key);
      return { key, bytes: acuse.length };
    });
  };
}
