import type { Database, DatabaseSettings } from '@nexora/database';
import { Ledger, wakeAfterCommit, type Bell } from '@nexora/outbox';
import type { HouseClock, Telemetry } from '@nexora/runtime';
import type { ErasedHandler } from '../define-agent.ts';
import { loop, within } from '../loops.ts';
import type { WorkedKind } from '../resolve.ts';
import { Claims } from './claims.ts';
import { Completion } from './completion.ts';
import { ControlSql } from './control-sql.ts';
import { FinishBatch } from './finish-batch.ts';
import { Gates } from './gates.ts';
import { GroupedFinishes } from './grouped-finishes.ts';
import { Lane } from './lane.ts';
import { Listening } from './listening.ts';
import { Liveness, pulse, type Card, type Pulse } from './liveness.ts';
import { Passage } from './passage.ts';
import { Roster } from './roster.ts';
import { Runner, type Station } from './runner.ts';
import type { JobGround } from './job-ground.ts';
import { Session, type Standstill } from './session.ts';
import { UnknownRows } from './unknown-rows.ts';

/** Everything that one process needs to work the kinds of an agent. */
export interface WorkerParts {
  readonly card: Card;
  readonly kinds: readonly { readonly worked: WorkedKind; readonly handler: ErasedHandler }[];
  readonly database: Database;
  readonly databaseSettings: DatabaseSettings;
  readonly bell: Pick<Bell, 'ring' | 'serve' | 'close'>;
  readonly clock: HouseClock;
  readonly telemetry: Telemetry;
  /** False: healthy, but takes no work. */
  readonly enabled: boolean;
  /** Told when work that needs the Internet may go on, before any of it is claimed. */
  readonly lineReturned?: () => void;
  /** Tests live faster. */
  readonly pulse?: Pulse;
}

/** Handlers that were aborted at the end of the grace get this long to end by themselves. */
const LAST_WORDS_MS = 500;
/** The ledger gets this long to take rows back at the end; then the next process finds them. */
const FAREWELL_MS = 2_000;

/** Works the kinds of one agent in this process. */
export class Worker {
  readonly #parts: WorkerParts;
  readonly #stopping = new AbortController();
  readonly #stopped = new AbortController();
  readonly #session: Session;
  readonly #roster = new Roster();
  readonly #stations: ReadonlyMap<string, Station>;
  readonly #control: ControlSql;
  readonly #grouped: GroupedFinishes;
  readonly #ledger: Ledger;
  readonly #passage: Passage;
  readonly #unknown: UnknownRows;
  readonly #claims: Claims;
  readonly #gates: Gates;
  readonly #liveness: Liveness;
  readonly #listening: Listening;
  #ending: Promise<void> | undefined;

  constructor(parts: WorkerParts) {
    const { database, clock, telemetry } = parts;
    this.#parts = parts;
    this.#stations = stationsOf(parts.kinds);
    this.#session = new Session(() => this.#turned());
    this.#control = new ControlSql(database);
    this.#ledger = new Ledger(database);
    this.#grouped = new GroupedFinishes(parts.databaseSettings, this.#ledger, () => clock.monotonic());
    const ground: JobGround = {
      database,
      ledger: this.#ledger,
      grouped: this.#grouped,
      telemetry,
      clock,
    };
    this.#passage = new Passage(clock);
    this.#unknown = this.#unknownOf(parts);
    this.#gates = new Gates(this.#stations.values(), telemetry);
    const runner = this.#runner(ground);
    this.#claims = this.#claimsWith(runner);
    this.#liveness = this.#livenessOf(parts);
    this.#listening = this.#listeningOf(parts);
  }

  /** Milliseconds since the ledger last took a heartbeat. */
  get silentMs(): number {
    return this.#liveness.silentMs;
  }

  /** Under which this process is known to the ledger now. */
  get incarnation(): string {
    return this.#session.incarnation;
  }

  /** Why no work is taken; empty when it is. */
  get standstill(): readonly Standstill[] {
    return this.#session.reasons;
  }

  /** How many jobs run here. */
  get running(): number {
    return this.#roster.size;
  }

  /** How many jobs of the kind run here. */
  runningOf(kind: string): number {
    return this.#stations.get(kind)?.lane.running ?? 0;
  }

  /** Something says that rows of the kind wait. */
  wake(kind: string): void {
    void this.#claims.wake(kind, 'commit');
  }

