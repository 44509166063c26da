import { Inject, Injectable } from '@nestjs/common';
import type { Handler, Job } from '@nexora/agent';
import { cfdiKinds, type CfdiKinds, type ResultOf } from '@nexora/contracts';
import type { Tx } from '@nexora/database';
import { enqueue } from '@nexora/outbox';
import { Telemetry } from '@nexora/runtime';
import { Comprobantes } from '../store/comprobantes.ts';
import { Restorations } from '../store/restorations.ts';
import { Stranded } from '../store/stranded.ts';
import { FAILING, restOf, type Rest } from './stopped.ts';

type PickUpJob = Job<CfdiKinds['pickUp']>;
type Resting = Rest & { readonly id: string };

/** Rows in one run: a restore may leave many behind, and the next slot is two minutes away. */
const MOST = 1_000;

/**
 * Brings rows and jobs together where they came apart. A row without a job is given one. One whose job died or was
 * cancelled without a word of its handler says so, and rests until a person asks.
 */
@Injectable()
export class PickUpHandler implements Handler<CfdiKinds['pickUp']> {
  constructor(
    @Inject(Comprobantes) private readonly comprobantes: Comprobantes,
    @Inject(Stranded) private readonly stranded: Stranded,
    @Inject(Restorations) private readonly restorations: Restorations,
    @Inject(Telemetry) private readonly telemetry: Telemetry,
  ) {}

  readonly handle = async (job: PickUpJob): Promise<ResultOf<CfdiKinds['pickUp']>> => {
    let resting: readonly Resting[] = [];
    const result = await job.finish(async (tx) => {
      await this.restorations.goesOn(tx); // jobs before rows, as everybody locks them
      resting = await this.rest(job, tx);
      await this.stranded.failing(tx, FAILING, MOST);
      await this.searchAfterRestore(tx);
      return { enqueued: await this.stranded.pickUp(tx, MOST) };
    });
    for (const one of resting) this.tell(one);
    return result;
  };

  /** A restore is told in SQL, where no job can be handed over on behalf of everybody who may tell it. */
  private async searchAfterRestore(tx: Tx): Promise<void> {
    const restored = await this.restorations.unsearched(tx);
    if (restored === null) return;
    const dedupeKey = `search ${restored.at.toISOString()} ${restored.notedAt.toISOString()}`;
    await enqueue(tx, cfdiKinds.search, {}, { dedupeKey });
  }

  private async rest(job: PickUpJob, tx: Tx): Promise<readonly Resting[]> {
    const stopped = await this.stranded.stopped(tx, MOST);
    const resting = stopped.map((one) => ({ id: one.id, ...restOf(one) }));
    for (const { id, estado, error } of resting) {
      await this.stranded.rests(tx, id, estado, error);
      await this.comprobantes.tell(tx, id, { code: error.code, isWarning: true, message: error.message });
      if (estado === 'revision') await job.emit(tx, 'comprobante.revision', { comprobanteId: id });
      if (estado === 'rechazado') await job.emit(tx, 'comprobante.rechazado', { comprobanteId: id, code: error.code });
    }
    return resting;
  }

  private tell({ id: comprobante, estado, error: { code }, isOurs: software }: Resting): void {
    if (estado === 'revision') this.telemetry.emit('comprobante-in-review', { comprobante, code });
    else if (estado === 'rechazado') this.telemetry.emit('comprobante-rejected', { comprobante, code, software });
    else this.telemetry.emit('comprobante-not-kept', { comprobante, code });
  }
}
