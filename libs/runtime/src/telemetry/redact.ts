import { isGuardedKey, REDACTED, redactText } from './patterns.ts';

/** What a log line or an answer may hold. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

const DEEPEST = 6;
const MOST_ENTRIES = 50;

/**
 * Any value as plain JSON without secrets and personal data: texts by pattern, properties by name, nested errors with
 * their causes. Cycles, getters that throw, huge structures and binary data come out as a remark, never as an error.
 */
export function redact(value: unknown): Plain {
  return visit(value, 0, []);
}

function visit(value: unknown, depth: number, path: readonly unknown[]): Plain {
  switch (typeof value) {
    case 'string':
      return redactText(value);
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'boolean':
      return value;
    case 'bigint':
      return redactText(String(value));
    case 'object':
      return value === null ? null : visitObject(value, depth, path);
    default:
      return null;
  }
}

function visitObject(value: object, depth: number, path: readonly unknown[]): Plain {
  if (path.includes(value)) return '[circular]';
  if (depth >= DEEPEST) return '[deeper]';
  const within = [...path, value];
  if (value instanceof Error) return visitError(value, depth, within);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '[no date]' : value.toISOString();
  if (value instanceof URL) return redactText(value.href);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (value instanceof Map)
    return visitEntries(
      [...value].map(([key, item]) => [String(key), item]),
      depth,
      within,
    );
  if (value instanceof Set || Array.isArray(value)) return visitList([...value], depth, within);
  return visitEntries(readable(value), depth, within);
}

function visitList(items: readonly unknown[], depth: number, path: readonly unknown[]): Plain {
  const shown = items.slice(0, MOST_ENTRIES).map((item) => visit(item, depth + 1, path));
  return items.length > MOST_ENTRIES ? [...shown, `[${items.length - MOST_ENTRIES} more]`] : shown;
}

function visitEntries(
  entries: readonly (readonly [string, unknown])[],
  depth: number,
  path: readonly unknown[],
): Plain {
  const plain: Record<string, Plain> = {};
  for (const [key, item] of entries.slice(0, MOST_ENTRIES)) {
    if (typeof item === 'function' || typeof item === 'symbol' || item === undefined) continue;
    plain[redactText(key)] = isGuardedKey(key) && item !== null ? REDACTED : visit(item, depth + 1, path);
  }
  return plain;
}

function readable(value: object): [string, unknown][] {
  return Object.keys(value).map((key) => {
    try {
      return [key, (value as Record<string, unknown>)[key]];
    } catch {
      return [key, '[unreadable]']; // a getter that throws: nothing of it may be shown
    }
  });
}

/** Properties of an error that name a place or a class, never a value of a row or a request. */
const ERROR_FACTS = [
  'code',
  'errno',
  'syscall',
  'severity',
  'schema',
  'table',
  'column',
  'constraint',
  'routine',
  'status',
  'statusCode',
  'host',
  'hostname',
  'port',
  'job',
  'kind',
];

function visitError(error: Error, depth: number, path: readonly unknown[]): Plain {
  const plain: Record<string, Plain> = { type: text(error, 'name') || 'Error', message: messageOf(error) };
  for (const fact of ERROR_FACTS) {
    const value = property(error, fact);
    if (typeof value === 'string' || typeof value === 'number') plain[fact] = visit(value, depth, path);
  }
  const stack = framesOf(error);
  if (stack !== '') plain['stack'] = stack;
  const { cause, errors } = { cause: property(error, 'cause'), errors: property(error, 'errors') };
  if (cause !== undefined && cause !== null) plain['cause'] = visit(cause, depth + 1, path);
  if (Array.isArray(errors) && errors.length > 0) plain['errors'] = visitList(errors, depth, path);
  return plain;
}

/** SQLSTATE class 22 (data) quotes the value that it could not read, and so does JSON.parse: those quotes are emptied. */
function messageOf(error: Error): string {
  const message = text(error, 'message');
  const quotesData = /^22[0-9A-Z]{3}$/.test(text(error, 'code')) || /JSON/.test(message);
  return redactText(quotesData ? message.replace(/"[\s\S]*"|'[\s\S]*'/g, REDACTED) : message);
}

/** Only the frames: the first lines of a stack repeat the message. */
function framesOf(error: Error): string {
  const frames = text(error, 'stack')
    .split('\n')
    .filter((line) => /^\s+at /.test(line));
  return frames
    .slice(0, 12)
    .map((frame) => redactText(frame.trim()))
    .join('\n');
}

function text(error: Error, name: string): string {
  const value = property(error, name);
  return typeof value === 'string' ? value : '';
}

function property(error: Error, name: string): unknown {
  try {
    return (error as unknown as Record<string, unknown>)[name];
  } catch {
    return undefined; // a getter that throws: nothing of it may be shown
  }
}
