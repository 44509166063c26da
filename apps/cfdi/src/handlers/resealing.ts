import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Job } from '@nexora/agent';
import type { CfdiKinds } from '@nexora/contracts';
import type { Tx } from '@nexora/database';
import { Telemetry, type Clock } from '@nexora/runtime';
import { Comprobantes, type ComprobanteRow, type Seal } from '../store/comprobantes.ts';

type StampJob = Job<CfdiKinds['stamp']>;

/**
 * A comprobante must be stamped within 72 hours of its Fecha. The margin is for a request of 5 minutes and a PAC's
 * clock that is 5 minutes ahead.
 */
const LIFE_MS = (72 * 60 - 10) * 60_000;

/** Seals that are worth nothing any more are archived, and the owner is told of the new one. */
@Injectable()
export class Resealing {
  constructor(
    @Inject(Comprobantes) private readonly comprobantes: Comprobantes,
    @Inject(Telemetry) private readonly telemetry: Telemetry,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * The row, without its seal where that may be and has to be given up: older than 72 hours, or of a comprobante that
   * was refused and is tried again as a job. With a try of unknown outcome the bytes stay, whatever their age.
   */
  async withoutStaleSeal(job: StampJob, row: ComprobanteRow): Promise<ComprobanteRow> {
    if (row.sealed === null || row.isDoubtful) return row;
    const ageMs = this.clock.now().getTime() - row.sealed.sealedAt.getTime();
    const reason = row.estado === 'rechazado' ? 'retried' : ageMs > LIFE_MS ? 'older than 72 hours' : null;
    if (reason === null) return row;
    await job.settle((tx) => this.comprobantes.unseal(tx, row.id, reason));
    return { ...row, estado: 'pendiente', sealed: null, pac: null, fechaPrevia: row.fecha };
  }

  /** Tells of a seal in the place of another: in the comprobante's history, and to whoever warns the owner. */
  async tell(job: StampJob, tx: Tx, { id, fechaPrevia }: ComprobanteRow, { sellado: { fecha } }: Seal): Promise<void> {
    const mesCambio = fechaPrevia?.slice(0, 7) !== fecha.slice(0, 7);
    const aviso = mesCambio ? ' Cambió el mes: avise a su contador.' : '';
    await this.comprobantes.tell(tx, id, {
      code: 'cfdi.resealed',
      isWarning: mesCambio,
      message: `Se selló de nuevo con fecha ${fecha}; antes ${fechaPrevia ?? ''}.${aviso}`,
      detail: { fechaPrevia, fecha, mesCambio },
    });
    await job.emit(tx, 'comprobante.resellado', { comprobanteId: id, mesCambio });
    tx.afterCommit(() => this.telemetry.emit('comprobante-resealed', { comprobante: id, monthChanged: mesCambio }));
  }
}
