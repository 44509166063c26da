import { SaxesParser } from 'saxes';
import type { Listed } from '../object-store.ts';

/** A page as the server told it; keys of others may be none that we would accept. */
export interface RawPage {
  readonly objects: readonly Listed[];
  readonly truncated: boolean;
}

interface Fields {
  key: string;
  size: number;
  modifiedAt: Date;
}

/** Reads the answer to ListObjectsV2. @throws Error when it is something else. */
export function readListing(xml: string): RawPage {
  const found: Fields[] = [];
  let truncated = false;
  let encoded = false;
  let isListing = false;
  const setters: Readonly<Record<string, (text: string) => void>> = {
    'ListBucketResult/IsTruncated': (text) => (truncated = text === 'true'),
    'ListBucketResult/EncodingType': (text) => (encoded = text === 'url'),
    'ListBucketResult/Contents/Key': (text) => onLast(found, (fields) => (fields.key = text)),
    'ListBucketResult/Contents/Size': (text) => onLast(found, (fields) => (fields.size = Number(text))),
    'ListBucketResult/Contents/LastModified': (text) => onLast(found, (fields) => (fields.modifiedAt = new Date(text))),
  };
  readElements(xml, {
    opened: (path) => {
      isListing ||= path === 'ListBucketResult';
      if (path === 'ListBucketResult/Contents')
        found.push({ key: '', size: Number.NaN, modifiedAt: new Date(Number.NaN) });
    },
    closed: (path, text) => setters[path]?.(text),
  });
  if (!isListing) throw new Error('the answer is no listing');
  return { objects: found.map((fields) => (encoded ? { ...fields, key: decoded(fields.key) } : fields)), truncated };
}

interface Elements {
  opened(path: string): void;
  /** The text is that of the element itself. */
  closed(path: string, text: string): void;
}

function readElements(xml: string, elements: Elements): void {
  const parser = new SaxesParser();
  const path: string[] = [];
  let text = '';
  parser.on('opentag', ({ name }) => {
    path.push(name);
    text = '';
    elements.opened(path.join('/'));
  });
  parser.on('text', (piece) => (text += piece));
  parser.on('closetag', () => {
    elements.closed(path.join('/'), text);
    path.pop();
    text = '';
  });
  parser.write(xml).close();
}

function onLast(found: readonly Fields[], set: (fields: Fields) => void): void {
  const last = found.at(-1);
  if (last !== undefined) set(last);
}

/** As S3 encodes keys on demand: form encoding, in which a space is a plus sign. */
function decoded(key: string): string {
  return decodeURIComponent(key.replaceAll('+', ' '));
}
