/** Exit codes of every process of the house. */
export const EXIT = {
  /** Stopped as asked. */
  stopped: 0,
  /** An error that nobody caught, or a start that failed; starting again may help. */
  crashed: 1,
  /** Settings or ledger refuse this process (EX_CONFIG): starting again does not help, a person must. */
  refused: 78,
} as const;

/** Thrown by a start that a person must mend first, for instance when ledger and declaration disagree. Exit code 78. */
export class StartRefused extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartRefused';
  }
}
