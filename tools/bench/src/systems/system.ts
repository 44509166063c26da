import type { ClientBase, Pool } from 'pg';

/** Where the private services of the run listen. */
export interface Services {
  readonly databaseUrl: string;
  readonly redisUrl: string;
}

/** What a consumer does for one job, the same for every system: see `touch` in effect.ts. */
export type Touch = (id: number) => Promise<void>;

/** Hears of a job at the start of its handler. */
export type Started = (id: number) => void;

/** Hears of a job once its effect is committed. */
export type Done = () => void;

/** A consumer that runs. */
export interface Consumer {
  stop(): Promise<void>;
}

/** The producing side of a system in one process. */
export interface Producer {
  /** Hands the job over inside the transaction that is open on this connection. */
  enqueue(connection: ClientBase, id: number): Promise<void>;
  /** For a system that cannot join the transaction: hands over after the commit (and may lose it between). */
  afterCommit?(id: number): Promise<void>;
  close(): Promise<void>;
}

/** One job queue of the comparison. Each runs in the form its own documentation gives. */
export interface System {
  readonly name: string;
  /** How it was configured; printed under the table. */
  readonly configuration: string;
  /** Makes schema and queues; called once, in the process that steers. */
  prepare(services: Services, admin: Pool): Promise<void>;
  /** Commits jobs for the ids from..to (inclusive) in bulk; not timed. */
  fill(services: Services, admin: Pool, from: number, to: number): Promise<void>;
  /** Removes every job, so that the next run starts from nothing. */
  empty(services: Services, admin: Pool): Promise<void>;
  /** How many jobs still stand in the queue, waiting or held by somebody. */
  left(services: Services, admin: Pool): Promise<number>;
  produce(services: Services): Promise<Producer>;
  consume(services: Services, heard: { started: Started; done: Done }): Promise<Consumer>;
}
