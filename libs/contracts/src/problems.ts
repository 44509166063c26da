import { AGENTS_PROBLEMS } from './problems/agents.problems.ts';
import { CFDI_PROBLEMS } from './problems/cfdi.problems.ts';
import { HTTP_PROBLEMS } from './problems/http.problems.ts';
import { LICENSE_PROBLEMS } from './problems/license.problems.ts';
import type { Problem } from './problems/problem.ts';

/** Every stable error code of the house. A code, once published, keeps its meaning; other programs rely on it. */
export const PROBLEMS = { ...AGENTS_PROBLEMS, ...HTTP_PROBLEMS, ...CFDI_PROBLEMS, ...LICENSE_PROBLEMS };

/** A stable error code, `<room>.<fault>`. */
export type ProblemCode = keyof typeof PROBLEMS;

const TABLE: Readonly<Record<string, Problem>> = PROBLEMS;

/** The catalogue's line for a code that may come from elsewhere (an older row, a PAC); `undefined` when it is not ours. */
export function problemOf(code: string): Problem | undefined {
  return Object.hasOwn(TABLE, code) ? TABLE[code] : undefined;
}
