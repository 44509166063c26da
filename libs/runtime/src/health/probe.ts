/** What a probe found. The detail is for the operator; it is redacted before anybody sees it. */
export interface ProbeResult {
  readonly status: 'up' | 'down';
  readonly detail?: string;
}

/** Asks one part that the process depends on whether it answers. */
export interface Probe {
  /** `postgres`, `redis`, `storage`, `internet`. */
  readonly name: string;
  /** False when work goes on without the part: it is shown as down, and the process stays ready. Default true. */
  readonly needed?: boolean;
  /** May throw: that is `down` with the error's message. The signal aborts after two seconds. */
  check(signal: AbortSignal): Promise<ProbeResult>;
}
