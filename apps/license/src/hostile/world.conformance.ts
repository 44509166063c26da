import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Trigger } from '../asking.ts';
import type { CycleEnd } from '../cycle.ts';
import { DeskHouse } from '../desk-house.conformance.ts';
import type { LicenseDesk } from '../desk.ts';
import type { LicenseState } from '../license-state.ts';
import type { LicenseValues } from '../license.settings.ts';
import { OwnPortal } from './own-portal.conformance.ts';
import { OwnVendor } from './own-vendor.conformance.ts';

/** What one place holds at a moment, to be put back later. */
export interface Copy {
  readonly row: unknown;
  readonly file: string;
}

/**
 * A house with a real database, a folder, a portal over sockets that shares no code with it, and time: what truly passes,
 * what the wall shows, and what the machine counts since it was switched on.
 */
export class World {
  #boots = 0;

  private constructor(
    readonly house: DeskHouse,
    readonly portal: OwnPortal,
  ) {}

  static async open(): Promise<World> {
    const portal = await OwnPortal.open(new OwnVendor());
    return new World(await DeskHouse.open(), portal);
  }

  /** As on the first day. */
  async reset(): Promise<void> {
    this.portal.asOnTheFirstDay();
    await this.house.reset();
  }

  /** The agent of this house, as a process of its own would have it: nothing but rows and the folder outlives it. */
  desk(changes: Partial<LicenseValues> = {}): LicenseDesk {
    const { portal } = this;
    return this.house.desk({ LICENSE_PUBLIC_KEY_HEX: portal.vendor.hex, LICENSE_PORTAL_URL: portal.url, ...changes });
  }

  /** One look of an agent that was just started. */
  look(trigger: Trigger = 'hour', changes: Partial<LicenseValues> = {}): Promise<CycleEnd> {
    return this.desk(changes).cycle.run(trigger);
  }

  /** Looks without a way out: nobody listens where the portal should be. */
  offline(trigger: Trigger = 'hour'): Promise<CycleEnd> {
    return this.look(trigger, { LICENSE_PORTAL_URL: NOWHERE });
  }

  install(document: object, changes: Partial<LicenseValues> = {}): Promise<unknown> {
    return this.desk(changes).install(JSON.stringify(document));
  }

  /** A licence by the portal's books, put in by hand. */
  async licensed(changes: object = {}): Promise<void> {
    await this.install(this.portal.license(changes));
  }

  state(): Promise<LicenseState> {
    return this.desk().show();
  }

  /** Time passes, for the world, for the wall and for the machine. */
  async days(days: number): Promise<void> {
    this.portal.offsetMs += days * DAY_MS;
    await this.house.pass(days * DAY_MS);
  }

  /** A hand sets the clock on the wall; nothing passes. */
  async setWall(days: number): Promise<void> {
    await this.house.moveClock(days * DAY_MS);
  }

  /** The machine is switched off for so many days, and on again. */
  async off(days: number): Promise<void> {
    this.portal.offsetMs += days * DAY_MS;
    await this.house.moveClock(days * DAY_MS);
    this.#boots += 1;
    this.house.machine.restart(`boot-again-${this.#boots}`);
  }

  /** What the two places hold now. */
  async copy(): Promise<Copy> {
    const [row] = await this.house.owner.query<{ row: unknown }>({
      text: 'SELECT to_jsonb(s) AS row FROM license.state s',
    });
    return { row: row?.row, file: await readFile(this.#file, 'utf8') };
  }

  /** The database is restored: its row is as it was. */
  async putRowBack({ row }: Pick<Copy, 'row'>): Promise<void> {
    await this.emptyTables();
    await this.house.owner.query({
      text: 'INSERT INTO license.state SELECT * FROM jsonb_populate_record(NULL::license.state, $1)',
      values: [JSON.stringify(row)],
    });
  }

  async putFileBack({ file }: Pick<Copy, 'file'>): Promise<void> {
    await writeFile(this.#file, file);
  }

  /** Changes what stands in the folder, as somebody with an editor does. */
  async editFile(change: (kept: Record<string, unknown>) => object): Promise<void> {
    const kept = JSON.parse(await readFile(this.#file, 'utf8')) as Record<string, unknown>;
    await writeFile(this.#file, JSON.stringify({ ...kept, ...change(kept) }));
  }

  /** Changes columns of the row, as somebody with a database client does. */
  async editRow(columns: object): Promise<void> {
    const { row } = await this.copy();
    await this.putRowBack({ row: { ...(row as object), ...columns } });
  }

  async emptyTables(): Promise<void> {
    await this.house.owner.query({ text: 'DELETE FROM license.state' });
    await this.house.owner.query({ text: 'DELETE FROM license.nonce' });
    await this.house.owner.query({ text: 'DELETE FROM license.warning' });
  }

  async emptyFolder(): Promise<void> {
    await rm(this.house.dir, { recursive: true, force: true });
  }

  async close(): Promise<void> {
    await this.portal.close();
    await this.house.close();
  }

  get #file(): string {
    return join(this.house.dir, 'state.json');
  }
}

export const DAY_MS = 86_400_000;

/** Port 9 (discard) on this machine: nobody listens. */
export const NOWHERE = 'http://127.0.0.1:9';
