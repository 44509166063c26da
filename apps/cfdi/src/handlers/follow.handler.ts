import { Inject, Injectable } from '@nestjs/common';
import type { Handler, Job } from '@nexora/agent';
import type { CfdiKinds, ResultOf } from '@nexora/contracts';
import type { Tx } from '@nexora/database';
import { Telemetry } from '@nexora/runtime';
import { CANCELLATION_STOPPED, Cancelaciones, type StoppedCancelacion } from '../store/cancelaciones.ts';
import { stoppedCancelError } from './cancel-stopped.ts';

type FollowJob = Job<CfdiKinds['follow']>;

/** Rows in one run; the next slot is two minutes away. */
const MOST = 500;

/**
 * Gives a question to every open cancellation that is due, and a job to every request that has lost its own. One whose
 * job a person cancelled, or that died with its process, is never sent again by itself: a cancellation cannot be undone.
 */
@Injectable()
export class FollowHandler implements Handler<CfdiKinds['follow']> {
  constructor(
    @Inject(Cancelaciones) private readonly cancelaciones: Cancelaciones,
    @Inject(Telemetry) private readonly telemetry: Telemetry,
  ) {}

  readonly handle = async (job: FollowJob): Promise<ResultOf<CfdiKinds['follow']>> => {
    let stopped: readonly StoppedCancelacion[] = [];
    const result = await job.finish(async (tx) => {
      stopped = await this.cancelaciones.stopped(tx, MOST);
      for (const one of stopped) await this.rest(job, tx, one);
      return {
        asked: await this.cancelaciones.askDue(tx, MOST),
        resumed: await this.cancelaciones.resume(tx, MOST),
      };
    });
    for (const { id: comprobante, job: ended } of stopped.filter(({ isDoubtful }) => !isDoubtful)) {
      this.telemetry.emit('cancellation-refused', {
        comprobante,
        code: CANCELLATION_STOPPED,
        software: ended === 'dead',
      });
    }
    return result;
  };

  private async rest(job: FollowJob, tx: Tx, stopped: StoppedCancelacion): Promise<void> {
    const error = stoppedCancelError(stopped);
    if (stopped.isDoubtful) return this.cancelaciones.onlyAsked(tx, stopped, error);
    await this.cancelaciones.rejected(tx, stopped.id, error);
    await job.emit(tx, 'comprobante.vigente', { comprobanteId: stopped.id, code: error.code });
  }
}
