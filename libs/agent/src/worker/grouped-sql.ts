import type { DatabaseSettings, Sql, Statement } from '@nexora/database';
import { Pipeline } from './pipeline.ts';

/** More statements in one transaction would hold the locks of the first ones for too long. */
const LARGEST_GROUP = 20;
/** What comes while so many sendings are under way waits for one of them, and goes with the others that wait. */
const SENDINGS_AT_ONCE = 3;
/** A text whose group failed goes alone for this long: its rows seem to be fought over. */
const APART_MS = 5_000;
/** No more texts are remembered; handlers have one or two each. */
const MOST_TEXTS = 64;

interface Waiting {
  readonly statement: Statement;
  readonly resolve: (rows: unknown[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Sends single statements that commit alone, and those that are ready at the same moment as one transaction in one
 * packet: one commit, one fsync, one round trip for all of them (tried: 8k a second alone, 22k together). Nothing is
 * answered before the commit. When any of a group fails, all of it is undone and each is sent again alone. For
 * statements whose rows nobody reads: in company they answer none.
 */
export class GroupedSql implements Sql {
  readonly #settings: DatabaseSettings;
  readonly #alone: Sql;
  readonly #monotonic: () => number;
  readonly #plans = new Map<string, string>();
  readonly #apartUntil = new Map<string, number>();
  readonly #free: Pipeline[] = [];
  readonly #open = new Set<Pipeline>();
  #underWay = 0;
  #waiting: Waiting[] = [];
  #planned = false;
  #closed = false;

  /** @param alone Where a statement goes that has no company. @param monotonic Milliseconds of a clock that never steps. */
  constructor(settings: DatabaseSettings, alone: Sql, monotonic: () => number) {
    this.#settings = settings;
    this.#alone = alone;
    this.#monotonic = monotonic;
  }

  query<R = unknown>(statement: Statement): Promise<R[]> {
    if (this.#closed || this.#isApart(statement)) return this.#alone.query<R>(this.#withPlan(statement));
    return new Promise<unknown[]>((resolve, reject) => {
      this.#waiting.push({ statement: this.#withPlan(statement), resolve, reject });
      this.#plan();
    }) as Promise<R[]>;
  }

  /** Closes its connections; what comes later goes alone. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled([...this.#open].map((pipeline) => pipeline.close()));
    this.#free.length = 0;
    this.#open.clear();
  }

  #plan(): void {
    if (this.#planned) return;
    this.#planned = true;
    setImmediate(() => {
      this.#planned = false;
      this.#sendSome();
    });
  }

  #sendSome(): void {
    while (this.#waiting.length > 0 && this.#underWay < SENDINGS_AT_ONCE) {
      void this.#send(this.#waiting.splice(0, LARGEST_GROUP));
    }
  }

  async #send(group: readonly Waiting[]): Promise<void> {
    this.#underWay++;
    const together = group.length > 1 && (await this.#sendTogether(group));
    if (!together) await this.#sendAlone(group);
    this.#underWay--;
    this.#sendSome();
  }

  async #sendTogether(group: readonly Waiting[]): Promise<boolean> {
    const pipeline = this.#free.pop() ?? this.#another();
    try {
      await pipeline.commitTogether(group.map(({ statement }) => statement));
      for (const { resolve } of group) resolve([]);
      return true;
    } catch {
      // Which of them failed, and why, shows when each goes alone.
      this.#setApart(group);
      return false;
    } finally {
      if (pipeline.broken || this.#closed) this.#drop(pipeline);
      else this.#free.push(pipeline);
    }
  }

  async #sendAlone(group: readonly Waiting[]): Promise<void> {
    await Promise.all(
      group.map(({ statement, resolve, reject }) => this.#alone.query(statement).then(resolve, reject)),
    );
  }

  #another(): Pipeline {
    const pipeline = new Pipeline(this.#settings, (idle) => this.#drop(idle));
    this.#open.add(pipeline);
    return pipeline;
  }

  #drop(pipeline: Pipeline): void {
    const place = this.#free.indexOf(pipeline);
    if (place >= 0) this.#free.splice(place, 1);
    this.#open.delete(pipeline);
    // Nothing waits for an answer on it; how its socket ends changes nothing.
    pipeline.close().catch(() => undefined);
  }

  #setApart(group: readonly Waiting[]): void {
    if (this.#apartUntil.size >= MOST_TEXTS) this.#apartUntil.clear();
    const until = this.#monotonic() + APART_MS;
    for (const { statement } of group) this.#apartUntil.set(statement.text, until);
  }

  #isApart({ text }: Statement): boolean {
    if (this.#apartUntil.size === 0) return false;
    const until = this.#apartUntil.get(text);
    if (until === undefined) return false;
    if (this.#monotonic() < until) return true;
    this.#apartUntil.delete(text);
    return false;
  }

  /** The same few texts come again and again: each connection keeps their plans. */
  #withPlan(statement: Statement): Statement {
    if (statement.name !== undefined) return statement;
    let name = this.#plans.get(statement.text);
    if (name === undefined) {
      if (this.#plans.size >= MOST_TEXTS) return statement;
      name = `finish ${this.#plans.size}`;
      this.#plans.set(statement.text, name);
    }
    return { ...statement, name };
  }
}
