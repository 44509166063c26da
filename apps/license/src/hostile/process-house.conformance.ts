import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Database } from '@nexora/database';
import { loadSettings } from '@nexora/runtime';
import { CountingOutside, freshRedis, spawnNode, until, type FreshRedis, type NodeProcess } from '@nexora/testing';
import { AgentHouse } from '../agent-house.conformance.ts';
import { LicenseDesk } from '../desk.ts';
import { licenseSettings } from '../license.settings.ts';
import { BootFile } from './boot-file.conformance.ts';

const main = fileURLToPath(new URL('./agent-main.conformance.ts', import.meta.url));

/** A house whose license agents are processes, and whose time a test moves: the wall's and the machine's together. */
export class ProcessHouse {
  readonly outside: CountingOutside;
  readonly #boot: BootFile;
  readonly #redis: FreshRedis;
  readonly #env: Record<string, string>;
  readonly #agents = new Set<NodeProcess>();
  #passedMs = 0;

  private constructor(
    /** Database, state and jobs; it starts no process here. */
    readonly house: AgentHouse,
    redis: FreshRedis,
    outside: CountingOutside,
    env: Record<string, string>,
  ) {
    this.#redis = redis;
    this.outside = outside;
    this.#boot = new BootFile(join(house.dir, 'boot.json'));
    this.#boot.write({ bootId: 'boot-1', bootMs: 3_600_000 });
    this.#env = {
      DATABASE_URL: house.databaseUrl,
      REDIS_URL: redis.url,
      LICENSE_DIR: join(house.dir, 'license'),
      ...env,
    };
  }

  static async open(env: Record<string, string>): Promise<ProcessHouse> {
    const [house, redis, outside] = await Promise.all([AgentHouse.open(env), freshRedis(), CountingOutside.open()]);
    return new ProcessHouse(house, redis, outside, env);
  }

  /** Takes a document before any agent runs, as the command line does. */
  async install(envelope: object): Promise<void> {
    const database = await Database.open({ url: this.house.databaseUrl });
    const settings = loadSettings(licenseSettings, this.#env);
    try {
      await LicenseDesk.over(database, settings, { bootTime: this.#boot }).install(JSON.stringify(envelope));
    } finally {
      await database.close(1_000);
    }
  }

  async start(name = 'license-1', env: Record<string, string> = {}): Promise<NodeProcess> {
    const agent = await spawnNode({
      entry: main,
      args: [join(this.house.dir, 'boot.json'), this.outside.url],
      env: { ...this.#env, INSTANCE_NAME: name, ...env },
      ready: /"process-started"/,
    });
    this.#agents.add(agent);
    return agent;
  }

  /** Time passes; the agents hear of it by themselves. */
  async days(days: number): Promise<void> {
    this.#passedMs += days * 86_400_000;
    const { bootId, bootMs } = this.#boot.read();
    this.#boot.write({ bootId, bootMs: bootMs + days * 86_400_000 });
    await this.house.moveClock(this.#passedMs);
  }

  /** Seconds since the first day, for the clocks of others. */
  get passedSeconds(): number {
    return this.#passedMs / 1_000;
  }

  /** What the owner was told, in the order in which it was handed over: `mode:<to>` and `expiring:<days>`. */
  told(): string[] {
    const news = this.outside.effects.filter(({ kind }) => kind === 'news').map(({ id }) => id);
    return news.sort().map((id) => id.slice(id.indexOf(',') + 1));
  }

  /** The same without the warnings. */
  modesTold(): string[] {
    return this.told().filter((told) => told.startsWith('mode:'));
  }

  /** Work that needs a licence is handed over. */
  async sendings(count: number): Promise<void> {
    for (let turn = 0; turn < count; turn += 1) await this.house.enqueue('license.sending');
  }

  /** Waits until so many sendings happened outside. */
  async sent(count: number): Promise<void> {
    await until(() => this.outside.count('sending') >= count, { within: 20_000, what: `${count} sendings` });
  }

  /** Waits until one renewal waits in the outbox, no attempt burnt, and there was never another. */
  async oneRenewalWaits(): Promise<void> {
    const waits = async (): Promise<boolean> => {
      const jobs = await this.house.jobs('license.renew');
      return jobs.length === 1 && jobs[0]?.state === 'pending' && jobs[0].attempts === 0;
    };
    await until(waits, { what: 'one renewal to wait in the outbox' });
  }

  /** Waits until no renewal waits any more; it was one all the time. */
  async renewalEnded(): Promise<void> {
    const ended = async (): Promise<boolean> => {
      const jobs = await this.house.jobs('license.renew');
      return jobs.length === 1 && jobs[0]?.state === 'done';
    };
    await until(ended, { within: 40_000, what: 'the renewal to end' });
  }

  async stopAgents(): Promise<void> {
    await Promise.all([...this.#agents].map((agent) => agent.stop()));
    this.#agents.clear();
  }

  async close(): Promise<void> {
    await this.stopAgents();
    await this.outside.close();
    await this.#redis.release();
    await this.house.close();
  }
}
