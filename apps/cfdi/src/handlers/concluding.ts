import { Inject, Injectable } from '@nestjs/common';
import { Permanent, type Job } from '@nexora/agent';
import type { Documento, Falta } from '@nexora/comprobante';
import type { CfdiKinds } from '@nexora/contracts';
import { sqlState, type Tx } from '@nexora/database';
import { Telemetry } from '@nexora/runtime';
import { conAddenda } from '../comprobante/con-addenda.ts';
import { Comprobantes, type ComprobanteRow, type SealedRow } from '../store/comprobantes.ts';
import { Pauses } from '../store/pauses.ts';
import type { Tried } from './asking.ts';
import type { Conclusion, NoStamp } from './conclusion.ts';
import { Judging } from './judging.ts';

type StampJob = Job<CfdiKinds['stamp']>;
type WithStamp = Extract<Tried, { readonly stamp: unknown }>;
type Stamp = { uuid: string; fechaTimbrado: string };

/** What was tried. */
export interface Trial {
  readonly row: ComprobanteRow;
  readonly sealed: SealedRow;
  /** Number of the attempt. */
  readonly attempt: number;
  readonly host: string;
  readonly pac: string;
}

/** Why a document cannot be sealed, and whether that is the fault of this program. */
interface RefusedDocument {
  readonly faltas: readonly Falta[];
  readonly isOurs: boolean;
}

const UNIQUE_VIOLATION = '23505';

/** Writes down what a try came to, together with the job's own step, and says what the job does next. */
@Injectable()
export class Concluding {
  constructor(
    @Inject(Comprobantes) private readonly comprobantes: Comprobantes,
    @Inject(Pauses) private readonly pauses: Pauses,
    @Inject(Judging) private readonly judging: Judging,
    @Inject(Telemetry) private readonly telemetry: Telemetry,
  ) {}

  /** Answers the stamp, or throws the job's fate. */
  async conclude(job: StampJob, trial: Trial, tried: Tried): Promise<Stamp> {
    if ('noStamp' in tried) {
      throw await this.ended(job, trial, tried.noStamp, tried);
    }
    try {
      return await this.stamped(job, trial, tried);
    } catch (error) {
      if (sqlState(error) !== UNIQUE_VIOLATION) throw error;
      const why = 'the UUID belongs to another comprobante of this house';
      throw await this.ended(job, trial, { kind: 'foreign', why, previous: true }, tried);
    }
  }

  /** The rules refuse the document, or a schema what we made of it: a person must mend it. Throws the job's fate. */
  async refuse(job: StampJob, row: ComprobanteRow, { faltas, isOurs }: RefusedDocument): Promise<never> {
    const code = faltas[0]?.code ?? 'cfdi.invalid';
    const fate = new Permanent(isOurs ? 'cfdi.ours' : 'cfdi.invalid', {
      faults: faltas.map(({ path, code: one }) => ({ path, code: one })),
    });
    await job.end(fate, async (tx) => {
      await this.comprobantes.refused(tx, row.id, faltas);
      await job.emit(tx, 'comprobante.rechazado', { comprobanteId: row.id, code });
    });
    this.telemetry.emit('comprobante-rejected', { comprobante: row.id, code, software: isOurs });
    throw fate;
  }

  private async stamped(job: StampJob, { row, attempt, pac }: Trial, tried: WithStamp): Promise<Stamp> {
    const { timbre, xml } = tried.stamp;
    const { uuid, fechaTimbrado } = timbre;
    const kept = { xml: this.withAddenda(row, xml), traceparent: job.traceparent };
    const statement = this.comprobantes.keepStamp(row.id, attempt, timbre, kept);
    const stamp = { uuid, fechaTimbrado };
    let isResumed = false;
    if (!row.isPaused) await job.finish(statement, stamp);
    else {
      await job.finish(async (tx) => {
        await tx.query(statement);
        isResumed = await this.pauses.lift(tx, row.emisor);
      }, stamp);
    }
    const { previous, durationMs } = tried;
    this.telemetry.emit('comprobante-stamped', { comprobante: row.id, pac, previous, durationMs });
    if (isResumed) this.telemetry.emit('issuer-resumed', {});
    return stamp;
  }

  /** The addenda belongs to the customer's copy; a stamp is never lost for its sake. */
  private withAddenda(row: ComprobanteRow, xml: Buffer): Buffer {
    const { addenda } = row.document as Partial<Documento>; // judged before it was sealed
    try {
      return conAddenda(xml, addenda);
    } catch (error) {
      this.telemetry.emit('addenda-left-out', { comprobante: row.id, error });
      return xml;
    }
  }

  /** Answers the job's fate, which is written down already. */
  private async ended(job: StampJob, trial: Trial, noStamp: NoStamp, tried: Tried): Promise<Error> {
    const { row, sealed, host, attempt } = trial;
    const lookedUp = 'noStamp' in tried ? tried.lookedUp : 'not-asked';
    const conclusion = await this.judging.judge({ row, sealed, host, noStamp, lookedUp, failures: job.attempts });
    const { outcome, settledBy } = conclusion.after;
    const isDoubtful = outcome === 'unknown' || (row.isDoubtful && settledBy === null);
    const fate = ('resting' in tried ? tried.resting : undefined) ?? conclusion.fate;
    // An intent of unknown outcome stays open: whoever takes the job up next asks before anything else.
    const isNewPause = await job.end(
      fate,
      async (tx) => {
        await this.comprobantes.ended(tx, row.id, attempt, conclusion.after);
        await this.announce(job, tx, row.id, conclusion);
        return conclusion.pause !== null && (await this.pauses.pause(tx, row.emisor, conclusion.pause));
      },
      isDoubtful ? 'open' : 'known',
    );
    this.tell(trial, conclusion, isNewPause, tried.durationMs);
    return fate;
  }

  private async announce(job: StampJob, tx: Tx, comprobanteId: string, { after }: Conclusion): Promise<void> {
    if (after.estado === 'rechazado') await job.emit(tx, 'comprobante.rechazado', { comprobanteId, code: after.code });
    if (after.estado === 'revision') await job.emit(tx, 'comprobante.revision', { comprobanteId });
  }

  private tell(trial: Trial, { after, pause, fate }: Conclusion, isNewPause: boolean, durationMs: number): void {
    const comprobante = trial.row.id;
    const { outcome, code } = after;
    this.telemetry.emit('comprobante-not-stamped', { comprobante, pac: trial.pac, outcome, code, durationMs });
    if (after.estado === 'revision') this.telemetry.emit('comprobante-in-review', { comprobante, code });
    if (after.estado === 'rechazado') {
      const software = fate instanceof Permanent && fate.code === 'cfdi.ours';
      this.telemetry.emit('comprobante-rejected', { comprobante, code, software });
    }
    if (isNewPause && pause !== null) this.telemetry.emit('issuer-paused', { code: pause.code, reason: pause.reason });
  }
}
