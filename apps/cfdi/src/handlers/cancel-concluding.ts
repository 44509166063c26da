import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, Later, type Job } from '@nexora/agent';
import { HostResting } from '@nexora/connectivity';
import type { CfdiKinds, ResultOf } from '@nexora/contracts';
import type { Tx } from '@nexora/database';
import { Telemetry, type Clock } from '@nexora/runtime';
import { decisionOf } from '../cancelacion/decision.ts';
import type { CancelAnswer } from '../pac/cancel-answer.ts';
import { Cancelaciones, type CancelacionRow } from '../store/cancelaciones.ts';
import { cancelFateOf, type CancelCircumstances, type CancelConclusion } from './cancel-fate.ts';
import { Consulting } from './consulting.ts';
import { orResting, RESTING } from './resting.ts';

type CancelJob = Job<CfdiKinds['cancel']>;
type Result = ResultOf<CfdiKinds['cancel']>;
type Waits = Extract<CancelConclusion['then'], { readonly kind: 'waits' }>;
type Rejected = Extract<CancelConclusion['then'], { readonly kind: 'rejected' }>;

/** What was tried. */
export interface CancelTrial {
  readonly row: CancelacionRow;
  readonly signed: Buffer;
  readonly attempt: number;
  readonly pac: string;
  readonly host: string;
  /** Monotonic time at which the request left. */
  readonly startedMs: number;
}

/** Since a request was asked for; after that its acknowledgement is looked for no more. */
const LOOKED_FOR_MS = 30 * 24 * 3_600_000;