  /** Comes to work: from here on rows of the kinds are claimed. */
  async start(): Promise<void> {
    const { database, clock, telemetry, bell, enabled } = this.#parts;
    this.#session.stand('disabled', !enabled);
    if (!enabled) telemetry.emit('paused', { reason: 'AGENTS_ENABLED=false' });
    wakeAfterCommit(database, (kind) => this.#committed(kind));
    await this.#listening.start();
    await this.#liveness.start();
    const onError = (error: unknown) => telemetry.emit('poll-failed', { error });
    void loop({ clock, everyMs: 1_000, signal: this.#stopping.signal, onError }, () => this.#claims.poll());
    for (const kind of this.#stations.keys()) {
      bell.serve(
        kind,
        () => this.#claims.wake(kind, 'ring').then(() => undefined),
        () => this.#claims.canTake(kind),
      );
    }
  }

  /**
   * Leaves in order: claims nothing more, lets running jobs end within the grace, gives the others back uncounted.
   * May be called again; all calls wait for the same end.
   */
  stop(graceMs: number): Promise<void> {
    this.#ending ??= this.#leave(graceMs);
    return this.#ending;
  }

  async #leave(graceMs: number): Promise<void> {
    const { clock, bell } = this.#parts;
    this.#session.stand('stopping', true);
    this.#stopping.abort();
    const bellClosed = bell.close(FAREWELL_MS);
    await within(clock, graceMs, this.#roster.whenEmpty(), undefined);
    for (const job of this.#roster.all()) job.stop();
    await within(clock, LAST_WORDS_MS, this.#roster.whenEmpty(), undefined);
    await within(clock, FAREWELL_MS, this.#sayFarewell(), undefined);
    this.#session.close();
    this.#stopped.abort();
    await within(
      clock,
      FAREWELL_MS,
      Promise.all([bellClosed, this.#grouped.close(), this.#listening.close()]),
      undefined,
    );
  }

  async #sayFarewell(): Promise<void> {
    const { telemetry, clock } = this.#parts;
    const { incarnation } = this.#session;
    const unfinished = this.#roster.cutAll('stopping');
    try {
      if (unfinished.length > 0)
        await this.#ledger.handBack(
          incarnation,
          unfinished.map(({ row }) => row),
        );
      for (const { id, kind, startedAt } of unfinished) {
        telemetry.emit('handed-back', { job: id, kind, durationMs: clock.monotonic() - startedAt });
      }
      await this.#ledger.stopWorker(incarnation);
    } catch (error) {
      // The next process of this slot, or the sweep of another one, finds what is left.
      telemetry.emit('postgres-away', { error });
    }
  }

  /** After a commit of this process: claimed here when a slot is free, else rung for whoever has one. */
  #committed(kind: string): void {
    if (this.#claims.canTake(kind)) void this.#claims.wake(kind, 'commit');
    else this.#parts.bell.ring(kind);
  }

  #turned(): void {
    if (!this.#session.takesWork) return;
    this.#claims.resumed().catch((error: unknown) => this.#parts.telemetry.emit('poll-failed', { error }));
  }

  #runner(ground: JobGround): Runner {
    const session = this.#session;
    const batch = new FinishBatch(this.#ledger);
    const completion = new Completion(ground, session, batch, (host) => this.#hint(host));
    return new Runner({
      ground,
      session,
      roster: this.#roster,
      completion,
      stopped: this.#stopped.signal,
      freed: (station) => this.#claims.freed(station),
      doubt: () => this.#unknown.doubt(),
    });
  }

  #claimsWith(runner: Runner): Claims {
    const { clock, telemetry, bell } = this.#parts;
    return new Claims({
      ledger: new Ledger(this.#control),
      session: this.#session,
      roster: this.#roster,
      stations: this.#stations,
      clock,
      telemetry,
      passage: this.#passage,
      start: (station, row) => runner.start(station, row),
      ring: (kind) => bell.ring(kind),
      ranOut: (kind) => this.#ranOut(kind),
      lost: () => this.#liveness.beatSoon(),
      unsure: () => this.#liveness.unsure(),
      doubt: () => this.#unknown.doubt(),
      signal: this.#stopping.signal,
    });
  }

  #unknownOf({ clock, telemetry, pulse: { compareMs } = pulse() }: WorkerParts): UnknownRows {
    return new UnknownRows({
      ledger: new Ledger(this.#control.reserved),
      session: this.#session,
      roster: this.#roster,
      passage: this.#passage,
      clock,
      telemetry,
      everyMs: compareMs,
    });
  }

  #livenessOf({ card, clock, telemetry, pulse: times = pulse() }: WorkerParts): Liveness {
    const control = this.#control.reserved;
    const parts = {
      control,
      ledger: new Ledger(control),
      session: this.#session,
      roster: this.#roster,
      clock,
      telemetry,
      pulse: times,
      signal: this.#stopped.signal,
      answered: () => void this.#unknown.look(),
    };
    return new Liveness(parts, card, (open) => {
      const kinds = this.#gates.learn(open);
      if (kinds.length > 0) this.#parts.lineReturned?.();
      for (const kind of kinds) void this.#claims.wake(kind, 'start');
    });
  }

  #listeningOf({ database, clock, telemetry }: WorkerParts): Listening {
    const parts = { database, claims: this.#claims, clock, telemetry, signal: this.#stopping.signal };
    return new Listening(parts, [...this.#stations.keys()], {
      listens: (listener) => this.#control.attach(listener),
      lost: () => this.#liveness.unsure(),
      cancelled: (job) => this.#roster.find(job)?.cancel(),
      changed: (what) => this.#changed(what),
    });
  }

  /** Most of what changes comes with the next heartbeat; what no heartbeat tells is found by looking. */
  #changed(what: string): void {
    this.#liveness.beatSoon();
    if (what === 'license' || what === `look ${this.#parts.card.agent}`) this.#claims.lookAgain();
  }

  /** The next class opens with a heartbeat of anybody: who sees that it is its turn does not wait for the usual one. */
  #ranOut(kind: string): void {
    if (this.#gates.holdsUp(kind)) this.#liveness.beatSoon();
  }

  #hint(host: string): void {
    if (host === '') return;
    this.#ledger.hint(host).catch((error: unknown) => this.#parts.telemetry.emit('hint-failed', { host, error }));
  }
}

function stationsOf(kinds: WorkerParts['kinds']): Map<string, Station> {
  return new Map(
    kinds.map(({ worked, handler }) => {
      const { name } = worked.kind;
      return [name, { worked, handler, lane: new Lane(name, worked.concurrency) }];
    }),
  );
}
