import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { redisCommand, removePostgres } from '@nexora/embedded';
import { SandboxClient } from '@nexora/sandbox-pac';
import { PortalClient } from '@nexora/sandbox-portal';
import pg from 'pg';
import { Home } from '../home.ts';
import { startableApps } from '../steps/build.ts';
import { CLIENT, databaseUrlFor } from '../supervisor/environment.ts';
import { licenseSettingsIn } from '../supervisor/license-settings.ts';
import { Supervisor } from '../supervisor/supervisor.ts';

/** One comprobante as the shop's program reads it back. */
export interface Row {
  readonly externalId: string;
  readonly estado: string;
  readonly uuid: string | null;
  readonly attempts: number;
  readonly message: string | null;
}

/** A house of the demonstration's own, and the hands that disturb it. */
export class DemoHouse {
  private readonly home: Home;
  private readonly supervisor: Supervisor;

  private constructor(home: Home, supervisor: Supervisor) {
    this.home = home;
    this.supervisor = supervisor;
  }

  /** Takes an empty house in a temporary folder; `start` brings it up. */
  static async take(say: (line: string) => void): Promise<DemoHouse> {
    // A private server is what this is about: those of the caller are not touched.
    const servers = ['DATABASE_URL', 'REDIS_URL', 'S3_ENDPOINT', 'STORAGE_URL', 'PAC_PROVIDER'];
    for (const name of [...servers, ...Object.keys(licenseSettingsIn(process.env))]) delete process.env[name];
    const path = mkdtempSync(join(tmpdir(), 'nexora-demo-'));
    chmodSync(path, 0o711);
    const home = new Home(path);
    const what = { apps: startableApps(), demonstration: true, seed: false, portal: true };
    return new DemoHouse(home, await Supervisor.take(home, say, what));
  }

  async start(): Promise<void> {
    await this.supervisor.start();
  }

  /** Stops everything and removes the folder. */
  async end(): Promise<void> {
    await this.supervisor.stop();
    removePostgres(this.home.file('postgres'));
    rmSync(this.home.path, { recursive: true, force: true });
  }

  get pac(): SandboxClient {
    return new SandboxClient(String(this.supervisor.current.sandbox?.pac?.controlUrl));
  }

  /** The licence portal, to make it misbehave. */
  get portal(): PortalClient {
    return new PortalClient(String(this.supervisor.current.sandbox?.portal?.controlUrl));
  }

  /** Takes the line away, or brings it back: everything outside at once. */
  async internet(how: 'cut' | 'restore'): Promise<void> {
    await Promise.all([this.pac.internet(how), this.portal.internet(how)]);
  }

  /** As its superuser. */
  get databaseUrl(): string {
    return String(this.supervisor.current.postgres?.url);
  }

  get redisUrl(): string {
    return String(this.supervisor.current.redis?.url);
  }

  /** Where the sandbox keeps the issuer's certificate and key. */
  get sandboxFolder(): string {
    return this.home.file('sandbox-pac');
  }

  get objects(): string {
    return this.home.file('objects');
  }

  /** Process id of an app while it runs. */
  pidOf(app: string): number | null {
    return this.supervisor.current.processes.find((each) => each.name === app)?.ref?.pid ?? null;
  }

  /** Every process of the house that runs, and its servers, which start processes of their own. */
  processes(): { name: string; pid: number; family: boolean }[] {
    const { processes, postgres, redis } = this.supervisor.current;
    const servers = [
      { name: 'postgres', ref: postgres?.ref },
      { name: 'redis', ref: redis?.ref },
    ];
    return [...processes, ...servers].flatMap(({ name, ref }) =>
      ref == null ? [] : [{ name, pid: ref.pid, family: servers.some((server) => server.name === name) }],
    );
  }

  restartsOf(app: string): number {
    return this.supervisor.current.processes.find((each) => each.name === app)?.restarts ?? 0;
  }

  /** Hands documents over as the shop's program does: SQL, in one transaction. */
  async submit(documents: readonly object[]): Promise<void> {
    await this.asShop(async (client) => {
      await client.query('BEGIN');
      for (const document of documents)
        await client.query('SELECT agents.submit_comprobante($1)', [JSON.stringify(document)]);
      await client.query('COMMIT');
    });
  }

  /** What became of them. */
  rows(): Promise<Row[]> {
    const text = `SELECT external_id AS "externalId", estado, uuid, attempts, error ->> 'message' AS message
                    FROM agents.comprobante_status ORDER BY id`;
    return this.asShop(async (client) => (await client.query<Row>(text)).rows);
  }

  /** Whether the house says that the line is away. */
  isOffline(): Promise<boolean> {
    const text = `SELECT FROM agents.connectivity WHERE state = 'offline'`;
    return connected(this.databaseUrl, async (client) => (await client.query(text)).rowCount === 1);
  }

  /** FLUSHALL. */
  async emptyRedis(): Promise<void> {
    await redisCommand(this.redisUrl, 'FLUSHALL');
  }

  private asShop<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const { home, supervisor } = this;
    return connected(databaseUrlFor(CLIENT, { home, state: supervisor.current }), work);
  }
}

async function connected<T>(connectionString: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined); // the query under way rejects with it
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
