import { DatabaseAway } from '@nexora/database';
import { Heads, WorkerLost, type ClaimedJob, type Ledger } from '@nexora/outbox';
import type { Clock, Telemetry } from '@nexora/runtime';
import { AloneRows } from './alone-rows.ts';
import type { ClaimPlan } from './lane.ts';
import type { Passage } from './passage.ts';
import type { Roster } from './roster.ts';
import type { Station } from './runner.ts';
import type { Session } from './session.ts';

/** What made a kind claim. */
export type Way = 'commit' | 'ring' | 'notify' | 'look' | 'poll' | 'freed' | 'alone' | 'start';

/** Under a steady load every claim is full; the other replicas need not be told each time. */
const RING_EVERY_MS = 100;
/** What claims need of the rest of the worker. */
export interface ClaimsParts {
  readonly ledger: Ledger;
  readonly session: Session;
  readonly roster: Roster;
  readonly stations: ReadonlyMap<string, Station>;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Where every claim passes, so that others can wait until none is under way. */
  readonly passage: Passage;
  /** Runs a row whose slot is taken. */
  readonly start: (station: Station, row: ClaimedJob) => void;
  /** Rings for the other replicas. */
  readonly ring: (kind: string) => void;
  /** A claim came back short: for now there is no more of the kind than runs. */
  readonly ranOut: (kind: string) => void;
  /** The ledger says that this incarnation is lost. */
  readonly lost: () => void;
  /** Postgres went away in mid-claim: it may come back as another one. */
  readonly unsure: () => void;
  /** The ledger may have given rows to this process that it does not know. */
  readonly doubt: () => void;
  /** Aborts when the process takes no more work. */
  readonly signal: AbortSignal;
}

/** Brings rows to free slots: at once when something says that there are some, and by the poll anyway. */
export class Claims {
  readonly #parts: ClaimsParts;
  readonly #heads: Heads;
  readonly #rungAt = new Map<string, number>();
  #polling = false;
  readonly #alone: AloneRows;

