import { misfitsOf, type Kind, type Misfit } from '@nexora/contracts';

/** Places that are told; the rest is seen once these are mended. */
const MOST = 10;

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
  const parsed = fitted(kind.result, result);
  if ('data' in parsed) return parsed.data;
  throw new ResultInvalid(kind.name, parsed.misfits);
}

/** The data as a schema reads them, or at most ten places that do not fit. */
export function fitted(
  schema: Kind['result'],
  data: unknown,
): { readonly data: unknown } | { readonly misfits: readonly Misfit[] } {
  const parsed = schema.safeParse(data, { reportInput: true });
  return parsed.success ? { data: parsed.data } : { misfits: misfitsOf(parsed.error.issues).slice(0, MOST) };
}

/** The places as one sentence. */
export function described(misfits: readonly Misfit[]): string {
  return misfits.map(({ path, message }) => `${path === '' ? 'todo' : path}: ${message}`).join('; ');
}
