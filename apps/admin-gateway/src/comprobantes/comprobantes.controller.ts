import { Controller } from '@nestjs/common';
import { Telemetry } from '@nexora/runtime';
import { Acts } from '../http/acts.ts';
import type { Call } from '../http/call.ts';
import { page } from '../http/cursor.ts';
import { iso } from '../http/iso.ts';
import { RawAnswer } from '../http/raw-answer.ts';
import { Handles } from '../http/route.ts';
import type { AnswerOf, InputOf } from '../http/route-spec.ts';
import { Postgres } from '../store/postgres.ts';
import { Artefacts } from './artefacts.ts';
import * as queries from './comprobantes.queries.ts';
import {
  listComprobantes,
  mendComprobante,
  readComprobante,
  readPdf,
  readXml,
  submitComprobante,
} from './comprobantes.routes.ts';
import { judge } from './judge.ts';

/** Comprobantes: handed over, looked at, fetched. */
@Controller()
export class ComprobantesController {
  constructor(
    private readonly postgres: Postgres,
    private readonly acts: Acts,
    private readonly artefacts: Artefacts,
    private readonly telemetry: Telemetry,
  ) {}

  @Handles(submitComprobante)
  async submit({ body: documento }: InputOf<typeof submitComprobante>, call: Call): Promise<RawAnswer> {
    return this.acts.act(call, async (tx) => {
      const before = await queries.before(tx, documento.emisor, documento.externalId);
      // What was taken once is not judged anew by the catalogues of another day.
      if (before.existing === null) judge(documento, before);
      const id = await queries.submit(tx, documento, this.telemetry.currentTraceparent());
      const { estado, job_id: jobId } = await queries.comprobante(tx, id);
      const isNew = before.existing === null;
      const audit = { action: 'comprobante.submit', target: id };
      return { status: isNew ? 202 : 200, body: { id, estado, jobId }, audit: isNew ? audit : null };
    });
  }

  @Handles(mendComprobante)
  async mend({ params, body: documento }: InputOf<typeof mendComprobante>, call: Call): Promise<RawAnswer> {
    return this.acts.act(call, async (tx) => {
      judge(documento, await queries.before(tx, documento.emisor, documento.externalId));
      await queries.mend(tx, params.id, documento);
      const { id, estado, job_id: jobId } = await queries.comprobante(tx, params.id);
      return { status: 202, body: { id, estado, jobId }, audit: { action: 'comprobante.mend', target: id } };
    });
  }

  @Handles(listComprobantes)
  async list({ query }: InputOf<typeof listComprobantes>): Promise<AnswerOf<typeof listComprobantes>> {
    const { limit, cursor, ...filter } = query;
    const rows = await queries.comprobantes(this.postgres, { ...filter, before: cursor }, limit + 1);
    return page(rows.map(shown), limit);
  }

  @Handles(readComprobante)
  async read({ params }: InputOf<typeof readComprobante>): Promise<AnswerOf<typeof readComprobante>> {
    return shown(await queries.comprobante(this.postgres, params.id));
  }

  @Handles(readXml)
  async xml({ params }: InputOf<typeof readXml>): Promise<RawAnswer> {
    return this.#bytes(params.id, 'xml', 'application/xml');
  }

  @Handles(readPdf)
  async pdf({ params }: InputOf<typeof readPdf>): Promise<RawAnswer> {
    return this.#bytes(params.id, 'pdf', 'application/pdf');
  }

  async #bytes(id: string, which: 'xml' | 'pdf', type: string): Promise<RawAnswer> {
    const found = await queries.artefact(this.postgres, id, which);
    return new RawAnswer(200, await this.artefacts.bytesOf(found), {
      'content-type': type,
      'content-disposition': `inline; filename="${found.uuid ?? id}.${which}"`,
      // An addenda is foreign markup: shown in a browser it must not be able to run anything.
      'content-security-policy': "default-src 'none'; sandbox",
    });
  }
}

function shown(row: queries.ComprobanteRow) {
  const link = (which: string, exists: boolean) => (exists ? `/api/comprobantes/${row.id}/${which}` : null);
  return {
    id: row.id,
    externalId: row.external_id,
    estado: row.estado,
    motivoEspera: row.motivo_espera,
    uuid: row.uuid,
    fechaTimbrado: iso(row.fecha_timbrado),
    subTotal: row.sub_total,
    descuento: row.descuento,
    total: row.total,
    moneda: row.moneda,
    attempts: row.attempts,
    error: row.error,
    avisos: row.avisos,
    estadoSat: row.estado_sat,
    checkedAt: iso(row.checked_at),
    cancelacion: row.cancelacion === null ? null : shownCancellation(row.cancelacion),
    links: { xml: link('xml', row.has_xml), pdf: link('pdf', row.has_pdf), acuse: link('acuse', row.has_acuse) },
  };
}

function shownCancellation(cancelacion: NonNullable<queries.ComprobanteRow['cancelacion']>) {
  const { folio_sustitucion: folioSustitucion, asked_at, decided_at, ...rest } = cancelacion;
  // Inside JSON a time is text.
  const decidedAt = decided_at === null ? null : new Date(decided_at).toISOString();
  return { ...rest, folioSustitucion, askedAt: new Date(asked_at).toISOString(), decidedAt };
}
