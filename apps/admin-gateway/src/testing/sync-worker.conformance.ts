import { syncKinds } from '@nexora/contracts';
import { Database } from '@nexora/database';
import { enqueue, Ledger, type ClaimedJob } from '@nexora/outbox';
import { randomUUID } from 'node:crypto';
import type { GatewayUnderTest } from './gateway.conformance.ts';

/** The sync agent's part in a test: it enqueues jobs of its own and ends them as the test wants. */
export interface SyncWorker {
  /** As the agent's own login. */
  readonly database: Database;
  readonly ledger: Ledger;
  readonly incarnation: string;
  /** Puts a job in. Answers its id. */
  enqueue(): Promise<string>;
  /** Puts a job in and claims it. */
  claim(): Promise<ClaimedJob>;
  /** Puts a job in and buries it under this code. Answers its id. */
  bury(code?: string): Promise<string>;
  /** Puts a job in and finishes it. Answers its id. */
  finish(): Promise<string>;
  close(): Promise<void>;
}

/** Comes to work as the sync agent. */
export async function syncWorker(gateway: GatewayUnderTest): Promise<SyncWorker> {
  const database = await Database.open({ url: gateway.database.urlFor('sync'), poolSize: 2 });
  const ledger = new Ledger(database);
  const incarnation = randomUUID();
  await ledger.startWorker({ agent: 'sync', instance: 'sync-1', incarnation, about: { version: '1.2.3' } });
  const put = () => enqueue(database, syncKinds.audit, {});
  const claim = async (): Promise<ClaimedJob> => {
    const id = await put();
    const jobs = await ledger.claim({ incarnation, kind: syncKinds.audit.name, max: 100 });
    const mine = jobs.find((job) => job.id === id);
    if (mine === undefined) throw new Error('The claim did not bring the job.');
    await ledger.handBack(
      incarnation,
      jobs.filter((job) => job.id !== id),
    );
    return mine;
  };
  const bury = async (code = 'agents.failed'): Promise<string> => {
    const job = await claim();
    await ledger.bury(incarnation, job, { code, message: 'It broke.' });
    return job.id;
  };
  const finish = async (): Promise<string> => {
    const job = await claim();
    await ledger.finish(incarnation, job, { released: 0, unclaimed: [], adopted: 0 });
    return job.id;
  };
  return { database, ledger, incarnation, enqueue: put, claim, bury, finish, close: () => database.close() };
}
