import type { Kind } from '@nexora/contracts';

/** What does not fit a schema: the place, never the value. */
export interface Misfit {
  readonly path: string;
  readonly message: string;
}

/** The handler made a result that its own kind does not know. A fault of the software: trying again is useless. */
export class ResultInvalid extends Error {
  override readonly name = 'ResultInvalid';

  constructor(
    kind: string,
    readonly misfits: readonly Misfit[],
  ) {
    super(`The result of ${kind} does not fit its schema: ${described(misfits)}`);
  }
}

/** The result as its kind's schema reads it. @throws ResultInvalid naming the places that are wrong. */
export function resultOf(kind: Kind, result: unknown): unknown {
  const parsed = kind.result.safeParse(result);
  if (parsed.success) return parsed.data;
  throw new ResultInvalid(kind.name, misfitsOf(parsed.error));
}

/** At most ten places where data do not fit a schema. */
export function misfitsOf(error: {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
}): Misfit[] {
  return error.issues.slice(0, 10).map(({ path, message }) => ({ path: path.map(String).join('.'), message }));
}

/** The places as one sentence. */
export function described(misfits: readonly Misfit[]): string {
  return misfits.map(({ path, message }) => `${path === '' ? 'the whole' : path}: ${message}`).join('; ');
}
