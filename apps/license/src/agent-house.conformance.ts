import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LicenseMode } from '@nexora/contracts';
import { Database } from '@nexora/database';
import { loadSettings } from '@nexora/runtime';
import { freshDatabase, freshRedis, spawnNode, until, type NodeProcess } from '@nexora/testing';
import { LicenseDesk } from './desk.ts';
import { licenseSettings } from './license.settings.ts';
import type { LicenseState } from './judging/license-state.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

/** A house whose license agents are processes of their own, over real services. */
export class AgentHouse {
  readonly database: Database;
  readonly dir: string;
  readonly #env: Record<string, string>;
  readonly #endings: (() => Promise<unknown>)[];
  readonly #agents = new Set<NodeProcess>();

  private constructor(
    parts: Pick<AgentHouse, 'database' | 'dir'>,
    env: Record<string, string>,
    endings: (() => Promise<unknown>)[],
  ) {
    this.database = parts.database;
    this.dir = parts.dir;
    this.#env = env;
    this.#endings = endings;
  }

  static async open(env: Record<string, string>): Promise<AgentHouse> {
    const dir = await mkdtemp(join(tmpdir(), 'nexora-license-'));
    const fresh = await freshDatabase();
    const redis = await freshRedis();
    const database = await Database.open({ url: fresh.url });
    const endings = [
      () => database.close(1_000),
      () => redis.release(),
      () => fresh.drop(),
      () => rm(dir, { recursive: true, force: true }),
    ];
    const machine = { LICENSE_MACHINE_ID: 'machine-1', LICENSE_SERIAL: 'serial-1' };
    const services = { DATABASE_URL: fresh.urlFor('license'), REDIS_URL: redis.url, LICENSE_DIR: join(dir, 'license') };
    return new AgentHouse({ database, dir }, { ...machine, ...services, ...env }, endings);
  }

  /** Starts an agent, and waits until it is ready; `doomed` is not waited for. */
  async start(name = 'license-1', env: Record<string, string> = {}, doomed = false): Promise<NodeProcess> {
    const ready = doomed ? {} : { ready: /"process-started"/ };
    const agent = await spawnNode({ entry: main, env: { ...this.#env, INSTANCE_NAME: name, ...env }, ...ready });
    this.#agents.add(agent);
    return agent;
  }

  /** Address by which the agents reach Postgres. */
  get databaseUrl(): string {
    return this.#env['DATABASE_URL'] ?? '';
  }

  /** Takes a licence before any agent runs, as the command line does. */
  async install(envelope: object): Promise<void> {
    const database = await Database.open({ url: this.databaseUrl });
    try {
      await LicenseDesk.over(database, loadSettings(licenseSettings, this.#env)).install(JSON.stringify(envelope));
    } finally {
      await database.close(1_000);
    }
  }

  /** What `GET /api/admin/license` answers. */
  async state(): Promise<LicenseState> {
    const [row] = await this.database.query<{ state: LicenseState }>({
      text: 'SELECT state FROM agents.license_state',
    });
    if (row === undefined) throw new Error('There is no state.');
    return row.state;
  }

  /** Waits until the state is as wished. */
  stateWhen(wished: (state: LicenseState) => boolean, what: string, within = 15_000): Promise<LicenseState> {
    const look = async () => {
      const state = await this.state();
      return wished(state) ? state : false;
    };
    return until(look, { within, what });
  }

  /** Waits until the agents have looked and found this mode. */
  mode(mode: LicenseMode): Promise<LicenseState> {
    return this.stateWhen((state) => state.lastCheck !== null && state.mode === mode, `the mode ${mode}`);
  }

  /** Hands a job over as the gateway does, and waits for its end. */
  async job(kind: string, payload: object = {}): Promise<{ state: string; result: unknown; lastError: unknown }> {
    const id = await this.enqueue(kind, payload);
    const ended = async () => {
      const [row] = await this.database.query<{ state: string; result: unknown; lastError: unknown }>({
        text: `SELECT state, result, last_error AS "lastError" FROM agents.job_listing
                WHERE id = $1 AND state IN ('done', 'dead')`,
        values: [id],
      });
      return row ?? false;
    };
    return until(ended, { within: 20_000, what: `${kind} to end` });
  }

  async enqueue(kind: string, payload: object = {}): Promise<string> {
    const [row] = await this.database.query<{ id: string }>({
      text: 'SELECT agents.enqueue($1, $2, $3) AS id',
      values: [kind, JSON.stringify(payload), randomUUID()],
    });
    return row?.id ?? '';
  }

  /** Jobs of a kind, oldest first. */
  jobs(kind: string): Promise<{ state: string; attempts: number; lastError: { code?: string } | null }[]> {
    return this.database.query({
      text: `SELECT state, attempts, last_error AS "lastError" FROM agents.job_listing WHERE kind = $1 ORDER BY id`,
      values: [kind],
    });
  }

  /** Modes that the house went through, in order, each as often as it was told. */
  async modes(): Promise<(string | null)[]> {
    const rows = await this.database.query<{ to: string }>({
      text: `SELECT after ->> 'mode' AS to FROM license.history
              WHERE what = 'mode' AND before ->> 'mode' IS DISTINCT FROM after ->> 'mode' ORDER BY id`,
    });
    return rows.map(({ to }) => to);
  }

  /** Time passes on the wall, as when a hand moves the clock by less than a day. */
  async moveClock(ms: number): Promise<void> {
    await this.database.query({ text: `SELECT agents.set_clock($1 * interval '1 ms')`, values: [ms] });
  }

  /** Says that the line is there, or not, as the sync agent does. */
  async line(state: 'online' | 'offline'): Promise<void> {
    await this.database.query({ text: 'SELECT agents.report_connectivity($1)', values: [state] });
  }

  async stopAgents(): Promise<void> {
    for (const agent of this.#agents) await agent.stop();
    this.#agents.clear();
  }

  async close(): Promise<void> {
    await this.stopAgents();
    for (const end of this.#endings) await end();
  }
}
