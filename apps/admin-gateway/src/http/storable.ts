import { Problem, type InputFault } from './problem.ts';

/** Deeper nesting than this is refused before anything recursive sees the body; our deepest document has six levels. */
const MAX_DEPTH = 32;

interface Visit {
  readonly value: unknown;
  readonly path: string;
  readonly depth: number;
}

/**
 * Refuses what JSON and URLs allow but the house cannot keep: U+0000 and half surrogate pairs (Postgres refuses both),
 * a key `__proto__`, and nesting over 32 levels. Walks without recursion: 100,000 brackets must not end in a stack
 * overflow.
 * @throws Problem 400 for a field name and for nesting, 422 for text.
 */
export function refuseUnstorable(root: unknown): void {
  const open: Visit[] = [{ value: root, path: '', depth: 0 }];
  const unstorable: InputFault[] = [];
  for (let visit = open.pop(); visit !== undefined; visit = open.pop()) {
    const { value, path, depth } = visit;
    if (depth > MAX_DEPTH) throw new Problem('http.malformed', `The input is nested deeper than ${MAX_DEPTH} levels.`);
    if (typeof value === 'string') {
      if (!isStorable(value)) unstorable.push(textFault(path));
    } else if (Array.isArray(value)) {
      value.forEach((item: unknown, index) => open.push({ value: item, path: `${path}[${index}]`, depth: depth + 1 }));
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        refuseKey(key, path);
        open.push({ value: item, path: path === '' ? key : `${path}.${key}`, depth: depth + 1 });
      }
    }
  }
  if (unstorable.length > 0) {
    throw new Problem('http.unprocessable', 'A text holds a character that cannot be stored.', { errors: unstorable });
  }
}

function refuseKey(key: string, path: string): void {
  if (key !== '__proto__' && isStorable(key)) return;
  const message = 'A field name is not allowed here; remove the field.';
  throw new Problem('http.malformed', message, { errors: [{ path, message }] });
}

function isStorable(text: string): boolean {
  return !text.includes('\u0000') && text.isWellFormed();
}

function textFault(path: string): InputFault {
  return { path, message: 'Holds U+0000 or half of a surrogate pair; remove it.' };
}
