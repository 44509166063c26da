import { redact, type Plain } from '@nexora/runtime';

/**
 * What may be kept and shown: without secrets and personal data, and without what jsonb and text cannot hold (NUL, half
 * a surrogate pair). A word about a job must never be unable to be kept.
 */
export function storable(value: unknown): Plain {
  return holdable(redact(value));
}

/** The same for a text. */
export function storableText(text: string): string {
  const told = storable(text);
  return typeof told === 'string' ? told : '';
}

function holdable(value: Plain): Plain {
  if (typeof value === 'string') return holdableText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return (value as readonly Plain[]).map(holdable);
  const fields = Object.entries(value as Readonly<Record<string, Plain>>);
  return Object.fromEntries(fields.map(([key, item]) => [holdableText(key), holdable(item)]));
}

function holdableText(text: string): string {
  return text.replaceAll('\u0000', '').toWellFormed();
}
