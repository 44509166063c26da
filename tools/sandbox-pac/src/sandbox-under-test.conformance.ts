import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { makeDemoIssuer } from './ca/issuers.ts';
import { startSandbox, type RunningSandbox } from './client.ts';
import type { LoggedRequest } from './pac/memory.ts';
import { descend, namespaces, parse, type XmlElement } from './pac/document.ts';
import { sealerOf, type Sealer } from './sample.ts';
import { SwCaller, type SwAnswer } from './sw/caller.ts';

/** A sandbox of a test's own, an issuer that it trusts, and a caller that has signed in. */
export interface SandboxUnderTest {
  readonly sandbox: RunningSandbox;
  readonly sealer: Sealer;
  readonly caller: SwCaller;
  readonly token: string;
  /** Asks for a stamp. */
  stamp(xml: Buffer, customid?: string): Promise<SwAnswer>;
  /** The last request that reached the PAC. */
  lastLogged(): Promise<LoggedRequest | undefined>;
  end(): Promise<void>;
}

/** Starts it in a folder that `end` removes. */
export async function sandboxUnderTest(): Promise<SandboxUnderTest> {
  const dir = mkdtempSync(join(tmpdir(), 'sandbox-pac-it-'));
  const sealer = await sealerOf(await makeDemoIssuer(dir));
  const sandbox = await startSandbox({ dir });
  const caller = new SwCaller(sandbox);
  const token = await caller.token();
  return {
    sandbox,
    sealer,
    caller,
    token,
    stamp: (xml, customid) => caller.stamp(xml, customid, { token }),
    lastLogged: async () => (await sandbox.client.log()).at(-1),
    end: async () => {
      await sandbox.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

let customids = 0;

/** A customid that no other request has. */
export function newCustomid(): string {
  return `row-${(customids += 1)}`;
}

/** How the log names a document. */
export function sha256(xml: Buffer): string {
  return createHash('sha256').update(xml).digest('hex');
}

/** The one timbre in a stamped comprobante. */
export function timbreIn(cfdi: string): XmlElement {
  const [complement] = descend(parse(Buffer.from(cfdi, 'utf8')).root, 'Complemento');
  const timbres = complement?.children.filter((child) => child.namespace === namespaces.tfd) ?? [];
  expect(timbres).toHaveLength(1);
  return timbres[0]!;
}

/** UUID of an answer; empty when it has none. */
export function uuidOf(answer: SwAnswer): string {
  return answer.body?.data?.uuid ?? '';
}
