import { until, type LoggedCancellation } from '@nexora/testing';
import type { CfdiHouse } from '../cfdi-house.conformance.ts';

/** The last request to cancel a comprobante, as the gateway's view shows it. */
export interface ShownCancellation {
  readonly estado_sat: string | null;
  readonly estatus_cancelacion: string | null;
  readonly number: number;
  readonly cancelacion: string;
  readonly error: { code: string; field: string | null; message: string; remedy: string } | null;
  readonly acuse: Buffer | null;
  readonly acuse_key: string | null;
}

/** Cancellations in a house whose agent runs. */
export class Cancelling {
  readonly #house: CfdiHouse;

  constructor(house: CfdiHouse) {
    this.#house = house;
  }

  /** A comprobante with XML and PDF. Answers its id and UUID. */
  async listo(document = this.#house.document()): Promise<{ readonly id: string; readonly uuid: string }> {
    const id = await this.#house.submit(document);
    const { uuid } = await this.#house.becomes(id, 'listo');
    return { id, uuid: uuid! };
  }

  /** A person asks. Answers the job. */
  async ask(id: string, motivo = '02', folioSustitucion: string | null = null): Promise<string> {
    const text = 'SELECT agents.cancel_comprobante($1, $2, $3) AS job';
    const [row] = await this.#house.sql<{ job: string }>(text, [id, motivo, folioSustitucion]);
    return row!.job;
  }

  /** What the gateway would show. */
  async shown(id: string): Promise<ShownCancellation> {
    const text = 'SELECT * FROM agents.comprobante_sat WHERE comprobante = $1';
    return (await this.#house.sql<ShownCancellation>(text, [id]))[0]!;
  }

  /** Waits until the view shows what is wanted, and answers it. */
  async shows(id: string, what: string, isWanted: (shown: ShownCancellation) => boolean): Promise<ShownCancellation> {
    let shown = await this.shown(id);
    await until(
      async () => {
        shown = await this.shown(id);
        return isWanted(shown);
      },
      { within: 20_000, what: `${id} to show ${what}` },
    );
    return shown;
  }

  /** Waits until the tax authority has the request, and has been asked about it for the first time. */
  async taken(id: string): Promise<ShownCancellation> {
    await this.shows(id, 'en_proceso', ({ cancelacion }) => cancelacion === 'en_proceso');
    await this.quiet(id);
    return this.shown(id);
  }

  /** Waits until no question about it is under way. */
  async quiet(id: string): Promise<void> {
    const text = `SELECT FROM agents.job_listing WHERE kind = 'cfdi.status' AND payload->>'comprobanteId' = $1
                     AND (state = 'running' OR state = 'pending' AND run_at <= agents.now())`;
    await until(async () => (await this.#house.sql(text, [id])).length === 0, { within: 20_000, what: 'no question' });
  }

  /** Waits until a try came to nothing and the job rests until the next. */
  async rests(id: string, job: string): Promise<ShownCancellation> {
    const text = `SELECT FROM agents.job_listing WHERE id = $1 AND state = 'pending' AND run_at > agents.now()`;
    await until(async () => (await this.#house.sql(text, [job])).length === 1, {
      within: 20_000,
      what: `${job} to rest`,
    });
    return this.shown(id);
  }

  /** Waits until a job is done. */
  async done(job: string): Promise<void> {
    const text = `SELECT FROM agents.job_listing WHERE id = $1 AND state = 'done'`;
    const isDone = async () => (await this.#house.sql(text, [job])).length === 1;
    await until(isDone, { within: 20_000, what: `${job} to be done` });
  }

  /** Lets a job that rests run now. */
  async hurry(job: string): Promise<void> {
    await this.#house.sql('SELECT agents.retry_job($1)', [job]);
  }

  /** Has the tax authority asked, and waits for the answer that is wanted. */
  async check(id: string, estatus: string): Promise<ShownCancellation> {
    await this.#house.sql('SELECT agents.check_comprobante($1)', [id]);
    return this.shows(id, estatus, ({ estatus_cancelacion: shown }) => shown === estatus);
  }

  /** Requests to cancel it that reached the PAC. */
  async requests(uuid: string): Promise<LoggedCancellation[]> {
    return (await this.#house.sandbox.client.cancellations()).filter((one) => one.uuid === uuid);
  }

  /** Codes that they were answered with. */
  async codes(uuid: string): Promise<(string | null)[]> {
    return (await this.requests(uuid)).map(({ code }) => code);
  }

  /** Outcomes of the attempts of all requests, in order. */
  async outcomes(id: string): Promise<(string | null)[]> {
    const text = 'SELECT outcome FROM agents.cancellation_attempts WHERE comprobante = $1 ORDER BY number, attempt';
    return (await this.#house.sql<{ outcome: string | null }>(text, [id])).map(({ outcome }) => outcome);
  }

  /** Whatever a test did to PAC, receivers, tax authority and line is over. */
  async settle(): Promise<void> {
    const { client } = this.#house.sandbox;
    for (const word of ['none', 'receiver:none', 'sat:ok', 'stamps:10000']) await client.pac(word);
    await client.clock(0);
    await client.internet('restore');
  }
}