/** Writes down what a try to cancel came to, together with the job's own step. */
@Injectable()
export class CancelConcluding {
  constructor(
    @Inject(Cancelaciones) private readonly cancelaciones: Cancelaciones,
    @Inject(Consulting) private readonly consulting: Consulting,
    @Inject(Telemetry) private readonly telemetry: Telemetry,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Answers what became of the request, or throws the job's fate. */
  async conclude(job: CancelJob, trial: CancelTrial, answer: CancelAnswer | HostResting): Promise<Result> {
    const resting = answer instanceof HostResting ? answer : undefined;
    const heard = answer instanceof HostResting ? RESTING : answer;
    const conclusion = cancelFateOf(heard, await this.circumstances(job, trial, heard));
    const { then, ended } = conclusion;
    const durationMs = this.clock.monotonic() - trial.startedMs;
    const { pac, row } = trial;
    const told = { comprobante: row.id, pac, durationMs };
    if (ended.outcome !== 'asked') {
      this.telemetry.emit('cancellation-not-asked', { ...told, outcome: ended.outcome, code: ended.code });
    }
    switch (then.kind) {
      case 'waits':
        throw await this.waits(job, trial, conclusion, resting === undefined ? then : { ...then, fate: resting });
      case 'rejected':
        return this.rejected(job, trial, conclusion, then);
      case 'cancelled':
        return this.cancelled(job, trial, conclusion, then.how);
      case 'taken':
        this.telemetry.emit('cancellation-asked', { ...told, previous: then.previous });
        return this.taken(job, trial, conclusion, then.acuse);
    }
  }

  /** The comprobante is cancelled, and only the acknowledgement is wanted still. */
  async afterwards(job: CancelJob, trial: CancelTrial, answer: CancelAnswer | HostResting): Promise<Result> {
    const { row, attempt, host } = trial;
    const heard = answer instanceof HostResting ? RESTING : answer;
    const { ended, then } = cancelFateOf(heard, { host, ageMs: 0, shown: null });
    const isOver = this.clock.now().getTime() - row.askedAt.getTime() > LOOKED_FOR_MS;
    if (then.kind === 'waits' && heard.kind !== 'refused' && !isOver) {
      const fate = answer instanceof HostResting ? answer : then.fate;
      const kept = then.isDoubtful ? 'open' : 'known';
      await job.end(fate, (tx) => this.cancelaciones.ended(tx, row, attempt, ended), kept);
      throw fate;
    }
    const acuse = heard.kind === 'asked' ? heard.acuse : null;
    return job.finish(async (tx) => {
      await this.cancelaciones.take(tx, row.id);
      await this.cancelaciones.ended(tx, row, attempt, ended);
      if (acuse !== null) await this.cancelaciones.acuseFound(tx, row, Buffer.from(acuse, 'utf8'));
      return { estado: 'aceptada', code: ended.code };
    });
  }

  /** There is nothing to sign with: a person must install a CSD. Throws the job's fate. */
  async waitForCsd(job: CancelJob, row: CancelacionRow, sentence: string): Promise<never> {
    const fate = new Later('15m', 'no usable CSD');
    const remedy = 'Instale un CSD vigente: la cancelación se envía sola después.';
    const error = { code: 'cfdi.no-csd', field: null, message: sentence, remedy };
    await job.end(fate, (tx) => this.cancelaciones.waits(tx, row, error));
    throw fate;
  }

  /**
   * In doubt, an answer that is no "asked" settles nothing by itself: the tax authority is asked what it has. So it is
   * when nobody listed the code of a refusal, which might be another word for "asked before".
   */
  private async circumstances(job: CancelJob, trial: CancelTrial, answer: CancelAnswer): Promise<CancelCircumstances> {
    const { row, host } = trial;
    const now = this.clock.now().getTime();
    // FechaTimbrado is a time without a zone; an hour more or less does not matter in 72.
    const stampedAt = Date.parse(`${row.fechaTimbrado}-06:00`);
    const ageMs = now - Math.max(stampedAt, row.askedAt.getTime());
    const isUnlisted = answer.kind === 'refused' && answer.of === 'unlisted';
    const mustAsk = isUnlisted || (row.isDoubtful && answer.kind === 'refused');
    return { host, ageMs, shown: mustAsk ? await this.shown(job, row) : row.isDoubtful ? 'unanswered' : null };
  }

  private async shown(job: CancelJob, row: CancelacionRow): Promise<CancelCircumstances['shown']> {
    const consulted = await orResting(this.consulting.ask(row, job.signal));
    if (consulted instanceof HostResting || consulted.kind !== 'told') return 'unanswered';
    return decisionOf(consulted.estado, { takenForMs: 0, number: row.number });
  }

  private async taken(
    job: CancelJob,
    trial: CancelTrial,
    { ended }: CancelConclusion,
    acuse: string | null,
  ): Promise<Result> {
    const { row, attempt } = trial;
    return job.finish(async (tx) => {
      await this.cancelaciones.take(tx, row.id);
      await this.cancelaciones.ended(tx, row, attempt, ended);
      await this.cancelaciones.taken(tx, row, acuse === null ? null : Buffer.from(acuse, 'utf8'));
      await job.emit(tx, 'comprobante.cancelando', { comprobanteId: row.id, uuid: row.uuid });
      return { estado: 'en_proceso', code: ended.code };
    });
  }

  private async cancelled(
    job: CancelJob,
    trial: CancelTrial,
    { ended }: CancelConclusion,
    how: string,
  ): Promise<Result> {
    const { row, attempt } = trial;
    const result = await job.finish(async (tx): Promise<Result> => {
      await this.cancelaciones.take(tx, row.id);
      await this.cancelaciones.ended(tx, row, attempt, ended);
      await this.cancelaciones.cancelled(tx, row.id);
      await job.emit(tx, 'comprobante.cancelado', { comprobanteId: row.id, uuid: row.uuid });
      return { estado: 'aceptada', code: ended.code };
    });
    this.telemetry.emit('cancellation-decided', { comprobante: row.id, how });
    return result;
  }

  private async rejected(
    job: CancelJob,
    trial: CancelTrial,
    { ended }: CancelConclusion,
    { error, dead }: Rejected,
  ): Promise<Result> {
    const { row, attempt } = trial;
    const write = async (tx: Tx): Promise<Result> => {
      await this.cancelaciones.take(tx, row.id);
      await this.cancelaciones.ended(tx, row, attempt, ended);
      await this.cancelaciones.rejected(tx, row.id, error);
      await job.emit(tx, 'comprobante.vigente', { comprobanteId: row.id, code: ended.code });
      return { estado: 'rechazada', code: ended.code };
    };
    const result = dead === null ? await job.finish(write) : await job.end(dead, write, 'known');
    this.telemetry.emit('cancellation-refused', { comprobante: row.id, code: ended.code, software: dead !== null });
    if (dead !== null) throw dead;
    return result;
  }

  /** Answers the job's fate, which is written down already. */
  private async waits(job: CancelJob, trial: CancelTrial, { ended }: CancelConclusion, then: Waits): Promise<Error> {
    const { row, attempt } = trial;
    await job.end(
      then.fate,
      async (tx) => {
        await this.cancelaciones.take(tx, row.id);
        await this.cancelaciones.ended(tx, row, attempt, ended);
        await this.cancelaciones.waits(tx, row, then.error);
        if (then.isDoubtful) await this.cancelaciones.askSoon(tx, row);
      },
      then.isDoubtful ? 'open' : 'known',
    );
    return then.fate;
  }
}
