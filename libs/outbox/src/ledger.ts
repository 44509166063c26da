import type { InternetClass, JobState } from '@nexora/contracts';
import type { Sql, Statement } from '@nexora/database';
import type { ClaimedJob, Held } from './claimed-job.ts';
import { claim, claimAlone, poll, type Appetite, type ClaimRequest, type Polled } from './claim.ts';
import * as completion from './complete.ts';
import type { Finished, JobError } from './complete.ts';
import * as line from './connectivity.ts';
import * as control from './control.ts';
import { declare, type Declaration } from './declare.ts';
import type { Heads } from './heads.ts';
import { reportLicense, type LicenseReport } from './license.ts';
import { declareLost, watch } from './sweep.ts';
import { beat, startWorker, stopWorker, tell, type Heartbeat, type WorkerCard } from './worker-registry.ts';

/**
 * The ledger's functions as a process sees them: one method per SQL function, no state. Methods that complete a job
 * throw `StaleFence` when the row is no longer this worker's.
 */
export class Ledger {
  readonly #db: Sql;

  constructor(db: Sql) {
    this.#db = db;
  }

  declare(declaration: Declaration): Promise<void> {
    return declare(this.#db, declaration);
  }

  startWorker(card: WorkerCard): Promise<{ postmasterStart: Date; lostRows: number }> {
    return startWorker(this.#db, card);
  }
  beat(incarnation: string): Promise<Heartbeat> {
    return beat(this.#db, incarnation);
  }
  tell(incarnation: string, about: Readonly<Record<string, unknown>>): Promise<boolean> {
    return tell(this.#db, incarnation, about);
  }
  stopWorker(incarnation: string): Promise<void> {
    return stopWorker(this.#db, incarnation);
  }
  watch(agent: string): Promise<{ incarnation: string; counter: string }[]> {
    return watch(this.#db, agent);
  }
  declareLost(incarnation: string, counter: string): Promise<number | null> {
    return declareLost(this.#db, incarnation, counter);
  }

  claim(request: ClaimRequest): Promise<ClaimedJob[]> {
    return claim(this.#db, request);
  }
  poll(incarnation: string, appetites: readonly Appetite[], heads?: Heads): Promise<Polled> {
    return poll(this.#db, incarnation, appetites, heads);
  }
  claimAlone(incarnation: string, kinds: readonly string[]): Promise<ClaimedJob | undefined> {
    return claimAlone(this.#db, incarnation, kinds);
  }

  fence(incarnation: string, job: Held): Promise<void> {
    return completion.fence(this.#db, incarnation, job);
  }
  intend(incarnation: string, job: Held, intent: { key: string; requestHash?: string }): Promise<void> {
    return completion.intend(this.#db, incarnation, job, intent);
  }
  intendWith<R>(
    incarnation: string,
    job: Held,
    intent: { key: string; requestHash?: string },
    effect: Statement,
  ): Promise<R[]> {
    return completion.intendWith<R>(this.#db, incarnation, job, intent, effect);
  }
  settle(incarnation: string, job: Held, outcome: string): Promise<void> {
    return completion.settle(this.#db, incarnation, job, outcome);
  }
  finish(incarnation: string, job: Held, result?: unknown, effect?: Statement): Promise<void> {
    return completion.finish(this.#db, incarnation, job, result, effect);
  }
  finishMany(incarnation: string, jobs: readonly Finished[]): Promise<string[]> {
    return completion.finishMany(this.#db, incarnation, jobs);
  }
  retry(
    incarnation: string,
    job: Held,
    failure: { delayMs: number; error: JobError; maxAttempts: number | null },
  ): Promise<JobState | undefined> {
    return completion.retry(this.#db, incarnation, job, failure);
  }
  later(incarnation: string, job: Held, pause: { delayMs: number; reason: JobError }): Promise<JobState | undefined> {
    return completion.later(this.#db, incarnation, job, pause);
  }
  bury(incarnation: string, job: Held, error: JobError): Promise<void> {
    return completion.bury(this.#db, incarnation, job, error);
  }
  doubt(incarnation: string, job: Held, error: JobError): Promise<void> {
    return completion.doubt(this.#db, incarnation, job, error);
  }
  cancelled(incarnation: string, job: Held): Promise<JobState | undefined> {
    return completion.cancelled(this.#db, incarnation, job);
  }
  handBack(incarnation: string, jobs: readonly Held[]): Promise<number> {
    return completion.handBack(this.#db, incarnation, jobs);
  }
  handBackUnknown(incarnation: string, knownIds: readonly string[]): Promise<number> {
    return completion.handBackUnknown(this.#db, incarnation, knownIds);
  }
  progress(incarnation: string, job: Held, fraction: number, phrase: string): Promise<void> {
    return completion.progress(this.#db, incarnation, job, fraction, phrase);
  }
  log(
    incarnation: string,
    job: Held,
    entry: { level: string; line: string; fields?: Readonly<Record<string, unknown>> },
  ): Promise<boolean> {
    return completion.log(this.#db, incarnation, job, entry);
  }

  cancel(job: string): Promise<control.Cancelled> {
    return control.cancel(this.#db, job);
  }
  retryJob(job: string): Promise<control.Retried> {
    return control.retryJob(this.#db, job);
  }
  hold(target: control.HoldTarget, reason: string, until?: Date): Promise<string> {
    return control.hold(this.#db, target, reason, until);
  }
  unhold(target: control.HoldTarget): Promise<boolean> {
    return control.unhold(this.#db, target);
  }
  pause(agent: string): Promise<'paused' | 'unknown'> {
    return control.pause(this.#db, agent);
  }
  resume(agent: string): Promise<'resumed' | 'unknown'> {
    return control.resume(this.#db, agent);
  }

  reportConnectivity(report: line.ConnectivityReport): Promise<boolean> {
    return line.reportConnectivity(this.#db, report);
  }
  reportLicense(report: LicenseReport): Promise<boolean> {
    return reportLicense(this.#db, report);
  }
  hint(host: string): Promise<void> {
    return line.hint(this.#db, host);
  }
  openClasses(): Promise<InternetClass[]> {
    return line.openClasses(this.#db);
  }
}
