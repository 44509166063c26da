import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, Permanent, type Handler, type Job } from '@nexora/agent';
import { horaLocal } from '@nexora/comprobante';
import { type HostResting, OutsideHosts } from '@nexora/connectivity';
import type { CfdiKinds, ResultOf } from '@nexora/contracts';
import type { Clock } from '@nexora/runtime';
import { firmaSolicitud, type SolicitudFirmada } from '../cancelacion/solicitud.ts';
import { assertSeals, CsdRefused } from '../comprobante/csd.ts';
import { Failpoint } from '../failpoint.ts';
import type { CancelAnswer } from '../pac/cancel-answer.ts';
import { Pac } from '../pac/pac.ts';
import { Cancelaciones, type CancelacionRow } from '../store/cancelaciones.ts';
import { Issuers } from '../store/issuers.ts';
import { CancelConcluding, type CancelTrial } from './cancel-concluding.ts';
import { orResting } from './resting.ts';

type CancelJob = Job<CfdiKinds['cancel']>;

/** Zone of the tax authority's own clock: no request of ours may seem to come from the future. */
const ZONA_CENTRO = 'America/Mexico_City';

/** Has a comprobante cancelled: the request is signed once, and the same bytes go out until the tax authority has it. */
@Injectable()
export class CancelHandler implements Handler<CfdiKinds['cancel']> {
  constructor(
    @Inject(Cancelaciones) private readonly cancelaciones: Cancelaciones,
    @Inject(Issuers) private readonly issuers: Issuers,
    @Inject(Pac) private readonly pac: Pac,
    @Inject(OutsideHosts) private readonly hosts: OutsideHosts,
    @Inject(CancelConcluding) private readonly concluding: CancelConcluding,
    @Inject(Failpoint) private readonly failpoint: Failpoint,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  readonly handle = async (job: CancelJob): Promise<ResultOf<CfdiKinds['cancel']>> => {
    const row = await this.cancelaciones.find(job.payload.comprobanteId);
    if (row === null) throw new Permanent('cfdi.not-found');
    if (row.estado !== 'pedida' && !lacksAcuse(row)) return { estado: row.estado, code: 'decided' };
    const fresh = row.signed === null ? await this.sign(job, row) : null;
    this.failpoint.pass('cfdi.before-cancel-signed');
    const trial = await this.intend(job, row, fresh);
    this.failpoint.pass('cfdi.before-cancel-request');
    const answer = await this.ask(job, trial);
    this.failpoint.pass('cfdi.after-cancel-answer');
    const result = await (row.estado === 'pedida'
      ? this.concluding.conclude(job, trial, answer)
      : this.concluding.afterwards(job, trial, answer));
    this.failpoint.pass('cfdi.after-cancel-row');
    return result;
  };

  private async sign(job: CancelJob, row: CancelacionRow): Promise<SolicitudFirmada> {
    const now = this.clock.now();
    const { emisor: rfc, uuid, motivo, folioSustitucion } = row;
    const csd = await this.issuers.csdFor(rfc, now);
    try {
      if (csd === null) throw new CsdRefused('expired', 'Falta un certificado de sello (CSD) vigente del emisor.');
      assertSeals(csd.certificado, rfc, now);
      const fecha = horaLocal(now, ZONA_CENTRO);
      return firmaSolicitud({ rfc, uuid, motivo, folioSustitucion, fecha }, csd.certificado, csd.key);
    } catch (error) {
      if (!(error instanceof CsdRefused)) throw error;
      return this.concluding.waitForCsd(job, row, error.message);
    }
  }

  /** Signature and attempt, committed together before the request leaves. */
  private async intend(job: CancelJob, row: CancelacionRow, fresh: SolicitudFirmada | null): Promise<CancelTrial> {
    const signed = fresh?.bytes ?? row.signed;
    const sha256 = fresh?.sha256 ?? row.sha256;
    if (signed === null || sha256 === null) throw new Error(`The request to cancel ${row.id} has no signature.`);
    const attempt = await job.intend(
      async (tx) => {
        await this.cancelaciones.take(tx, row.id);
        if (fresh !== null) await this.cancelaciones.sign(tx, row, fresh);
        return this.cancelaciones.attempt(tx, row, sha256, this.pac.name);
      },
      { key: `${row.id}/${row.number}`, requestHash: sha256 },
    );
    return { row, signed, attempt, pac: this.pac.name, host: this.pac.host, startedMs: this.clock.monotonic() };
  }

  private async ask(job: CancelJob, { row, signed }: CancelTrial): Promise<CancelAnswer | HostResting> {
    const { emisor: rfc, uuid, motivo, folioSustitucion } = row;
    const request = { rfc, uuid, motivo, folioSustitucion, signed };
    const asked = this.hosts.attempt(this.pac.host, () => this.pac.cancel(request, job.signal), {
      // Stamping shares this host: a PAC that works must not rest because of what it says about cancellations.
      failedBy: (answer) =>
        answer.kind === 'unsent' ? 'unreachable' : answer.kind === 'unknown' && answer.answered !== true,
      // The adapter answers every failure of the PAC; what it throws is our own.
      countsAsFailure: () => false,
    });
    return orResting(asked);
  }
}

/** The consultation service decided before an answer came: the same bytes again bring the acknowledgement (202). */
function lacksAcuse({ estado, acuse, signed, isDoubtful }: CancelacionRow): boolean {
  return estado === 'aceptada' && acuse === null && signed !== null && isDoubtful;
}
