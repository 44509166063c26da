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
export async function resultOf(kind: Kind, result: unknown): Promise<unknown> {
  const parsed = await fitted(kind.result, result);
  if ('data' in parsed) return parsed.data;
  throw new ResultInvalid(kind.name, parsed.misfits);
}

/** The data as a schema reads them, or at most ten places that do not fit. */
export type Fitted = { readonly data: unknown } | { readonly misfits: readonly Misfit[] };

/**
 * Reads data by a schema, which may wait for something. Never throws: a schema that itself fails is told as a misfit,
 * without its message, which may repeat the data.
 */
export async function fitted(schema: Kind['result'], data: unknown): Promise<Fitted> {
  try {
    const parsed = await schema.safeParseAsync(data, { reportInput: true });
    return parsed.success ? { data: parsed.data } : { misfits: misfitsOf(parsed.error.issues).slice(0, MOST) };
  } catch (error) {
    const name = error instanceof Error ? error.name : typeof error;
    return { misfits: [{ path: '', message: `el esquema mismo falló (${name})` }] };
  }
}

/** The places as one sentence. */
export function described(misfits: readonly Misfit[]): string {
  return misfits.map(({ path, message }) => `${path === '' ? 'todo' : path}: ${message}`).join('; ');
}
