import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineKind, licenseKinds } from '@nexora/contracts';
import { Database } from '@nexora/database';
import { rawPublicKey, seal, type Envelope } from '@nexora/licensing';
import { Ledger, type Declaration } from '@nexora/outbox';
import { collected, loadSettings, Telemetry } from '@nexora/runtime';
import { freshDatabase, type MigratedDatabase } from '@nexora/testing';
import { z } from 'zod';
import { LicenseDesk, type DeskOptions } from './desk.ts';
import type { BootMoment } from './host/boot-time.ts';
import type { Facts } from './host/host-facts.ts';
import { licenseSettings, type LicenseValues } from './license.settings.ts';

export const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** A vendor of the test's own: it signs whatever the test says. */
export class TestVendor {
  readonly #key: KeyObject = generateKeyPairSync('ed25519').privateKey;

  get hex(): string {
    return rawPublicKey(this.#key).toString('hex');
  }

  license(fields: object): Envelope {
    return seal('license', fields, this.#key);
  }

  crl(fields: object): Envelope {
    return seal('crl', fields, this.#key);
  }

  reply(fields: object): Envelope {
    return seal('reply', fields, this.#key);
  }
}

/** A licence that was issued at `at`, its file good for 30 days and its contract for a year, with what the test changes. */
export function licenseAt(at: Date, changes: object = {}): object {
  const later = (days: number): string => new Date(at.getTime() + days * DAY_MS).toISOString();
  return {
    id: 'LIC-1',
    customer: 'Escuela Kemper Urgate',
    rfc: 'EKU9003173C9',
    plan: 'pro',
    entitlements: { features: ['cfdi'], quantities: { branches: 2 } },
    binding: null,
    issuedAt: at.toISOString(),
    notBefore: at.toISOString(),
    validUntil: later(30),
    paidUntil: later(365),
    minCrl: 0,
    ...changes,
  };
}

const FIRST_BOOT: BootMoment = { bootId: 'boot-1', bootMs: HOUR_MS };
const FIRST_FACTS: Facts = {
  machineId: { text: 'machine-1', source: 'test' },
  serial: { text: 'serial-1', source: 'test' },
};

/** A machine whose boot time and facts the test moves. */
class TestMachine {
  boot: BootMoment = FIRST_BOOT;
  facts: Facts = FIRST_FACTS;

  restart(bootId: string): void {
    this.boot = { bootId, bootMs: 60_000 };
  }

  get options(): DeskOptions {
    return { bootTime: { read: () => this.boot }, facts: { read: () => this.facts } };
  }
}

/** A house with a database and a folder of its own, in which time passes when the test says so. */
export class DeskHouse {
  readonly vendor = new TestVendor();
  readonly machine = new TestMachine();
  /** What was logged. */
  readonly lines: Record<string, unknown>[] = [];
  telemetry = Telemetry.open({ agent: 'license', sink: collected(this.lines) });
  readonly dir: string;
  readonly fresh: MigratedDatabase;
  readonly database: Database;
  readonly owner: Database;

  private constructor(dir: string, fresh: MigratedDatabase, database: Database, owner: Database) {
    this.dir = dir;
    this.fresh = fresh;
    this.database = database;
    this.owner = owner;
  }

  static async open(): Promise<DeskHouse> {
    const dir = await mkdtemp(join(tmpdir(), 'nexora-license-'));
    const fresh = await freshDatabase();
    const database = await Database.open({ url: fresh.urlFor('license') });
    await new Ledger(database).declare(declaration);
    return new DeskHouse(dir, fresh, database, await Database.open({ url: fresh.url }));
  }

  /** A desk as the command line and the agent have it. */
  desk(changes: Partial<LicenseValues> = {}, options: DeskOptions = {}): LicenseDesk {
    const values = loadSettings(licenseSettings, { LICENSE_PUBLIC_KEY_HEX: this.vendor.hex, LICENSE_DIR: this.dir });
    const { telemetry, machine } = this;
    return LicenseDesk.over(this.database, { ...values, ...changes }, { telemetry, ...machine.options, ...options });
  }

  /** The house's time. */
  async now(): Promise<Date> {
    const [row] = await this.owner.query<{ now: Date }>({ text: 'SELECT agents.now() AS now' });
    if (row === undefined) throw new Error('agents.now() answered nothing.');
    return row.now;
  }

  /** Time passes: on the wall and for the machine. */
  async pass(ms: number): Promise<void> {
    this.machine.boot = { ...this.machine.boot, bootMs: this.machine.boot.bootMs + ms };
    await this.moveClock(ms);
  }

  /** A hand moves the clock on the wall. */
  async moveClock(ms: number): Promise<void> {
    await this.owner.query({
      text: `SELECT agents.set_clock(c.clock_offset + $1 * interval '1 ms') FROM agents.clock c`,
      values: [ms],
    });
  }

  /** What subscribers were told, in order: `mode:<to>` and `expiring:<days>`. */
  async told(): Promise<string[]> {
    const rows = await this.owner.query<{ told: string }>({
      text: `SELECT coalesce('mode:' || (j.payload ->> 'to'), 'expiring:' || (j.payload ->> 'days')) AS told
               FROM agents.job j WHERE j.kind = 'license.news' ORDER BY j.id`,
    });
    return rows.map(({ told }) => told);
  }

  async history(): Promise<string[]> {
    const rows = await this.owner.query<{ what: string }>({ text: 'SELECT what FROM license.history ORDER BY id' });
    return rows.map(({ what }) => what);
  }

  /** Renewals that wait in the outbox. */
  async waitingRenewals(): Promise<number> {
    const rows = await this.owner.query({
      text: `SELECT FROM agents.job_listing WHERE kind = 'license.renew' AND state IN ('pending', 'running')`,
    });
    return rows.length;
  }

  /** As on the first day: nothing known, nothing told, the machine's own time. */
  async reset(): Promise<void> {
    this.machine.facts = FIRST_FACTS;
    this.machine.boot = FIRST_BOOT;
    this.lines.length = 0;
    this.telemetry = Telemetry.open({ agent: 'license', sink: collected(this.lines) });
    await rm(this.dir, { recursive: true, force: true });
    await this.owner.transaction(async (tx) => {
      await tx.query({ text: 'SET LOCAL session_replication_role = replica' }); // the history stays otherwise
      for (const table of ['history', 'nonce', 'warning', 'state'])
        await tx.query({ text: `DELETE FROM license.${table}` });
      await tx.query({ text: 'DELETE FROM agents.job' });
      await tx.query({ text: `UPDATE agents.license_gate SET mode = 'unknown', reason = NULL` });
      await tx.query({ text: 'SELECT agents.set_clock(NULL), license.begin()' });
      await tx.query({ text: `SELECT agents.report_connectivity('online')` });
    });
  }

  async close(): Promise<void> {
    await this.database.close(1_000);
    await this.owner.close(1_000);
    await this.fresh.drop();
    await rm(this.dir, { recursive: true, force: true });
  }
}

/** Stands for whoever tells the owner. */
const ownerNews = defineKind({ name: 'license.news', payload: z.unknown(), result: z.unknown() });
/** Stands for work that needs a licence. */
const sending = defineKind({ name: 'license.sending', payload: z.unknown(), result: z.unknown(), needsLicense: true });

const declaration: Declaration = {
  agent: 'license',
  version: '0.1.0',
  kinds: [...Object.values(licenseKinds), ownerNews, sending].map((kind) => ({ kind })),
  subscriptions: [
    { event: 'license.mode-changed', kind: ownerNews.name },
    { event: 'license.expiring', kind: ownerNews.name },
  ],
};
