import type { Cut, RunningJob } from './running-job.ts';

/** The jobs that run in this process. */
export class Roster {
  readonly #jobs = new Map<string, RunningJob>();
  #onEmpty: (() => void)[] = [];

  get size(): number {
    return this.#jobs.size;
  }

  add(job: RunningJob): void {
    this.#jobs.set(job.id, job);
  }

  /** The job has ended, whatever came of it. */
  remove(job: RunningJob): void {
    // The same row may run again here before an older run of it has ended.
    if (this.#jobs.get(job.id) === job) this.#jobs.delete(job.id);
    if (this.#jobs.size > 0) return;
    const waiting = this.#onEmpty;
    this.#onEmpty = [];
    for (const resolve of waiting) resolve();
  }

  find(id: string): RunningJob | undefined {
    return this.#jobs.get(id);
  }

  all(): RunningJob[] {
    return [...this.#jobs.values()];
  }

  /** Stops waiting for all handlers; answers their jobs. */
  cutAll(why: Cut): RunningJob[] {
    const jobs = this.all();
    for (const job of jobs) job.cutShort(why);
    return jobs;
  }

  /** Resolves when nothing runs. */
  whenEmpty(): Promise<void> {
    return this.#jobs.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#onEmpty.push(resolve));
  }
}
