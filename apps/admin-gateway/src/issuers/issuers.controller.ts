import { Controller } from '@nestjs/common';
import type { Sql } from '@nexora/database';
import { Acts } from '../http/acts.ts';
import type { Call } from '../http/call.ts';
import { iso } from '../http/iso.ts';
import { Problem } from '../http/problem.ts';
import type { RawAnswer } from '../http/raw-answer.ts';
import { Handles } from '../http/route.ts';
import type { AnswerOf, InputOf } from '../http/route-spec.ts';
import { Postgres } from '../store/postgres.ts';
import * as queries from './issuers.queries.ts';
import { addCsd, listCsds, listIssuers, pauseIssuer, putIssuer, putStyle, resumeIssuer } from './issuers.routes.ts';
import { closedCsd, judgeIssuer } from './judge-csd.ts';

/** Issuers and their CSDs. Keys and passwords come in and never go out. */
@Controller()
export class IssuersController {
  constructor(
    private readonly postgres: Postgres,
    private readonly acts: Acts,
  ) {}

  @Handles(listIssuers)
  async list(): Promise<AnswerOf<typeof listIssuers>> {
    const [rows, csds] = await Promise.all([queries.issuers(this.postgres), queries.csds(this.postgres)]);
    return { items: rows.map((row) => shown(row, csds)), nextCursor: null };
  }

  @Handles(putIssuer)
  async put({ body }: InputOf<typeof putIssuer>, call: Call): Promise<RawAnswer> {
    const datos = { ...body, zonaHoraria: body.zonaHoraria ?? null };
    return this.acts.act(call, async (tx) => {
      judgeIssuer(datos, (await queries.mailbox(tx)).now);
      const isNew = await queries.putIssuer(tx, datos);
      const audit = { action: isNew ? 'issuer.add' : 'issuer.change', target: datos.rfc };
      return { status: isNew ? 201 : 200, body: await this.#issuer(tx, datos.rfc), audit };
    });
  }

  @Handles(putStyle)
  async style({ params: { rfc }, body }: InputOf<typeof putStyle>, call: Call): Promise<RawAnswer> {
    return this.acts.act(call, async (tx) => {
      const { logo, idioma } = body;
      const color = body.color?.toLowerCase() ?? null;
      await queries.putStyle(tx, rfc, { logo: logo === null ? null : Buffer.from(logo, 'base64'), color, idioma });
      const shown = { logo: logo !== null, color, idioma };
      return { status: 200, body: { rfc, ...shown }, audit: { action: 'issuer.style', target: rfc, detail: shown } };
    });
  }

  @Handles(listCsds)
  async csds({ params }: InputOf<typeof listCsds>): Promise<AnswerOf<typeof listCsds>> {
    return { items: (await this.#issuer(this.postgres, params.rfc)).csds, nextCursor: null };
  }

  @Handles(addCsd)
  async addCsd({ params: { rfc }, body }: InputOf<typeof addCsd>, call: Call): Promise<RawAnswer> {
    return this.acts.act(call, async (tx) => {
      await this.#issuer(tx, rfc);
      const closed = closedCsd(rfc, body, await queries.mailbox(tx));
      const isNew = await queries.putCsd(tx, closed);
      const { csds } = await this.#issuer(tx, rfc);
      const stored = csds.find(({ numero }) => numero === closed.numero);
      const audit = { action: 'csd.add', target: rfc, detail: { numero: closed.numero } };
      return { status: isNew ? 201 : 200, body: stored, audit };
    });
  }

  @Handles(pauseIssuer)
  async pause({ params: { rfc }, body }: InputOf<typeof pauseIssuer>, call: Call): Promise<RawAnswer> {
    return this.acts.act(call, async (tx) => {
      const isNew = await queries.pause(tx, rfc, body.reason);
      const audit = isNew ? { action: 'issuer.pause', target: rfc } : null;
      return { status: 200, body: { rfc, paused: true }, audit };
    });
  }

  @Handles(resumeIssuer)
  async resume({ params: { rfc } }: InputOf<typeof resumeIssuer>, call: Call): Promise<RawAnswer> {
    return this.acts.act(call, async (tx) => {
      const wasPaused = await queries.resume(tx, rfc);
      const audit = wasPaused ? { action: 'issuer.resume', target: rfc } : null;
      return { status: 200, body: { rfc, paused: false }, audit };
    });
  }

  /** @throws Problem 404 */
  async #issuer(sql: Sql, rfc: string) {
    const [row] = await queries.issuers(sql, rfc);
    if (row === undefined) throw new Problem('http.not-found', 'No existe ese emisor. Regístrelo primero.');
    return shown(row, await queries.csds(sql, rfc));
  }
}

function shown(row: queries.IssuerRow, csds: readonly queries.CsdRow[]) {
  const { rfc, nombre, regimen_fiscal: regimenFiscal, zona_horaria: zonaHoraria, paused_at: since } = row;
  const { paused_until: until, paused_code: code, paused_reason: reason } = row;
  const pause =
    since === null ? null : { since: iso(since), until: iso(until), code: code ?? '', reason: reason ?? '' };
  return { rfc, nombre, regimenFiscal, zonaHoraria, pause, csds: csds.filter((csd) => csd.rfc === rfc).map(csdOf) };
}

function csdOf({ numero, valid_from, valid_to, added_at, days_left, in_use, warned_days }: queries.CsdRow) {
  return {
    numero,
    validFrom: iso(valid_from),
    validTo: iso(valid_to),
    daysLeft: days_left,
    inUse: in_use,
    addedAt: iso(added_at),
    warnedDays: warned_days,
  };
}
