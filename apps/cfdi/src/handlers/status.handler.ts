import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, Later, Permanent, type Handler, type Job } from '@nexora/agent';
import type { CfdiKinds, ResultOf } from '@nexora/contracts';
import type { Tx } from '@nexora/database';
import { Telemetry, type Clock } from '@nexora/runtime';
import type { EstadoSat } from '../cancelacion/consulta.ts';
import { decisionOf, nextCheckMs, type Decision } from '../cancelacion/decision.ts';
import { Cancelaciones, type CancelacionRow, type Consultable } from '../store/cancelaciones.ts';
import { NotAskedYet, RECHAZADA_POR_EL_RECEPTOR } from './cancel-fate.ts';
import { Consulting } from './consulting.ts';

type StatusJob = Job<CfdiKinds['status']>;

const PATIENCE_MS = 72 * 3_600_000;

/** Shown when the tax authority has had the request for days and shows nothing of it. */
const NOT_SHOWN = {
  code: 'cfdi.transient',
  field: null,
  message: 'El SAT recibió la solicitud hace más de 72 horas y aún no la muestra en su consulta.',
  remedy: 'Busque el comprobante en el portal del SAT; aquí se le sigue preguntando.',
} as const;

/** Asks the tax authority what it says of a comprobante, and decides an open cancellation by it. */
@Injectable()
export class StatusHandler implements Handler<CfdiKinds['status']> {
  constructor(
    @Inject(Cancelaciones) private readonly cancelaciones: Cancelaciones,
    @Inject(Consulting) private readonly consulting: Consulting,
    @Inject(Telemetry) private readonly telemetry: Telemetry,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  readonly handle = async (job: StatusJob): Promise<ResultOf<CfdiKinds['status']>> => {
    const comprobante = await this.cancelaciones.consultable(job.payload.comprobanteId);
    if (comprobante === null) throw new Permanent('cfdi.not-found');
    const { uuid } = comprobante;
    if (uuid === null) throw new Permanent('cfdi.not-ready');
    const consulted = await this.consulting.ask({ ...comprobante, uuid }, job.signal);
    if (consulted.kind === 'unsent') throw new Later('internet', 'offline', this.consulting.host);
    if (consulted.kind === 'unknown') throw new NotAskedYet(consulted.code);
    const last = await this.cancelaciones.find(comprobante.id);
    return this.write(job, { ...comprobante, uuid }, last, consulted.estado);
  };

  private async write(
    job: StatusJob,
    comprobante: Consultable & { readonly uuid: string },
    last: CancelacionRow | null,
    estado: EstadoSat,
  ): Promise<ResultOf<CfdiKinds['status']>> {
    const open = last?.estado === 'en_proceso' || last?.estado === 'pedida' ? last : null;
    const decision = this.decision(open, estado);
    const isChange = comprobante.estado === 'listo' || comprobante.estado === 'cancelacion_pedida';
    const { estado: shown, estatusCancelacion } = estado;
    const result = await job.finish(async (tx) => {
      await this.cancelaciones.take(tx, comprobante.id);
      await this.cancelaciones.told(tx, comprobante.id, estado, open === null ? null : nextCheckMs(open.checks));
      if (isChange) await this.decide(job, tx, comprobante, open, decision);
      return { estado: shown, estatusCancelacion };
    });
    if (isChange) this.tell(comprobante.id, open, decision);
    return result;
  }

  private decision(open: CancelacionRow | null, estado: EstadoSat): Decision {
    return decisionOf(estado, { takenForMs: this.takenForMs(open), number: open?.number ?? 1 });
  }

  private takenForMs(open: CancelacionRow | null): number {
    return open?.takenAt == null ? 0 : this.clock.now().getTime() - open.takenAt.getTime();
  }

  private async decide(
    job: StatusJob,
    tx: Tx,
    { id: comprobanteId, uuid }: Consultable & { readonly uuid: string },
    open: CancelacionRow | null,
    decision: Decision,
  ): Promise<void> {
    // Also without a request of ours: it was cancelled in the tax authority's portal.
    if (decision.kind === 'cancelled') {
      await this.cancelaciones.cancelled(tx, comprobanteId);
      await job.emit(tx, 'comprobante.cancelado', { comprobanteId, uuid });
      return;
    }
    if (open?.estado !== 'en_proceso') return;
    if (decision.kind === 'rejected') {
      await this.cancelaciones.rejected(tx, comprobanteId, RECHAZADA_POR_EL_RECEPTOR);
      const { code } = RECHAZADA_POR_EL_RECEPTOR;
      await job.emit(tx, 'comprobante.vigente', { comprobanteId, code });
      return;
    }
    const isLost = decision.kind === 'nothing' && this.takenForMs(open) > PATIENCE_MS;
    if (isLost) await this.cancelaciones.waits(tx, open, NOT_SHOWN);
  }

  private tell(comprobante: string, open: CancelacionRow | null, decision: Decision): void {
    if (decision.kind === 'cancelled') {
      this.telemetry.emit('cancellation-decided', { comprobante, how: decision.how });
    }
    if (decision.kind === 'rejected' && open?.estado === 'en_proceso') {
      this.telemetry.emit('cancellation-refused', { comprobante, code: 'rejected-by-receiver', software: false });
    }
  }
}
