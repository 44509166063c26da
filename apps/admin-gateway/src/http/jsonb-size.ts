/** What the ledger takes at most, in bytes of the jsonb text. */
export const MAX_JSONB_BYTES = 262_144;

/**
 * Bytes of the text that Postgres makes of this value as jsonb (`octet_length(x::jsonb::text)`): as JSON.stringify
 * writes it, with one space after each comma and colon. Numbers are the exception (Postgres writes 1e5 as 100000); no
 * document of ours has more than small ones.
 */
export function jsonbTextBytes(value: unknown): number {
  if (Array.isArray(value)) {
    return 2 + separators(value.length) + sum(value.map(jsonbTextBytes));
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value);
    const pairs = entries.map(([key, item]) => bytesOf(key) + 2 + jsonbTextBytes(item));
    return 2 + separators(entries.length) + sum(pairs);
  }
  return bytesOf(value);
}

function separators(items: number): number {
  return Math.max(0, items - 1) * 2;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '');
}
