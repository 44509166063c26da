import type { Pool } from 'pg';
import { type Outcome, outcome, resetEffects } from '../effect.ts';
import { percentile } from '../numbers.ts';
import { ConsumerProcess, produce } from '../processes.ts';
import type { Services, System } from '../systems/system.ts';
import { effectsDone, type Throughput } from './drain.ts';

/**
 * Eight producers commit a business row and its job in one transaction as fast as they can, one
 * consumer works. Counted: handlers started within the producers' seconds, as effects per second.
 */
export async function sustained(system: System, services: Services, admin: Pool, seconds: number): Promise<Throughput> {
  const { starts, produced, result } = await stream(system, services, admin, { seconds, rate: 0 });
  const inTime = starts.filter(([, at]) => at <= produced.ended).length;
  return { perSecond: inTime / ((produced.ended - produced.began) / 1e6), ...result };
}

/** Waiting times of a paced run in milliseconds, from just before the COMMIT to the handler's start. */
export interface Waiting extends Outcome {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Jobs at an even pace. */
export async function paced(
  system: System,
  services: Services,
  admin: Pool,
  plan: { seconds: number; rate: number },
): Promise<Waiting> {
  const { starts, produced, result } = await stream(system, services, admin, plan);
  const committed = new Map(produced.commits);
  const waits = starts.flatMap(([id, at]) => {
    const since = committed.get(id);
    return since === undefined ? [] : [(at - since) / 1000];
  });
  return { p50: percentile(waits, 0.5), p95: percentile(waits, 0.95), p99: percentile(waits, 0.99), ...result };
}

async function stream(system: System, services: Services, admin: Pool, plan: { seconds: number; rate: number }) {
  await resetEffects(admin, 0);
  await system.empty(services, admin);
  await admin.query('CHECKPOINT');
  const consumer = await ConsumerProcess.start(system, services);
  const produced = await produce(system, services, { first: 1, ...plan });
  await effectsDone(admin, produced.commits.length);
  const { starts } = await consumer.report();
  await consumer.stop();
  const result: Outcome = await outcome(admin, await system.left(services, admin));
  return { starts, produced, result };
}
