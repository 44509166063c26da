import { Controller } from '@nestjs/common';
import { licenseKinds } from '@nexora/contracts';
import { Acts } from '../http/acts.ts';
import type { Call } from '../http/call.ts';
import { handOver } from '../http/hand-over.ts';
import { Problem } from '../http/problem.ts';
import { RawAnswer } from '../http/raw-answer.ts';
import { Handles } from '../http/route.ts';
import type { AnswerOf, InputOf } from '../http/route-spec.ts';
import { Postgres } from '../store/postgres.ts';
import * as queries from './license.queries.ts';
import {
  installLicense,
  readLicense,
  rebindLicense,
  requestLicense,
  syncLicense,
  type LicenseState,
  type RequestFormat,
} from './license.routes.ts';
import { carried, drawn, pageFor } from './request-code.ts';

/** The licence: looked at, and what a person may have done about it. The agent decides; nothing here does. */
@Controller()
export class LicenseController {
  constructor(
    private readonly postgres: Postgres,
    private readonly acts: Acts,
  ) {}

  @Handles(readLicense)
  async read(): Promise<AnswerOf<typeof readLicense>> {
    return (await queries.license(this.postgres)).state;
  }

  @Handles(syncLicense)
  async sync(_: InputOf<typeof syncLicense>, call: Call): Promise<RawAnswer> {
    return this.acts.act(call, async (tx) => {
      const jobId = await queries.askOnce(tx, licenseKinds.sync, {});
      return { status: 202, body: { jobId }, audit: { action: 'license.sync', target: 'license', detail: { jobId } } };
    });
  }

  @Handles(installLicense)
  async install({ body: envelope }: InputOf<typeof installLicense>, call: Call): Promise<RawAnswer> {
    return this.acts.act(call, async (tx) => {
      const jobId = await handOver(tx, licenseKinds.install, { envelope });
      const detail = { jobId, bytes: envelope.length };
      return { status: 202, body: { jobId }, audit: { action: 'license.install', target: 'license', detail } };
    });
  }

  @Handles(rebindLicense)
  async rebind(_: InputOf<typeof rebindLicense>, call: Call): Promise<RawAnswer> {
    return this.acts.act(call, async (tx) => {
      const { now, state } = await queries.license(tx);
      if (state.id === null) throw noLicense();
      refuseTooSoon(state, now);
      const jobId = await queries.askOnce(tx, licenseKinds.rebind, {});
      return { status: 202, body: { jobId }, audit: { action: 'license.rebind', target: state.id, detail: { jobId } } };
    });
  }

  @Handles(requestLicense)
  async request({ query: { format } }: InputOf<typeof requestLicense>, call: Call): Promise<RawAnswer> {
    const { body } = await this.acts.act(call, async (tx) => {
      const request = await queries.makeRequest(tx);
      if (request === null) throw noLicense();
      const audit = { action: 'license.request', target: request.licenseId };
      return { status: 200, body: request, audit };
    });
    return shown(body as queries.LicenseRequest, format);
  }
}

async function shown(request: queries.LicenseRequest, format: RequestFormat): Promise<RawAnswer> {
  if (format === 'json') {
    const name = 'attachment; filename="solicitud-de-licencia.json"';
    return new RawAnswer(200, carried(request), { 'content-disposition': name });
  }
  const page = pageFor(request);
  if (page === null) {
    const detail = 'No hay portal de licencias configurado (LICENSE_PORTAL_URL), así que no hay código que escanear.';
    throw new Problem('http.conflict', `${detail} Descargue la solicitud como archivo.`);
  }
  const type = format === 'svg' ? 'image/svg+xml' : 'image/png';
  return new RawAnswer(200, await drawn(page, format), { 'content-type': type });
}

function noLicense(): Problem {
  const detail = 'No hay licencia instalada en este equipo. Instale primero el archivo que le entregó su proveedor.';
  return new Problem('http.conflict', detail);
}

/** @throws Problem 409 that says when it is allowed again */
function refuseTooSoon({ machine: { rebindAllowedAt: allowedAt } }: LicenseState, now: Date): void {
  if (allowedAt === null || new Date(allowedAt) <= now) return;
  const remedy = `Podrá volver a hacerlo a partir del ${DAY.format(new Date(allowedAt))} (${allowedAt}).`;
  const message = 'La licencia se vinculó a un equipo hace menos de 30 días.';
  const errors = [{ path: '', message, remedy, code: 'license.rebound-lately' }];
  throw new Problem('http.conflict', `${message} ${remedy}`, { errors });
}

const DAY = new Intl.DateTimeFormat('es-MX', {
  dateStyle: 'long',
  timeStyle: 'short',
  timeZone: 'America/Mexico_City',
});
