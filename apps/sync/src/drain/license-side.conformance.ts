import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnNode, startPortal, type NodeProcess, type RunningPortal } from '@nexora/testing';
import type { DrainHouse } from './drain-house.conformance.ts';

const LICENSE = join(import.meta.dirname, '../../../license/src');

/** The real license agent beside the drain agent, and the sandbox licence portal behind a line of the house. */
export class LicenseSide {
  readonly portal: RunningPortal;
  readonly #house: DrainHouse;
  readonly #folder: string;
  readonly #env: Record<string, string>;

  private constructor(house: DrainHouse, portal: RunningPortal, folder: string, env: Record<string, string>) {
    this.#house = house;
    this.portal = portal;
    this.#folder = folder;
    this.#env = env;
  }

  static async open(house: DrainHouse): Promise<LicenseSide> {
    const folder = mkdtempSync(join(tmpdir(), 'drain-license-'));
    house.atTheEnd(() => rmSync(folder, { recursive: true, force: true }));
    const portal = await startPortal({ dir: join(folder, 'portal') });
    house.atTheEnd(() => portal.stop());
    return new LicenseSide(house, portal, folder, {
      DATABASE_URL: house.urlFor('license'),
      LICENSE_PORTAL_URL: await house.lineTo(portal.url),
      LICENSE_PUBLIC_KEY_HEX: portal.keys,
      LICENSE_DIR: join(folder, 'license'),
      LICENSE_MACHINE_ID: 'machine-1',
      LICENSE_SERIAL: 'serial-1',
    });
  }

  /** A person brings the first licence as a file; the agent has never reached the portal, so it wants to renew at once. */
  async install(): Promise<void> {
    const { envelope } = await this.portal.vendor.issue({ customer: 'Una tienda', rfc: 'EKU9003173C9' });
    const file = join(this.#folder, 'license.json');
    writeFileSync(file, JSON.stringify(envelope));
    const env = { ...this.#env, REDIS_URL: 'redis://-' };
    const command = await spawnNode({ entry: join(LICENSE, 'cli.ts'), args: ['install', file], env });
    const { code } = await command.exited;
    if (code !== 0) throw new Error(`license install ended with ${code}: ${command.output}`);
  }

  start(): Promise<NodeProcess> {
    return this.#house.spawn(join(LICENSE, 'main.ts'), 'license-1', this.#env);
  }

  /** Renewals that the portal granted. */
  async renewals(): Promise<number> {
    const log = await this.portal.client.log();
    return log.filter(({ outcome }) => outcome === 'renewed').length;
  }
}
