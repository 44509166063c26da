import { Inject, Injectable } from '@nestjs/common';
import { Later, Permanent, type Handler, type Job } from '@nexora/agent';
import type { CfdiKinds } from '@nexora/contracts';
import { Failpoint } from '../failpoint.ts';
import { Comprobantes, type ComprobanteRow, type Seal, type Started } from '../store/comprobantes.ts';
import { Admission } from './admission.ts';
import { Asking } from './asking.ts';
import { Concluding, type Trial } from './concluding.ts';
import { LookingUp } from './looking-up.ts';
import { Resealing } from './resealing.ts';
import { Refused, Sealing } from './sealing.ts';

type StampJob = Job<CfdiKinds['stamp']>;

/** Seals a comprobante and has it stamped: once, whatever fails on the way. */
@Injectable()
export class StampHandler implements Handler<CfdiKinds['stamp']> {
  constructor(
    @Inject(Comprobantes) private readonly comprobantes: Comprobantes,
    @Inject(Admission) private readonly admission: Admission,
    @Inject(Sealing) private readonly sealing: Sealing,
    @Inject(Resealing) private readonly resealing: Resealing,
    @Inject(Asking) private readonly asking: Asking,
    @Inject(LookingUp) private readonly lookingUp: LookingUp,
    @Inject(Concluding) private readonly concluding: Concluding,
    @Inject(Failpoint) private readonly failpoint: Failpoint,
  ) {}

  readonly handle = async (job: StampJob): Promise<{ uuid: string; fechaTimbrado: string }> => {
    const found = await this.comprobantes.find(job.payload.comprobanteId);
    if (found === null) throw new Permanent('cfdi.not-found');
    const { uuid, fechaTimbrado } = found;
    if (uuid !== null && fechaTimbrado !== null) return { uuid, fechaTimbrado };
    await this.admission.admit(found);
    const row = await this.resealing.withoutStaleSeal(job, found);
    const seal = row.sealed === null ? await this.seal(job, row) : null;
    this.failpoint.pass('cfdi.before-seal');
    const trial = await this.intend(job, row, seal);
    this.failpoint.pass('cfdi.before-request');
    const answer = await this.asking.ask(row.id, trial.sealed, job.signal);
    this.failpoint.pass('cfdi.after-answer');
    const tried = await this.lookingUp.settle(trial, answer, job.signal);
    const stamp = await this.concluding.conclude(job, trial, tried);
    this.failpoint.pass('cfdi.after-row');
    return stamp;
  };

  private async seal(job: StampJob, row: ComprobanteRow): Promise<Seal> {
    try {
      return await this.sealing.seal(row);
    } catch (error) {
      if (error instanceof Refused) return this.concluding.refuse(job, row, error);
      if (error instanceof Later) await this.comprobantes.waits(row.id, error.reason);
      throw error;
    }
  }

  /** Seal and attempt, committed together before the request leaves: from here on only these bytes may go out. */
  private async intend(job: StampJob, row: ComprobanteRow, seal: Seal | null): Promise<Trial> {
    const { pacName: pac, host } = this.asking;
    const note = { key: row.id, requestHash: seal?.sellado.sha256 ?? row.sealed?.sha256 ?? '' };
    const statement = this.comprobantes.tryStamp(row, seal, pac);
    const [started] =
      seal === null || row.fechaPrevia === null
        ? await job.intend<Started>(statement, note)
        : await job.intend(async (tx) => {
            await this.resealing.tell(job, tx, row, seal);
            return tx.query<Started>(statement);
          }, note);
    if (started === undefined) throw new Error('The attempt was noted without an answer.');
    const sealed = seal === null ? row.sealed : { ...seal.sellado, sealedAt: started.sealedAt };
    if (sealed === null) throw new Error(`The comprobante ${row.id} has no seal.`);
    this.failpoint.pass('cfdi.after-seal');
    return { row, sealed, attempt: started.attempt, host, pac };
  }
}
