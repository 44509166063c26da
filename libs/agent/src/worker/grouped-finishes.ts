import type { DatabaseSettings, Statement } from '@nexora/database';
import { finishAll, type Finished, type Held, type Ledger } from '@nexora/outbox';
import { Pipeline } from './pipeline.ts';

/** More statements in one transaction would hold the locks of the first ones for too long. */
const LARGEST_GROUP = 20;
/** What comes while so many sendings are under way waits for one of them, and goes with the others that wait. */
const SENDINGS_AT_ONCE = 3;
/** A text whose group failed goes alone for this long: its rows seem to be fought over. */
const APART_MS = 5_000;
/** No more texts are remembered; handlers have one or two each. */
const MOST_TEXTS = 64;

interface Waiting extends Finished {
  readonly incarnation: string;
  readonly effect: Statement;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Completions that bring one statement as their effect. One that is ready by itself goes out at once, joined with its
 * effect in one statement. Those that are ready at the same moment go as one transaction in one packet: the fence and
 * `done` of all, then each effect; one commit, one fsync, one round trip. Nothing is answered before the commit. When
 * any of a group fails, all of it is undone and each goes again alone.
 */
export class GroupedFinishes {
  readonly #settings: DatabaseSettings;
  readonly #alone: Ledger;
  readonly #monotonic: () => number;
  readonly #plans = new Map<string, string>();
  readonly #apartUntil = new Map<string, number>();
  readonly #free: Pipeline[] = [];
  readonly #open = new Set<Pipeline>();
  #underWay = 0;
  #waiting: Waiting[] = [];
  #planned = false;
  #closed = false;

  /** @param alone Where one goes that has no company. @param monotonic Milliseconds of a clock that never steps. */
  constructor(settings: DatabaseSettings, alone: Ledger, monotonic: () => number) {
    this.#settings = settings;
    this.#alone = alone;
    this.#monotonic = monotonic;
  }

  /** Resolves after the commit of effect and `done`. @throws StaleFence, and what the effect throws. */
  finish(incarnation: string, { id, dispatch }: Held, result: unknown, effect: Statement): Promise<void> {
    const planned = this.#withPlan(effect);
    if (this.#closed || this.#isApart(effect)) {
      return this.#alone.finish(incarnation, { id, dispatch }, result, planned);
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ incarnation, id, dispatch, result, effect: planned, resolve, reject });
      this.#plan();
    });
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
      void this.#send(this.#nextGroup());
    }
  }

  /** The oldest that wait, of one incarnation: a process that was declared lost begins another one. */
  #nextGroup(): Waiting[] {
    const first = this.#waiting[0]?.incarnation;
    const other = this.#waiting.findIndex(({ incarnation }) => incarnation !== first);
    return this.#waiting.splice(0, other < 0 ? LARGEST_GROUP : Math.min(other, LARGEST_GROUP));
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
      await pipeline.commitTogether([
        finishAll(group[0]?.incarnation ?? '', group),
        ...group.map(({ effect }) => effect),
      ]);
      for (const { resolve } of group) resolve();
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
      group.map(({ incarnation, effect, resolve, reject, ...job }) =>
        this.#alone.finish(incarnation, job, job.result, effect).then(resolve, reject),
      ),
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
    for (const { effect } of group) this.#apartUntil.set(effect.text, until);
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
      name = `effect ${this.#plans.size}`;
      this.#plans.set(statement.text, name);
    }
    return { ...statement, name };
  }
}
