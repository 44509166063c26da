/** A process that ran this long was healthy: the next end starts from the first wait again. */
const HEALTHY_MS = 60_000;
const LONGEST_MS = 30_000;

/** Waits between the ends of a process and its next start: nearly none, then 1 s, 2 s, 4 s … 30 s. */
export class RestartWaits {
  private ends = 0;

  /** Milliseconds to wait after a run that lasted `ranMs`. */
  after(ranMs: number): number {
    this.ends = ranMs >= HEALTHY_MS ? 1 : this.ends + 1;
    return this.ends === 1 ? 100 : Math.min(1_000 * 2 ** (this.ends - 2), LONGEST_MS);
  }
}
