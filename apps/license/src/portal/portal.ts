import { exchange } from './exchange.ts';
import { PortalFailed } from './portal-failed.ts';

/** All that one visit to the portal may take, both questions together. */
const VISIT_MS = 30_000;
const REPLY_BYTES = 65_536;
const CRL_BYTES = 1_048_576;

/** What the portal is told: nothing else leaves the house. */
export interface RenewRequest {
  /** 64 hex digits, never used before. */
  readonly nonce: string;
  readonly binding: readonly [string, string, string];
}

/** A revocation list as the portal gave it, not looked at yet; `unchanged` when ours is the latest. */
export type FetchedCrl = { readonly text: Uint8Array; readonly etag: string | null } | 'unchanged';

/** The vendor's portal. It is believed nothing: what it gives is bytes, which others verify. */
export class Portal {
  readonly #base: URL | undefined;

  /** @param url Its address, '' when there is none. */
  constructor(url: string) {
    this.#base = url === '' ? undefined : new URL(url.endsWith('/') ? url : `${url}/`);
  }

  /** True when there is an address at all. */
  get isSet(): boolean {
    return this.#base !== undefined;
  }

  /** Its host, for the sync agent. */
  get host(): string {
    return this.#base?.host ?? '';
  }

  /** Begins a visit: what is asked in it shares one time limit. @param stop Ends it before. */
  visit(stop?: AbortSignal): Visit {
    const limit = AbortSignal.timeout(VISIT_MS);
    return new Visit(this.#base, stop === undefined ? limit : AbortSignal.any([limit, stop]));
  }
}

/** What is asked of the portal within one time limit. */
export class Visit {
  readonly #base: URL | undefined;
  readonly #deadline: AbortSignal;

  constructor(base: URL | undefined, deadline: AbortSignal) {
    this.#base = base;
    this.#deadline = deadline;
  }

  /** Asks for a renewed licence. @returns The reply's bytes. @throws PortalFailed */
  async renew(licenseId: string, { nonce, binding }: RenewRequest): Promise<Uint8Array> {
    const { body } = await exchange({
      url: this.#at(`v1/licenses/${encodeURIComponent(licenseId)}/renew`),
      method: 'POST',
      body: JSON.stringify({ nonce, binding }),
      maxBytes: REPLY_BYTES,
      deadline: this.#deadline,
    });
    return body;
  }

  /** Asks for the revocation list. @param etag Of the one that we have. @throws PortalFailed */
  async crl(etag: string | null): Promise<FetchedCrl> {
    const answer = await exchange({
      url: this.#at('v1/crl'),
      method: 'GET',
      ...(etag === null ? {} : { headers: { 'if-none-match': etag } }),
      maxBytes: CRL_BYTES,
      deadline: this.#deadline,
    });
    if (answer.status === 304) return 'unchanged';
    return { text: answer.body, etag: etagOf(answer.etag) };
  }

  #at(path: string): URL {
    if (this.#base === undefined) throw new PortalFailed('unset');
    return new URL(path, this.#base);
  }
}

/** Kept only when it can be sent back as it came. */
function etagOf(etag: string | undefined): string | null {
  return etag !== undefined && /^(W\/)?"[\x21\x23-\x7e]{0,200}"$/.test(etag) ? etag : null;
}
