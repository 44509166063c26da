import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, Later, Permanent, type Handler, type Job } from '@nexora/agent';
import type { CfdiKinds, ResultOf } from '@nexora/contracts';
import type { Tx } from '@nexora/database';
import { Telemetry, type Clock } from '@nexora/runtime';
import type { EstadoSat } from '../cancelacion/consulta.ts';
import { decisionOf, nextCheckMs, type Decision } from '../cancelacion/decision.ts';
import type { ErrorDelComprobante } from '../comprobante/estados.ts';
import { CANCELLATION_STOPPED, Cancelaciones, type CancelacionRow, type Consultable } from '../store/cancelaciones.ts';
import { NotAskedYet, RECHAZADA_POR_EL_RECEPTOR } from './cancel-fate.ts';
import { STOPPED_AND_NOT_SHOWN } from './cancel-stopped.ts';
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
      if (isChange) await this.decide(job, tx, comprobante, open, estado, decision);
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
    estado: EstadoSat,
    decision: Decision,
  ): Promise<void> {
    // Also without a request of ours: it was cancelled in the tax authority's portal.
    if (decision.kind === 'cancelled') {
      await this.cancelaciones.cancelled(tx, comprobanteId);
      await job.emit(tx, 'comprobante.cancelado', { comprobanteId, uuid });
      return;
    }
    if (open === null) return;
    const reason = this.reasonAgainst(open, estado, decision);
    if (reason !== null) {
      await this.cancelaciones.rejected(tx, comprobanteId, reason);
      await job.emit(tx, 'comprobante.vigente', { comprobanteId, code: reason.code });
      return;
    }
    // Its job was stopped in doubt, and the tax authority has it after all.
    if (isStopped(open) && decision.kind === 'open') return this.cancelaciones.taken(tx, open, null);
    const isLost = decision.kind === 'nothing' && this.takenForMs(open) > PATIENCE_MS;
    if (open.estado === 'en_proceso' && isLost) await this.cancelaciones.waits(tx, open, NOT_SHOWN);
  }

  /** Why an open request has come to nothing; null while it has not. */
  private reasonAgainst(open: CancelacionRow, estado: EstadoSat, { kind }: Decision): ErrorDelComprobante | null {
    if (open.estado !== 'en_proceso' && !isStopped(open)) return null; // its own job sends it again, and decides
    if (kind === 'rejected') return RECHAZADA_POR_EL_RECEPTOR;
    const triedForMs = this.clock.now().getTime() - (open.lastTriedAt ?? open.askedAt).getTime();
    const isOver = isStopped(open) && kind === 'nothing' && estado.estado === 'Vigente' && triedForMs > PATIENCE_MS;
    return isOver ? STOPPED_AND_NOT_SHOWN : null;
  }

  private tell(comprobante: string, open: CancelacionRow | null, decision: Decision): void {
    if (decision.kind === 'cancelled') {
      this.telemetry.emit('cancellation-decided', { comprobante, how: decision.how });
    }
    if (decision.kind === 'rejected' && (open?.estado === 'en_proceso' || isStopped(open))) {
      this.telemetry.emit('cancellation-refused', { comprobante, code: 'rejected-by-receiver', software: false });
    }
  }
}

/** Its job was cancelled or died when it may have reached the tax authority: it goes out no more. */
function isStopped(open: CancelacionRow | null): boolean {
  return open?.estado === 'pedida' && open.error?.code === CANCELLATION_STOPPED;
}
