import { Inject, Injectable } from '@nestjs/common';
import { Permanent, type Handler, type Job } from '@nexora/agent';
import type { CfdiKinds, ResultOf } from '@nexora/contracts';
import { Failpoint } from '../failpoint.ts';
import { Artefacts } from '../store/artefacts.ts';
import { Comprobantes, type ComprobanteRow } from '../store/comprobantes.ts';
import { IssuerStyles } from '../store/issuer-styles.ts';
import { Press, Undrawable } from '../store/press.ts';
import { keeping } from './keeping.ts';

/** Tries that a document gets with which the drawing dies or takes too long. */
const MOST_TRIES = 5;

/** Draws the representación impresa from the stored XML and keeps it beside it. */
@Injectable()
export class RenderHandler implements Handler<CfdiKinds['render']> {
  constructor(
    @Inject(Comprobantes) private readonly comprobantes: Comprobantes,
    @Inject(Artefacts) private readonly artefacts: Artefacts,
    @Inject(IssuerStyles) private readonly styles: IssuerStyles,
    @Inject(Press) private readonly press: Press,
    @Inject(Failpoint) private readonly failpoint: Failpoint,
  ) {}

  readonly handle = async (job: Job<CfdiKinds['render']>): Promise<ResultOf<CfdiKinds['render']>> => {
    const row = await this.comprobantes.find(job.payload.comprobanteId);
    if (row === null) throw new Permanent('cfdi.not-found');
    if (row.xmlKey === null || row.uuid === null) throw new Permanent('cfdi.not-ready');
    const xml = await this.artefacts.xml(row.xmlKey);
    const pdf = await this.draw(row, xml, job.attempts);
    const pdfKey = await keeping(this.artefacts.putPdf(row, pdf));
    this.failpoint.pass('cfdi.after-pdf');
    return job.finish(this.comprobantes.keepPdf(row.id, pdfKey, job.traceparent), { key: pdfKey, bytes: pdf.length });
  };

  /** A drawing that fails again and again is for a person: the stamp is safe, and nothing waits for the PDF. */
  private async draw(row: ComprobanteRow, xml: Buffer, attempts: number): Promise<Buffer> {
    const style = await this.styles.find(row.emisor);
    try {
      return await this.press.draw(xml, { ...style, isCancelled: row.estado === 'cancelado' });
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if (error instanceof Undrawable || attempts >= MOST_TRIES) throw new Permanent('cfdi.undrawable', error.message);
      throw error;
    }
  }
}
