import { Inject, Injectable } from '@nestjs/common';
import { Later, Permanent, type Handler, type Job } from '@nexora/agent';
import type { CfdiKinds } from '@nexora/contracts';
import { Failpoint } from '../failpoint.ts';
import { Comprobantes, type ComprobanteRow, type Seal } from '../store/comprobantes.ts';
import { Asking } from './asking.ts';
import { Concluding, type Trial } from './concluding.ts';
import { Refused, Sealing } from './sealing.ts';

type StampJob = Job<CfdiKinds['stamp']>;

/** Seals a comprobante and has it stamped: once, whatever fails on the way. */
@Injectable()
export class StampHandler implements Handler<CfdiKinds['stamp']> {
  constructor(
    @Inject(Comprobantes) private readonly comprobantes: Comprobantes,
    @Inject(Sealing) private readonly sealing: Sealing,
    @Inject(Asking) private readonly asking: Asking,
    @Inject(Concluding) private readonly concluding: Concluding,
    @Inject(Failpoint) private readonly failpoint: Failpoint,
  ) {}

  readonly handle = async (job: StampJob): Promise<{ uuid: string; fechaTimbrado: string }> => {
    const row = await this.rowOf(job);
    if (row.uuid !== null && row.fechaTimbrado !== null) return { uuid: row.uuid, fechaTimbrado: row.fechaTimbrado };
    const seal = row.sealed === null ? await this.seal(job, row) : null;
    this.failpoint.pass('cfdi.before-seal');
    const trial = await this.intend(job, row, seal);
    this.failpoint.pass('cfdi.before-request');
    const tried = await this.asking.ask(row.id, trial.sealed, job.signal);
    this.failpoint.pass('cfdi.after-answer');
    const stamp = await this.concluding.conclude(job, trial, tried);
    this.failpoint.pass('cfdi.after-row');
    return stamp;
  };

  private async rowOf(job: StampJob): Promise<ComprobanteRow> {
    const row = await this.comprobantes.find(job.payload.comprobanteId);
    if (row === null) throw new Permanent('cfdi.not-found');
    if (row.isDoubtful && row.pac !== this.asking.pacName) {
      const motivo = `Un intento quedó sin respuesta en otro PAC (${row.pac ?? ''}): configúrelo de nuevo`;
      await this.comprobantes.waits(row.id, motivo);
      throw new Later('15m', 'an attempt at another PAC has an unknown outcome');
    }
    // Retried as a job: a refused one is judged and sealed anew, as it is when a person asks for it by its id.
    if (row.estado !== 'rechazado' || row.sealed === null) return row;
    await job.settle((tx) => this.comprobantes.unseal(tx, row.id, 'retried'));
    return { ...row, estado: 'pendiente', sealed: null, pac: null };
  }

  private async seal(job: StampJob, row: ComprobanteRow): Promise<Seal> {
    try {
      return await this.sealing.seal(row);
    } catch (error) {
      if (error instanceof Refused) return this.concluding.refuse(job, row, error.faltas);
      if (error instanceof Later) await this.comprobantes.waits(row.id, error.reason);
      throw error;
    }
  }

  /** Seal and attempt, committed together before the request leaves: from here on only these bytes may go out. */
  private async intend(job: StampJob, row: ComprobanteRow, seal: Seal | null): Promise<Trial> {
    const { pacName: pac, host } = this.asking;
    const sha256 = seal?.sellado.sha256 ?? row.sealed?.sha256 ?? '';
    const { sealed, attempt } = await job.intend(
      async (tx) => {
        const stored = seal === null ? row.sealed : await this.comprobantes.seal(tx, row, seal, pac);
        if (stored === null) throw new Error(`The comprobante ${row.id} has no seal.`);
        return { sealed: stored, attempt: await this.comprobantes.attempt(tx, row.id, sha256, pac) };
      },
      { key: row.id, requestHash: sha256 },
    );
    this.failpoint.pass('cfdi.after-seal');
    return { row, sealed, attempt, host, pac };
  }
}
