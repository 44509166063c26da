import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAuthority } from '../ca/authority.ts';
import { makeDemoIssuer } from '../ca/issuers.ts';
import { sampleComprobante, sealerOf } from '../sample.ts';
import { Memory } from './memory.ts';
import { Pac } from './pac.ts';
import { trustOf } from './trust.ts';

/** One place in a document's text and what stands there instead. */
export type Change = readonly [from: string | RegExp, to: string];

/** A PAC of its own for a spec. */
export interface Judge {
  /** What becomes of the sample with these changes, sealed after them: `stamped`, or the code of the refusal. */
  changed(...changes: readonly Change[]): Promise<string>;
  end(): Promise<void>;
}

/** Applies the changes; each must meet something, so that no spec proves nothing. */
function apply(xml: string, changes: readonly Change[]): string {
  return changes.reduce((text, [from, to]) => {
    const after = text.replaceAll(from instanceof RegExp ? new RegExp(from, 'g') : from, to);
    if (after === text) throw new Error(`Nothing to change: ${from.toString()}`);
    return after;
  }, xml);
}

/** Starts a PAC that judges changed samples. */
export async function startJudge(): Promise<Judge> {
  const dir = mkdtempSync(join(tmpdir(), 'sandbox-pac-judge-'));
  const sealer = await sealerOf(await makeDemoIssuer(dir));
  const authority = await openAuthority(dir);
  const memory = await Memory.open(join(dir, 'pac.jsonl'));
  const pac = new Pac(memory, await trustOf(authority.certificate, undefined), authority.stamping);
  return {
    async changed(...changes) {
      const xml = sampleComprobante(sealer, { change: (text) => apply(text, changes) });
      const now = new Date();
      const outcome = await pac.stamp({ xml, customid: null, now, received: now });
      return outcome.kind === 'refused' ? outcome.refusal.code : outcome.kind;
    },
    async end() {
      await memory.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
