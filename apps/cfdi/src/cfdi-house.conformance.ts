import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ejemploDeIngreso, type Documento } from '@nexora/comprobante';
import { cfdiKinds } from '@nexora/contracts';
import { Database } from '@nexora/database';
import { Ledger } from '@nexora/outbox';
import { loadSettings } from '@nexora/runtime';
import { openObjectStore, storageSettings, type ObjectStore } from '@nexora/storage';
import {
  freshDatabase,
  freshRedis,
  makeDemoIssuer,
  spawnNode,
  startSandbox,
  until,
  type FreshRedis,
  type LoggedRequest,
  type MigratedDatabase,
  type NodeProcess,
  type RunningSandbox,
} from '@nexora/testing';
import type { CfdiSettings } from './cfdi.settings.ts';
import { openKey } from './comprobante/csd.ts';
import { Issuers } from './store/issuers.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

/** A comprobante as the gateway's view shows it. */
export interface Shown {
  readonly id: string;
  readonly estado: string;
  readonly motivo_espera: string | null;
  readonly uuid: string | null;
  readonly total: string | null;
  readonly attempts: number;
  readonly error: { code: string; field: string | null; message: string; remedy: string | null } | null;
  readonly faults: unknown;
  readonly job_id: string | null;
  readonly xml: Buffer | null;
  readonly xml_key: string | null;
  readonly pdf_key: string | null;
}

/** Everything that the agent lives among, real: ledger, bell, PAC, object storage, and an issuer with a CSD. */
export class CfdiHouse {
  readonly sandbox: RunningSandbox;
  readonly admin: Database;
  readonly issuers: Issuers;
  readonly folder: string;
  readonly #house: MigratedDatabase;
  readonly #redis: FreshRedis;
  readonly #cfdi: Database;
  readonly #key = randomBytes(32);
  #count = 0;
  #agents: NodeProcess[] = [];

