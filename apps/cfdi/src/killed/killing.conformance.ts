import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { until, type LoggedRequest, type NodeProcess } from '@nexora/testing';
import type { CfdiHouse } from '../cfdi-house.conformance.ts';
import { FAILPOINTS } from '../failpoint.ts';
import { hasReplica, type Cell, type Place } from './cells.conformance.ts';

/** Comprobantes under way when an agent dies: enough that they stand at different places. */
const BATCH = 3;
const PATIENCE_MS = 30_000;
/** The PAC's answer is held back this long: the sender is dead by then, and another replica does not wait for ever. */
const HELD_MS = 5_000;

/** A house whose agents are killed at named places and started again, as a supervisor does. */
export class Killing {
  readonly #house: CfdiHouse;
  readonly #agents = new Map<string, NodeProcess>();
  #running = '';

  constructor(house: CfdiHouse) {
    this.#house = house;
    for (const place of FAILPOINTS) this.#disarm(place);
  }

  /** Submits some comprobantes, has the agent die at the place, starts it again. Answers the comprobantes' ids. */
  async kill(cell: Cell): Promise<readonly string[]> {
    const { ids, instance } = await this.#killed(cell);
    await this.#start(instance, cell);
    return ids;
  }

  /** The same, but nobody starts it again. */
  async killForGood(cell: Cell): Promise<readonly string[]> {
    const { ids } = await this.#killed(cell);
    this.#running = '';
    return ids;
  }

  /** One UUID, one sort of bytes, both documents; nothing left over. */
  async areWhole(ids: readonly string[], within = PATIENCE_MS): Promise<void> {
    const rows = await Promise.all(ids.map((id) => this.#house.becomes(id, 'listo', within)));
    const log = await this.#house.sandbox.client.log();
    for (const { id, uuid, xml_key, pdf_key } of rows) {
      const sha256 = await this.#shaOf(id);
      const requests = log.filter((one) => one.sha256 === sha256);
      expect([id, requests.flatMap((one) => one.uuid ?? [])]).toEqual([id, [uuid]]);
      expect([id, othersUnder(id, sha256, log)]).toEqual([id, []]);
      expect((await this.#house.object(xml_key!)).toString().toLowerCase()).toContain(uuid);
      expect((await this.#house.object(pdf_key!)).length).toBeGreaterThan(5_000);
    }
  }

  /** Seen from the PAC: as many sorts of bytes and as many stamps as comprobantes; and no job that a person must see. */
  async isCounted(ids: readonly string[]): Promise<void> {
    const log = await this.#house.sandbox.client.log();
    const shas = await Promise.all(ids.map((id) => this.#shaOf(id)));
    expect([...new Set(log.map(({ sha256 }) => sha256))].sort()).toEqual([...shas].sort());
    expect(log.filter(({ uuid }) => uuid !== null)).toHaveLength(ids.length);
    const stuck = `SELECT kind, state FROM agents.job WHERE state IN ('dead', 'in_doubt')`;
    expect(await this.#house.sql(stuck)).toEqual([]);
    expect(await this.#house.sql('SELECT FROM cfdi.sello_archivado')).toEqual([]);
  }

  async #killed(cell: Cell): Promise<Killed> {
    await this.#starts(cell);
    const killed = cell.place === 'at-the-pac' ? await this.#killedAtThePac() : await this.#killedAt(cell.place);
    if (cell.scene === 'with Redis flushed') await this.#house.flushRedis();
    return killed;
  }

  /** Agents as the square wants them, none armed. They stay while squares want the same. */
  async #starts(cell: Cell): Promise<void> {
    const { protocol } = cell;
    const instances = hasReplica(cell) ? ['cfdi-1', 'cfdi-2'] : ['cfdi-1'];
    const wanted = [protocol, ...instances].join(' ');
    if (this.#running === wanted) return;
    await this.#house.stopAgents();
    this.#agents.clear();
    this.#running = wanted;
    await Promise.all(instances.map((instance) => this.#start(instance, { protocol })));
  }

  async #start(instance: string, { protocol }: Pick<Cell, 'protocol'>): Promise<void> {
    const { pacUrl } = this.#house.sandbox;
    const armed = FAILPOINTS.map((place) => `${place}:${this.#marker(place)}`).join(',');
    const agent = await this.#house.start({
      INSTANCE_NAME: instance,
      PAC_URL: protocol === 'finkok' ? `${pacUrl}/finkok` : pacUrl,
      NEXORA_FAILPOINT: armed,
    });
    this.#agents.set(instance, agent);
  }

  async #killedAt(place: Exclude<Place, 'at-the-pac'>): Promise<Killed> {
    rmSync(this.#marker(place));
    const ids = await this.#submitted();
    const deaths = [...this.#agents].map(async ([instance, { exited }]) => ({ instance, ...(await exited) }));
    const { instance, signal } = await within(Promise.race(deaths), place);
    expect(signal).toBe('SIGKILL');
    return { instance, ids };
  }

  async #killedAtThePac(): Promise<Killed> {
    const { client } = this.#house.sandbox;
    const before = (await client.log()).length;
    await client.pac(`delay:${HELD_MS}`);
    const ids = await this.#submitted();
    const stamped = async (): Promise<boolean> => (await client.log()).slice(before).some(({ uuid }) => uuid !== null);
    await until(stamped, { within: PATIENCE_MS, what: 'the PAC to stamp' });
    const instance = await this.#sender();
    await this.#agents.get(instance)?.kill9();
    await client.pac('none');
    return { instance, ids };
  }

  /** The replica whose request is at the PAC. */
  async #sender(): Promise<string> {
    const text = `SELECT instance FROM agents.job_listing WHERE kind = 'cfdi.stamp' AND state = 'running'`;
    const [row] = await this.#house.sql<{ instance: string }>(text);
    if (row === undefined) throw new Error('No agent is at the PAC.');
    return row.instance;
  }

  #submitted(): Promise<string[]> {
    return Promise.all(Array.from({ length: BATCH }, () => this.#house.submit()));
  }

  async #shaOf(id: string): Promise<string> {
    const text = 'SELECT sha256 FROM cfdi.comprobante WHERE id = $1';
    const [row] = await this.#house.sql<{ sha256: string }>(text, [id]);
    return row?.sha256 ?? '';
  }

  #marker(place: string): string {
    return join(this.#house.folder, `${place}.marker`);
  }

  #disarm(place: string): void {
    writeFileSync(this.#marker(place), '');
  }
}

interface Killed {
  readonly instance: string;
  readonly ids: readonly string[];
}

/** Requests for this comprobante with other bytes, as far as the protocol tells whose they are. */
function othersUnder(id: string, sha256: string, log: readonly LoggedRequest[]): string[] {
  return log.filter((one) => one.customid === id && one.sha256 !== sha256).map((one) => one.sha256);
}

async function within<T>(promise: Promise<T>, place: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No agent came to ${place}.`)), PATIENCE_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
