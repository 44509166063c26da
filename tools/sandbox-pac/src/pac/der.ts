/** One element of DER: its tag and its content. */
export interface Der {
  readonly tag: number;
  readonly content: Buffer;
}

/** Thrown for bytes that are not DER; the caller says what it was looking at. */
class NotDer extends Error {
  constructor() {
    super('Not DER');
    this.name = 'NotDer';
  }
}

function readOne(bytes: Buffer, at: number): { element: Der; next: number } {
  const tag = bytes[at];
  const short = bytes[at + 1];
  if (tag === undefined || short === undefined) throw new NotDer();
  const size = short < 0x80 ? 0 : short & 0x7f;
  if (size > 4 || (short >= 0x80 && size === 0) || at + 2 + size > bytes.length) throw new NotDer();
  const length = size === 0 ? short : bytes.readUIntBE(at + 2, size);
  const start = at + 2 + size;
  if (start + length > bytes.length) throw new NotDer();
  return { element: { tag, content: bytes.subarray(start, start + length) }, next: start + length };
}

/** Elements that stand one after the other in `bytes`. Errors: NotDer. */
export function readAll(bytes: Buffer): Der[] {
  const elements: Der[] = [];
  for (let at = 0; at < bytes.length;) {
    const { element, next } = readOne(bytes, at);
    elements.push(element);
    at = next;
  }
  return elements;
}

/** The only child at a path of positions, each inside the one before. Errors: NotDer when there is none. */
export function childAt(element: Der, ...path: number[]): Der {
  return path.reduce((parent, index) => {
    const child = readAll(parent.content)[index];
    if (child === undefined) throw new NotDer();
    return child;
  }, element);
}

/** Dotted form of an object identifier. */
export function oidOf(element: Der): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of element.content) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      arcs.push(arc);
      arc = 0;
    }
  }
  const [first = 0, ...rest] = arcs;
  const root = Math.min(Math.floor(first / 40), 2);
  return [root, first - root * 40, ...rest].join('.');
}

/** Text of a string element; the encodings that certificates use. */
export function textOf(element: Der): string {
  const bmp = 0x1e;
  const latin1 = 0x14;
  if (element.tag === bmp) return Buffer.from(element.content).swap16().toString('utf16le');
  return element.content.toString(element.tag === latin1 ? 'latin1' : 'utf8');
}
