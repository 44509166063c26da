import { Inject, Injectable } from '@nestjs/common';
import { Permanent, type Handler, type Job } from '@nexora/agent';
import type { CfdiKinds, ResultOf } from '@nexora/contracts';
import { Failpoint } from '../failpoint.ts';
import { Artefacts } from '../store/artefacts.ts';
import { Comprobantes } from '../store/comprobantes.ts';
import { Press } from '../store/press.ts';
import { keeping } from './keeping.ts';

/** Draws the representación impresa from the stored XML and keeps it beside it. */
@Injectable()
export class RenderHandler implements Handler<CfdiKinds['render']> {
  constructor(
    @Inject(Comprobantes) private readonly comprobantes: Comprobantes,
    @Inject(Artefacts) private readonly artefacts: Artefacts,
    @Inject(Press) private readonly press: Press,
    @Inject(Failpoint) private readonly failpoint: Failpoint,
  ) {}

  readonly handle = async (job: Job<CfdiKinds['render']>): Promise<ResultOf<CfdiKinds['render']>> => {
    const row = await this.comprobantes.find(job.payload.comprobanteId);
    if (row === null) throw new Permanent('cfdi.not-found');
    if (row.xmlKey === null || row.uuid === null) throw new Permanent('cfdi.not-ready');
    const { uuid, xmlKey } = row;
    const xml = await this.artefacts.xml(xmlKey);
    const pdf = await this.press.draw(xml, 'es');
    const pdfKey = await keeping(this.artefacts.putPdf(row, pdf));
    this.failpoint.pass('cfdi.after-pdf');
    return job.finish(async (tx) => {
      await this.comprobantes.ready(tx, row.id, pdfKey);
      await job.emit(tx, 'comprobante.listo', { comprobanteId: row.id, uuid, xmlKey, pdfKey });
      return { key: pdfKey, bytes: pdf.length };
    });
  };
}
