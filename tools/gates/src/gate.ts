/** What a gate found. A skipped gate could not be asked, which is neither good nor bad and is said aloud. */
export type Finding =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly complaint: string }
  | { readonly kind: 'skipped'; readonly reason: string };

/** One question about the repository that has to be answered with yes before a change is good. */
export interface Gate {
  readonly name: string;
  /** What to do when it is red. */
  readonly remedy: string;
  check(): Promise<Finding>;
}

export const passed: Finding = { kind: 'passed' };

/** A red gate; an empty complaint would leave the reader with nothing to go by. */
export function failed(complaint: string): Finding {
  return { kind: 'failed', complaint: complaint.trim() || 'it failed without a word' };
}

/** The finding of a program that answers by its exit code. */
export function byExitCode({ code, output }: { code: number; output: string }): Finding {
  return code === 0 ? passed : failed(output);
}
