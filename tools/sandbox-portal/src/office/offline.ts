import { bindingIn } from './order.ts';
import { OfficeRefused } from './refused.ts';
import type { Binding } from './records.ts';

/** What an installation asks to be renewed with. */
export interface RenewalRequest {
  readonly id: string;
  /** 64 hexadecimal digits that come back in the reply. */
  readonly nonce: string;
  readonly binding: Binding;
}

/** Longest id that is looked up. */
const longestId = 200;

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** Reads the object of a request with exactly these keys. Errors: OfficeRefused. */
export function renewalIn(id: string, value: unknown): RenewalRequest {
  const { nonce, binding, ...others } = record(value) ?? {};
  if (Object.keys(others).length > 0 || nonce === undefined || binding === undefined) {
    throw new OfficeRefused('the request must be {"nonce","binding"} and nothing else');
  }
  if (typeof nonce !== 'string' || !/^[0-9a-f]{64}$/.test(nonce)) {
    throw new OfficeRefused('the nonce must be 64 lower-case hexadecimal digits');
  }
  if (id === '' || id.length > longestId) throw new OfficeRefused(`the id must have 1 to ${longestId} characters`);
  const facts: unknown[] = Array.isArray(binding) ? binding : [];
  return { id, nonce, binding: bindingIn(facts.map((fact) => (typeof fact === 'string' ? fact : ''))) };
}

/** The part of a link, or of a text, that holds the request in base64url. */
function encodedIn(text: string): string {
  const link = /[?&]request=([A-Za-z0-9_-]+)/.exec(text);
  return link?.[1] ?? text;
}

function objectIn(text: string): unknown {
  const json = text.startsWith('{') ? text : Buffer.from(encodedIn(text), 'base64url').toString('utf8');
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}

/**
 * Reads a request that was carried by hand: its JSON `{id, nonce, binding}`, that in base64url, or the link that holds
 * it. Errors: OfficeRefused.
 */
export function offlineRequestIn(text: string): RenewalRequest {
  const { id, ...rest } = record(objectIn(text.trim())) ?? {};
  if (typeof id !== 'string')
    throw new OfficeRefused('this is no request of an installation: {"id","nonce","binding"}');
  return renewalIn(id, rest);
}
