import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  MAX_BYTES,
  openCrl,
  openRenewed,
  openReply,
  readEnvelope,
  readKeys,
  type Crl,
  type Keyring,
  type License,
  type Reply,
} from '@nexora/licensing';
import { startPortal, type RunningPortal, type StartOptions } from './client.ts';
import type { Order } from './office/order.ts';
import type { Binding } from './office/records.ts';

/** Digests of a machine made up for a test; machines of other names share no fact. */
export function machine(name: string): Binding {
  const digest = (fact: string): string => Buffer.from(`${name} ${fact}`.padEnd(32)).toString('hex').slice(0, 64);
  return [digest('machine'), digest('serial'), digest('installation')];
}

/** An order that any office takes. */
export const sampleOrder: Order = { customer: 'Abarrotes Ñandú', rfc: 'EKU9003173C9', features: ['cfdi'] };

/** A nonce as installations make it. */
export function newNonce(): string {
  return randomBytes(32).toString('hex');
}

/** An answer as it came over the wire. */
export interface Heard {
  readonly status: number;
  readonly type: string | null;
  readonly headers: Headers;
  readonly text: string;
  readonly nonce: string;
}

/** A reply that verifies, with the licence in it. */
export interface Verified {
  readonly reply: Reply;
  readonly license: License | null;
}

/** A portal of a test's own. */
export class PortalUnderTest {
  readonly portal: RunningPortal;

  private constructor(portal: RunningPortal) {
    this.portal = portal;
  }

  static async start(options: Partial<StartOptions> = {}): Promise<PortalUnderTest> {
    const dir = mkdtempSync(join(tmpdir(), 'sandbox-portal-'));
    return new PortalUnderTest(await startPortal({ dir, ...options }));
  }

  /** Keys that an installation of now trusts. */
  async keyring(): Promise<Keyring> {
    return readKeys((await this.portal.vendor.publicKeysHex()).join(',')).keyring;
  }

  /** Asks for a renewal and reads the answer, whatever it is. */
  async ask(id: string, binding = machine('shop'), nonce = newNonce()): Promise<Heard> {
    return this.post(id, JSON.stringify({ nonce, binding }), nonce);
  }

  /** Posts any body to a licence's address. */
  async post(id: string, body: string, nonce = ''): Promise<Heard> {
    const response = await fetch(`${this.portal.url}/v1/licenses/${encodeURIComponent(id)}/renew`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
      redirect: 'manual',
    });
    return heard(response, nonce);
  }

  /** Verifies an answer as an installation does. Errors: Refused. */
  async verified(id: string, { text, nonce }: Heard): Promise<Verified> {
    const keyring = await this.keyring();
    const { content } = openReply(readEnvelope(text, MAX_BYTES.reply), keyring, new Map([[nonce, id]]));
    return { reply: content, license: openRenewed(content, keyring)?.content ?? null };
  }

  /** Asks, and verifies the answer. */
  async renewed(id: string, binding?: Binding): Promise<Verified> {
    return this.verified(id, await this.ask(id, binding));
  }

  /** Fetches a path. */
  async get(path: string, headers: Record<string, string> = {}): Promise<Heard> {
    return heard(await fetch(`${this.portal.url}${path}`, { headers, redirect: 'manual' }));
  }

  /** Fetches the revocation list and verifies it. Errors: Refused. */
  async crl(): Promise<Crl> {
    const { text } = await this.get('/v1/crl');
    return openCrl(readEnvelope(text, MAX_BYTES.crl), await this.keyring()).content;
  }

  async end(): Promise<void> {
    await this.portal.stop();
    rmSync(this.portal.dir, { recursive: true, force: true });
  }
}

async function heard(response: Response, nonce = ''): Promise<Heard> {
  const { status, headers } = response;
  return { status, type: headers.get('content-type'), headers, text: await response.text(), nonce };
}
