import { Inject, Injectable } from '@nestjs/common';
import { Permanent, type Handler, type Job } from '@nexora/agent';
import type { CfdiKinds, ResultOf } from '@nexora/contracts';
import { Failpoint } from '../failpoint.ts';
import { Artefacts } from '../store/artefacts.ts';
import { Comprobantes } from '../store/comprobantes.ts';
import { keeping } from './keeping.ts';

/** Copies the stamped XML to object storage; Postgres keeps its copy until that has answered. */
@Injectable()
export class StoreHandler implements Handler<CfdiKinds['store']> {
  constructor(
    @Inject(Comprobantes) private readonly comprobantes: Comprobantes,
    @Inject(Artefacts) private readonly artefacts: Artefacts,
    @Inject(Failpoint) private readonly failpoint: Failpoint,
  ) {}

  readonly handle = async (job: Job<CfdiKinds['store']>): Promise<ResultOf<CfdiKinds['store']>> => {
    const row = await this.comprobantes.find(job.payload.comprobanteId);
    if (row === null) throw new Permanent('cfdi.not-found');
    const xml =
      (await this.comprobantes.xml(row.id)) ?? (row.xmlKey === null ? null : await this.artefacts.xml(row.xmlKey));
    if (xml === null || row.uuid === null) throw new Permanent('cfdi.not-ready');
    const key = await keeping(this.artefacts.putXml(row, xml));
    this.failpoint.pass('cfdi.after-storage');
    return job.finish(this.comprobantes.keepXml(row.id, key, job.traceparent), { key, bytes: xml.length });
  };
}
