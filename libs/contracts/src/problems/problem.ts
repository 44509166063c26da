/** One line of the catalogue of errors. */
export interface Problem {
  /** What is wrong, in one English line, without values; the `title` of an RFC 9457 answer. */
  readonly title: string;
  /** HTTP status, where the problem can reach a caller; the gateway's `http/problem.ts` has the last word. */
  readonly status?: number;
  /** What is wrong and how to mend it, for owners and customers. */
  readonly es: string;
  /** The same sentence in English. */
  readonly en: string;
}

/** Keeps the codes as literal types and checks the shape of each line. */
export function problems<const T extends Readonly<Record<string, Problem>>>(table: T): T {
  return table;
}
