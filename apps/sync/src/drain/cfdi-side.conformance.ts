import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cfdiKinds } from '@nexora/contracts';
import {
  comprobantesDePrueba,
  makeDemoIssuer,
  spawnNode,
  startSandbox,
  type NodeProcess,
  type RunningSandbox,
} from '@nexora/testing';
import type { DrainHouse } from './drain-house.conformance.ts';

const CFDI = join(import.meta.dirname, '../../../cfdi/src');

/** The real cfdi agent beside the drain agent: an issuer with a CSD, and a sandbox PAC behind a line of the house. */
export class CfdiSide {
  readonly sandbox: RunningSandbox;
  readonly #house: DrainHouse;
  readonly #env: Record<string, string>;

  private constructor(house: DrainHouse, sandbox: RunningSandbox, env: Record<string, string>) {
    this.#house = house;
    this.sandbox = sandbox;
    this.#env = env;
  }

  static async open(house: DrainHouse): Promise<CfdiSide> {
    const folder = mkdtempSync(join(tmpdir(), 'drain-cfdi-'));
    house.atTheEnd(() => rmSync(folder, { recursive: true, force: true }));
    const dir = join(folder, 'sandbox');
    const sandbox = await startSandbox({ dir });
    house.atTheEnd(() => sandbox.stop());
    const env = {
      DATABASE_URL: house.urlFor('cfdi'),
      STORAGE_URL: pathToFileURL(join(folder, 'objects')).href,
      PAC_PROVIDER: 'sandbox',
      PAC_URL: await house.lineTo(sandbox.pacUrl),
      PAC_USER: sandbox.user,
      PAC_PASS: sandbox.password,
      CFDI_KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
      CFDI_SAT_CERTIFICATES: join(dir, 'ca', 'pac.cer'),
    };
    const side = new CfdiSide(house, sandbox, env);
    const kinds = Object.values(cfdiKinds).map((kind) => ({ kind }));
    await Promise.all([side.#seed(dir), house.ledger.declare({ agent: 'cfdi', version: '0', kinds })]);
    return side;
  }

  async #seed(dir: string): Promise<void> {
    const { rfc, nombre, regimen, cer, key, passwordFile } = await makeDemoIssuer(dir);
    await this.#command('issuer', 'add', '--rfc', rfc, '--nombre', nombre, '--regimen', regimen);
    await this.#command('csd', 'add', '--rfc', rfc, '--cer', cer, '--key', key, '--password-file', passwordFile);
  }

  async #command(...args: string[]): Promise<void> {
    const command = await spawnNode({
      entry: join(CFDI, 'cli.ts'),
      args,
      env: { ...this.#env, REDIS_URL: 'redis://-' },
    });
    const { code } = await command.exited;
    if (code !== 0) throw new Error(`cfdi ${args.join(' ')} ended with ${code}: ${command.output}`);
  }

  /** Starts the agent, which stamps so many at once. */
  start(slots: number, env: Readonly<Record<string, string>> = {}): Promise<NodeProcess> {
    return this.#house.spawn(join(CFDI, 'main.ts'), 'cfdi-1', {
      ...this.#env,
      CFDI_CONCURRENCY: String(slots),
      ...env,
    });
  }

  /** Hands over so many comprobantes. Answers their ids. */
  async submit(count: number): Promise<string[]> {
    const documents = comprobantesDePrueba(count, 'S').map((one) => JSON.stringify(one));
    const text = 'SELECT agents.submit_comprobante(d) AS id FROM unnest($1::jsonb[]) AS d';
    return (await this.#house.sql<{ id: string }>(text, [documents])).map(({ id }) => id);
  }

  /** The comprobantes that are not stamped and kept. */
  async unfinished(): Promise<{ id: string; estado: string }[]> {
    return this.#house.sql(`SELECT id, estado FROM agents.comprobante_status WHERE estado <> 'listo'`);
  }

  /** UUIDs that the PAC made, by comprobante. */
  async stamps(): Promise<Map<string, string[]>> {
    const made = new Map<string, string[]>();
    for (const { customid, uuid } of await this.sandbox.client.log()) {
      if (uuid === null || customid === null) continue;
      made.set(customid, [...(made.get(customid) ?? []), uuid]);
    }
    return made;
  }
}