  private constructor(parts: {
    folder: string;
    house: MigratedDatabase;
    redis: FreshRedis;
    sandbox: RunningSandbox;
    admin: Database;
    cfdi: Database;
  }) {
    this.folder = parts.folder;
    this.#house = parts.house;
    this.#redis = parts.redis;
    this.sandbox = parts.sandbox;
    this.admin = parts.admin;
    this.#cfdi = parts.cfdi;
    this.issuers = new Issuers(parts.cfdi, { CFDI_KEY_ENCRYPTION_KEY: this.#key } as CfdiSettings);
  }

  /** Opens a house of its own; nothing runs in it but the services. */
  static async open(): Promise<CfdiHouse> {
    const folder = mkdtempSync(join(tmpdir(), 'cfdi-house-'));
    const dir = join(folder, 'sandbox');
    const [house, redis, sandbox] = await Promise.all([freshDatabase(), freshRedis(), startSandbox({ dir })]);
    const admin = await Database.open({ url: house.url });
    const cfdi = await Database.open({ url: house.urlFor('cfdi'), poolSize: 2 });
    const opened = new CfdiHouse({ folder, house, redis, sandbox, admin, cfdi });
    const kinds = Object.values(cfdiKinds).map((kind) => ({ kind }));
    await new Ledger(cfdi).declare({ agent: 'cfdi', version: '0', kinds });
    await opened.#seed(dir);
    return opened;
  }

  async #seed(dir: string): Promise<void> {
    const { rfc, nombre, regimen, cer, key, passwordFile } = await makeDemoIssuer(dir);
    await this.issuers.put({ rfc, nombre, regimenFiscal: regimen, zonaHoraria: null });
    await this.issuers.putCsd(readFileSync(cer), openKey(readFileSync(key), readFileSync(passwordFile, 'utf8').trim()));
  }

  /** Key that locks the issuers' keys away. */
  get keyOfKeys(): Buffer {
    return this.#key;
  }

  /** Environment of an agent process of this house. */
  env(more: Readonly<Record<string, string>> = {}): Record<string, string> {
    return {
      DATABASE_URL: this.#house.urlFor('cfdi'),
      REDIS_URL: this.#redis.url,
      STORAGE_URL: pathToFileURL(join(this.folder, 'objects')).href,
      INSTANCE_NAME: 'cfdi-1',
      PAC_PROVIDER: 'sandbox',
      PAC_URL: this.sandbox.pacUrl,
      PAC_USER: this.sandbox.user,
      PAC_PASS: this.sandbox.password,
      CFDI_KEY_ENCRYPTION_KEY: this.#key.toString('base64'),
      CFDI_SAT_CERTIFICATES: join(this.folder, 'sandbox', 'ca', 'pac.cer'),
      SHUTDOWN_GRACE_SECONDS: '5',
      ...more,
    };
  }

  /** Starts the agent as a process and waits until it is ready. */
  async start(more: Readonly<Record<string, string>> = {}): Promise<NodeProcess> {
    const agent = await spawnNode({
      entry: MAIN,
      env: this.env(more),
      ready: /"event":"process-started"/,
      within: 60_000,
    });
    this.#agents.push(agent);
    return agent;
  }

  /** A document with an externalId and folio that no other has. */
  document(changes: Partial<Documento> = {}): Documento {
    this.#count += 1;
    return ejemploDeIngreso({ externalId: `venta-${this.#count}`, folio: String(this.#count), ...changes });
  }

  /** Hands a document over by SQL. Answers its id. */
  async submit(document: Documento = this.document()): Promise<string> {
    const text = 'SELECT agents.submit_comprobante($1) AS id';
    return (await this.#one<{ id: string }>(text, [JSON.stringify(document)])).id;
  }

  /** What the gateway would show. */
  status(id: string): Promise<Shown> {
    return this.#one<Shown>('SELECT * FROM agents.comprobante_status WHERE id = $1', [id]);
  }

  /** Waits until the comprobante is in that state, and answers it. */
  async becomes(id: string, estado: string, within = 20_000): Promise<Shown> {
    let shown = await this.status(id);
    await until(
      async () => {
        shown = await this.status(id);
        return shown.estado === estado;
      },
      { within, what: `${id} to become ${estado}` },
    );
    return shown;
  }

  /** Waits until the first attempt has an unknown outcome and its job waits for the next one. */
  async becomesDoubtful(id: string): Promise<void> {
    const waits = `SELECT FROM agents.job_listing
                    WHERE payload->>'comprobanteId' = $1 AND kind = 'cfdi.stamp' AND state = 'pending'`;
    await until(async () => (await this.outcomes(id))[0] === 'unknown' && (await this.sql(waits, [id])).length === 1, {
      within: 20_000,
      what: `${id} to be in doubt`,
    });
  }

  /** Waits until the first attempt was refused and its job waits for the next one. */
  async becomesRefused(id: string): Promise<void> {
    await until(async () => (await this.outcomes(id))[0] === 'refused', {
      within: 20_000,
      what: `${id} to be refused`,
    });
  }

  /** A person cancels the job that carries the comprobante; waits until it rests. */
  async cancel(id: string): Promise<void> {
    const { job_id: job } = await this.status(id);
    await this.sql('SELECT agents.cancel($1)', [job]);
    const runs = `SELECT FROM agents.job_listing WHERE id = $1 AND state = 'running'`;
    await until(async () => (await this.sql(runs, [job])).length === 0, { within: 20_000, what: `${job} to rest` });
  }

  /** Runs the schedule that brings rows and jobs together, now. */
  async pickUp(): Promise<void> {
    await this.sql(`SELECT agents.run_schedule('cfdi.pick-up-pending')`);
  }

  /** A person's retry, as the gateway asks for it. */
  async retry(id: string): Promise<string> {
    return (await this.#one<{ id: string }>('SELECT agents.retry_comprobante($1) AS id', [id])).id;
  }

  /** Rows of a query as superuser. */
  sql<R = Record<string, unknown>>(text: string, values: unknown[] = []): Promise<R[]> {
    return this.admin.query<R>({ text, values });
  }

  /** Outcomes of the attempts, in order. */
  async outcomes(id: string): Promise<(string | null)[]> {
    const text = 'SELECT outcome FROM cfdi.intento WHERE comprobante = $1 ORDER BY number';
    return (await this.sql<{ outcome: string | null }>(text, [id])).map(({ outcome }) => outcome);
  }

  /** Requests that reached the PAC for this comprobante. */
  async requests(id: string): Promise<LoggedRequest[]> {
    return (await this.sandbox.client.log()).filter(({ customid }) => customid === id);
  }

  /** UUIDs that the PAC made for this comprobante. */
  async stamps(id: string): Promise<string[]> {
    return (await this.requests(id)).flatMap(({ uuid }) => (uuid === null ? [] : [uuid]));
  }

  /** An object as it lies in the storage. */
  async object(key: string): Promise<Buffer> {
    const all = await readdir(join(this.folder, 'objects'), { recursive: true, withFileTypes: true });
    const name = key.split('/').at(-1) ?? '';
    const file = all.find((entry) => entry.isFile() && entry.name === name);
    if (file === undefined) throw new Error(`There is no object ${key}.`);
    return readFile(join(file.parentPath, file.name));
  }

  /** The object storage of the agents, as anybody else would open it. */
  storage(): Promise<ObjectStore> {
    const { STORAGE_URL } = this.env();
    return openObjectStore(loadSettings(storageSettings, { STORAGE_URL }));
  }

  /** Empties Redis, as an operator's FLUSHDB would. */
  flushRedis(): Promise<void> {
    return this.#redis.flush();
  }

  /** Stops the agents that run. */
  async stopAgents(): Promise<void> {
    await Promise.all(this.#agents.map((agent) => agent.stop()));
    this.#agents = [];
  }

  async close(): Promise<void> {
    await Promise.all(this.#agents.map((agent) => agent.kill9()));
    await this.#cfdi.close();
    await this.admin.close();
    await this.sandbox.stop();
    await this.#redis.release();
    await this.#house.drop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #one<R>(text: string, values: unknown[]): Promise<R> {
    const [row] = await this.sql<R>(text, values);
    if (row === undefined) throw new Error('The query answered no row.');
    return row;
  }
}
