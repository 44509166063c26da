import type { z } from 'zod';

/** One place where data do not fit a schema. */
export interface Misfit {
  /** `conceptos[0].cantidad`; empty: the whole. */
  readonly path: string;
  /** Spanish, the end of a sentence that begins with the field's name; tells what is expected, never the value. */
  readonly message: string;
}

type Issue = z.core.$ZodIssue;

/** What is said of a field that the schema does not have. */
export const NOT_KNOWN = 'no se conoce; quítelo';

const TYPES: Readonly<Record<string, string>> = {
  string: 'texto',
  number: 'un número',
  int: 'un número entero',
  boolean: 'true o false',
  array: 'una lista',
  object: 'un objeto',
  record: 'un objeto',
  date: 'una fecha',
  null: 'null',
};

/**
 * What does not fit, in words for whoever sent the data. Parse with `reportInput: true`, else what is missing cannot be
 * told from what has another type.
 */
export function misfitsOf(issues: readonly Issue[]): Misfit[] {
  return issues.flatMap((issue) => misfitsOfOne(issue));
}

function misfitsOfOne(issue: Issue): Misfit[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: pathOf([...path, key]), message: NOT_KNOWN }));
  }
  if (issue.code === 'invalid_union') return misfitsOfUnion(issue);
  return [{ path: pathOf(path), message: messageOf(issue) }];
}

/** The one form that knows all the fields is the one that was meant; else the fields that would tell the forms apart. */
function misfitsOfUnion({ errors, path }: z.core.$ZodIssueInvalidUnion): Misfit[] {
  const meant = errors.filter((branch) => branch.every(({ code }) => code !== 'unrecognized_keys'));
  const [branch] = meant;
  const inside = (one: Issue): Issue => ({ ...one, path: [...path, ...one.path] });
  if (branch !== undefined && meant.length === 1) return misfitsOf(branch.map(inside));
  const fields = new Set(errors.flatMap(([first]) => (first === undefined ? [] : [pathOf(first.path)])));
  fields.delete('');
  const message = fields.size === 0 ? 'no es válido' : `debe llevar ${[...fields].join(' o ')}`;
  return [{ path: pathOf(path), message }];
}

function messageOf(issue: Exclude<Issue, { code: 'unrecognized_keys' | 'invalid_union' }>): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'falta' : `debe ser ${TYPES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return issue.input === undefined ? 'falta' : `debe ser ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return `debe ${sized(issue.origin, 'al menos', issue.minimum)}`;
    case 'too_big':
      return `debe ${sized(issue.origin, 'a lo más', issue.maximum)}`;
    case 'invalid_format':
      if (issue.format === 'uuid') return 'debe ser un UUID';
      return own(issue.message) ?? 'no tiene la forma esperada';
    default:
      return own(issue.message) ?? 'no es válido';
  }
}

function sized(origin: string, bound: string, limit: number | bigint): string {
  const s = Number(limit) === 1 ? '' : 's';
  if (origin === 'string') return `tener ${bound} ${limit} ${s === '' ? 'carácter' : 'caracteres'}`;
  return origin === 'array' ? `tener ${bound} ${limit} elemento${s}` : `ser ${bound} ${limit}`;
}

/** The sentence that the schema itself gives, where it does. */
function own(message: string): string | undefined {
  return message.startsWith('Invalid') ? undefined : message;
}

/** `['conceptos', 0, 'cantidad']` → `conceptos[0].cantidad`. */
function pathOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? String(step) : `${text}.${String(step)}`;
  }, '');
}
