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
  const errors = issues.flatMap(faultsOf);
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

function faultsOf(issue: z.core.$ZodIssue): InputFault[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: pathOf([...issue.path, key]), message: 'is not known; remove it' }));
  }
  return [{ path: pathOf(issue.path), message: messageOf(issue) }];
}

function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_format' && issue.format === 'uuid') return 'must be a UUID';
  return issue.message;
}

/** `['conceptos', 0, 'cantidad']` → `conceptos[0].cantidad`. */
function pathOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? String(step) : `${text}.${String(step)}`;
  }, '');
}

const PLACES: Readonly<Record<InputPlace, string>> = {
  params: 'the path',
  query: 'the query',
  body: 'the body',
};

function sentence(errors: readonly InputFault[], place: InputPlace): string {
  const [first] = errors;
  if (first === undefined) return `A value in ${PLACES[place]} is wrong.`;
  const where = first.path === '' ? PLACES[place] : `"${first.path}" in ${PLACES[place]}`;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more, see errors)` : '';
  return `${where.charAt(0).toUpperCase()}${where.slice(1)}: ${first.message}${more}.`;
}