  constructor(parts: ClaimsParts) {
    this.#parts = parts;
    this.#heads = new Heads(() => parts.clock.monotonic());
    this.#alone = new AloneRows({
      clock: parts.clock,
      roster: parts.roster,
      still: () => parts.passage.still && parts.session.takesWork,
      claim: () => this.#claimAlone(),
      goOn: () => this.#goOn(),
      signal: parts.signal,
    });
  }

  /** True when a claim of the kind could bring rows now. */
  canTake(kind: string): boolean {
    return this.#open(kind) && (this.#parts.stations.get(kind)?.lane.free ?? 0) > 0;
  }

  /** Something says that rows of the kind wait. Resolves with the number of rows that the claim brought. */
  async wake(kind: string, way: Way): Promise<number> {
    const station = this.#parts.stations.get(kind);
    if (station === undefined) return 0;
    station.lane.want();
    return this.#claim(station, way);
  }

  /** A slot fell free: while there is more, it claims at once; a process that drains may be empty now. */
  freed(station: Station): void {
    this.#alone.freed();
    if (this.#alone.draining) void this.#alone.take();
    else if (station.lane.wantsNow) {
      // Slots that fall free in the same turn claim together.
      setImmediate(() => void this.#claim(station, 'freed'));
    }
  }

  /** The work goes on after a standstill: every kind looks at once. */
  resumed(): Promise<void> {
    return this.poll('start');
  }

  /**
   * Somebody says that rows are overlooked, or that a gate has opened of which only the ledger knows: nothing that this
   * process remembers counts, and every kind claims from the start of its queue.
   */
  lookAgain(): void {
    const { roster, stations } = this.#parts;
    this.#heads.forget();
    for (const { lane } of stations.values()) {
      lane.recount(roster.all().filter(({ kind, released }) => kind === lane.kind && !released).length);
      void this.wake(lane.kind, 'start');
    }
  }

  /** One statement over every kind that has a free slot and an open gate. */
  async poll(way: Way = 'poll'): Promise<void> {
    if (this.#alone.draining) return this.#alone.take();
    if (this.#polling || !this.#parts.session.takesWork) return;
    const asked: { station: Station; plan: ClaimPlan }[] = [];
    for (const station of this.#parts.stations.values()) {
      const plan = this.#open(station.lane.kind) ? station.lane.beginPoll() : null;
      if (plan !== null) asked.push({ station, plan });
    }
    if (asked.length === 0) return;
    this.#polling = true;
    try {
      await this.#pollFor(asked, way);
    } finally {
      this.#polling = false;
    }
  }

  async #pollFor(asked: readonly { station: Station; plan: ClaimPlan }[], way: Way): Promise<void> {
    const { ledger, session } = this.#parts;
    const { incarnation } = session;
    const appetites = asked.map(({ station, plan }) => ({ kind: station.lane.kind, max: plan.max }));
    const ask = () => ledger.poll(incarnation, appetites, this.#heads);
    const aloneWaits = await this.#ask(ask, (polled) => {
      for (const { station, plan } of asked) {
        if (polled === undefined) station.lane.claimFailed();
        else this.#take(station, plan, ofKind(polled.jobs, station), incarnation, way);
      }
      return polled?.aloneWaits === true;
    });
    if (aloneWaits) this.#alone.wait();
    if (this.#alone.draining) await this.#alone.take();
    else for (const { station } of asked) void this.#claim(station, 'freed');
  }

  async #claim(station: Station, way: Way): Promise<number> {
    if (!this.#open(station.lane.kind)) return 0;
    const { ledger, session } = this.#parts;
    const plan = station.lane.begin();
    if (plan === null) return 0;
    const { incarnation } = session;
    const request = { incarnation, kind: station.lane.kind, max: plan.max, byRunAt: plan.byRunAt, heads: this.#heads };
    const ask = () => ledger.claim(request);
    const claimed = await this.#ask(ask, (rows) => {
      if (rows === undefined) station.lane.claimFailed();
      else this.#take(station, plan, rows, incarnation, way);
      return rows?.length;
    });
    if (claimed === undefined) return 0;
    if (this.#alone.draining) void this.#alone.take();
    else if (station.lane.wantsNow) void this.#claim(station, 'freed');
    return claimed;
  }

  #take(station: Station, plan: ClaimPlan, rows: readonly ClaimedJob[], incarnation: string, way: Way): void {
    const { lane } = station;
    const full = lane.claimed(plan, rows.length);
    if (!full) this.#parts.ranOut(lane.kind);
    if (rows.length === 0) return;
    if (!this.#mayStart(incarnation)) return this.#giveBack(station, rows, incarnation);
    this.#parts.telemetry.emit('claimed', { kind: lane.kind, rows: rows.length, way });
    for (const row of rows) this.#parts.start(station, row);
    if (full) this.#ringForOthers(lane.kind);
  }

  /** A full claim says that there is more than this process can take. */
  #ringForOthers(kind: string): void {
    const now = this.#parts.clock.monotonic();
    if (now - (this.#rungAt.get(kind) ?? -Infinity) < RING_EVERY_MS) return;
    this.#rungAt.set(kind, now);
    this.#parts.ring(kind);
  }

  /** The process stopped, or was declared lost, while the claim was under way: nothing of it is started. */
  #giveBack(station: Station, rows: readonly ClaimedJob[], incarnation: string): void {
    for (const _row of rows) station.lane.ended();
    this.#parts.ledger.handBack(incarnation, rows).catch((error: unknown) => {
      // No sweep takes rows from a process that lives: they go back after a heartbeat, or with its farewell.
      this.#parts.doubt();
      this.#parts.telemetry.emit('claim-failed', { error });
    });
  }

  async #claimAlone(): Promise<boolean> {
    const { ledger, session, stations } = this.#parts;
    const kinds = [...stations.values()].filter(({ lane }) => lane.free > 0).map(({ lane }) => lane.kind);
    const { incarnation } = session;
    const ask = () => ledger.claimAlone(incarnation, kinds);
    return this.#ask(ask, (row) => row !== undefined && this.#startAlone(row, incarnation));
  }

  #startAlone(row: ClaimedJob, incarnation: string): boolean {
    const station = this.#parts.stations.get(row.kind);
    if (station === undefined) return false;
    station.lane.started();
    const may = this.#mayStart(incarnation);
    if (!may) this.#giveBack(station, [row], incarnation);
    else {
      this.#parts.telemetry.emit('claimed', { kind: row.kind, rows: 1, way: 'alone' });
      this.#parts.start(station, row);
    }
    return may;
  }

  #goOn(): void {
    for (const station of this.#parts.stations.values()) {
      station.lane.want();
      void this.#claim(station, 'freed');
    }
  }

  #open(kind: string): boolean {
    return this.#parts.session.takesWork && !this.#alone.draining && !this.#alone.holdsBack(kind);
  }

  #mayStart(incarnation: string): boolean {
    return this.#parts.session.takesWork && this.#parts.session.holds(incarnation);
  }

  /** Asks the ledger for rows and takes them; undefined are taken when it cannot be asked now. */
  #ask<T, R>(claim: () => Promise<T>, take: (answer: T | undefined) => R): Promise<R> {
    return this.#parts.passage.through(async () => take(await this.#answer(claim)));
  }

  async #answer<T>(claim: () => Promise<T>): Promise<T | undefined> {
    const { lost, doubt, unsure, telemetry } = this.#parts;
    try {
      return await claim();
    } catch (error) {
      if (error instanceof WorkerLost) lost();
      else {
        doubt(); // it may have been committed before its answer was lost
        if (error instanceof DatabaseAway) unsure();
        else telemetry.emit('claim-failed', { error });
      }
      return undefined;
    }
  }
}

function ofKind(jobs: readonly ClaimedJob[], { lane }: Station): ClaimedJob[] {
  return jobs.filter(({ kind }) => kind === lane.kind);
}
