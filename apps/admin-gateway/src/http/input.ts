import { misfitsOf } from '@nexora/contracts';
import type { z } from 'zod';
import { Problem, type InputFault, type ProblemCode } from './problem.ts';

/** Where a part of the input came from; what counts as malformed differs. */
export type InputPlace = 'params' | 'query' | 'body';

/** Faults of shape in any place: the wrong JSON type, a field nobody knows, a field that is missing. */
const MALFORMED = new Set(['invalid_type', 'unrecognized_keys', 'invalid_union', 'invalid_key', 'invalid_element']);
/** In a path or a query everything is text, so a text of the wrong form is the wrong type. */
const MALFORMED_TEXT = new Set(['invalid_format', 'custom']);

/**
 * Reads one part of a request by its schema.
 * @throws Problem 400 when the shape is wrong, 422 when the shape is right but a rule is broken (404 in a path). All
 *   faults at once.
 */
export function readInput<T>(schema: z.ZodType<T>, value: unknown, place: InputPlace): T {
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const errors = misfitsOf(issues);
  throw new Problem(codeOf(issues, place), sentence(errors, place), { errors });
}

function codeOf(issues: readonly z.core.$ZodIssue[], place: InputPlace): ProblemCode {
  if (issues.some((issue) => isFaultOfShape(issue, place))) return 'http.malformed';
  // A path with a word outside its catalogue leads nowhere.
  return place === 'params' ? 'http.not-found' : 'http.unprocessable';
}

function isFaultOfShape(issue: z.core.$ZodIssue, place: InputPlace): boolean {
  if (MALFORMED.has(issue.code)) return true;
  // zod tells a number where a word is wanted by the same code as a word that is not in the catalogue.
  if (issue.code === 'invalid_value') return typeof issue.input !== typeof issue.values[0];
  if (place !== 'body') return MALFORMED_TEXT.has(issue.code);
  return issue.code === 'invalid_format' && issue.format === 'uuid';
}

const PLACES: Readonly<Record<InputPlace, string>> = {
  params: 'la ruta',
  query: 'la consulta',
  body: 'el cuerpo',
};

function sentence(errors: readonly InputFault[], place: InputPlace): string {
  const [first] = errors;
  if (first === undefined) return `Hay un valor equivocado en ${PLACES[place]}.`;
  const where = first.path === '' ? '' : `, «${first.path}»`;
  const more = errors.length > 1 ? ` (y ${errors.length - 1} más, vea errors)` : '';
  return `En ${PLACES[place]}${where}: ${first.message}${more}.`;
}
