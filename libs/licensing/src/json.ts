import { Refused } from './refused.ts';

/** No document of ours nests deeper than five; a reader that follows a million brackets is a way to stop it. */
const DEEPEST = 16;

const unreadable = (es: string, en: string): Refused => new Refused('unreadable', { es, en });

/**
 * Reads JSON that means one thing only: valid UTF-8, no key twice in an object (however it is escaped), not nested without end.
 * `JSON.parse` alone keeps the last of two equal keys, so that two readers could read two documents from one signature.
 *
 * @throws {Refused} `unreadable`
 */
export function parseStrict(text: string | Uint8Array): unknown {
  // A mark of byte order is what some editors put before a file that a person brings; decoding bytes drops it too.
  const json = typeof text === 'string' ? text.replace(/^\uFEFF/, '') : decode(text);
  assertUniqueKeys(json);
  try {
    return JSON.parse(json) as unknown;
  } catch {
    throw unreadable('El archivo no es JSON o está incompleto.', 'The file is no JSON, or it is cut off.');
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw unreadable('El archivo no es texto UTF-8.', 'The file is no UTF-8 text.');
  }
}

/** Walks the brackets and strings; text that is no JSON passes here and fails in the parser. */
function assertUniqueKeys(json: string): void {
  const open: (Set<string> | null)[] = [];
  let expectsKey = false;
  for (let at = 0; at < json.length; at += 1) {
    const sign = json[at];
    if (sign === '"') {
      const end = endOfString(json, at);
      const keys = open.at(-1);
      if (expectsKey && keys) remember(keys, json.slice(at, end + 1));
      expectsKey = false;
      at = end;
    } else if (sign === '{' || sign === '[') {
      if (open.length === DEEPEST) {
        throw unreadable('El archivo está anidado sin medida.', 'The file is nested without measure.');
      }
      open.push(sign === '{' ? new Set() : null);
      expectsKey = sign === '{';
    } else if (sign === '}' || sign === ']') {
      open.pop();
      expectsKey = false;
    } else if (sign === ',') {
      expectsKey = open.at(-1) instanceof Set;
    }
  }
}

function endOfString(json: string, start: number): number {
  for (let at = start + 1; at < json.length; at += 1) {
    if (json[at] === '\\') at += 1;
    else if (json[at] === '"') return at;
  }
  return json.length;
}

function remember(keys: Set<string>, quoted: string): void {
  let key: string;
  try {
    key = JSON.parse(quoted) as string;
  } catch {
    return; // no JSON: the parser says so
  }
  if (keys.has(key)) {
    throw unreadable('El archivo repite una clave y podría leerse de dos maneras.', 'The file holds a key twice.');
  }
  keys.add(key);
}
