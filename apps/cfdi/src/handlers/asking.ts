import { Inject, Injectable } from '@nestjs/common';
import { CLOCK } from '@nexora/agent';
import { readXml } from '@nexora/comprobante';
import { HostResting, OutsideHosts } from '@nexora/connectivity';
import type { Clock } from '@nexora/runtime';
import { cadenaOriginal } from '../comprobante/cadena-original.ts';
import { believe, type Belief } from '../comprobante/timbre.ts';
import { Pac, type Verdict } from '../pac/pac.ts';
import type { SealedRow } from '../store/comprobantes.ts';
import type { LookedUp, NoStamp } from './conclusion.ts';
import { PacClock } from './pac-clock.ts';
import { orResting, RESTING } from './resting.ts';
import { SatKeys } from './sat-keys.ts';

type Ours = Extract<Belief, { readonly kind: 'ours' }>;

/** What a try at the PAC came to, and how long it took. */
export type Tried = { readonly durationMs: number } & (
  | { readonly stamp: Ours; readonly previous: boolean }
  | { readonly noStamp: NoStamp; readonly lookedUp: LookedUp; readonly resting?: HostResting }
);

/** What a look-up gave: the stamp of an earlier try, an answer that cannot be believed, or a word about there being none. */
export type Looked = { readonly stamp: Ours } | { readonly noStamp: NoStamp } | { readonly lookedUp: LookedUp };

/** One try at the PAC, its answer judged. The same bytes again are the way to ask what became of an earlier try. */
@Injectable()
export class Asking {
  constructor(
    @Inject(Pac) private readonly pac: Pac,
    @Inject(OutsideHosts) private readonly hosts: OutsideHosts,
    @Inject(SatKeys) private readonly satKeys: SatKeys,
    @Inject(PacClock) private readonly pacClock: PacClock,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Name of the PAC that is asked. */
  get pacName(): string {
    return this.pac.name;
  }

  /** Its host. */
  get host(): string {
    return this.pac.host;
  }

  /** That the PAC is left alone just now, so that nothing is sealed for it; null when it is not. */
  get resting(): HostResting | null {
    const restMs = this.hosts.restsFor(this.pac.host);
    return restMs > 0 ? new HostResting(this.pac.host, restMs) : null;
  }

  /** Sends the sealed bytes. Answers what came of it; throws only for a fault of the program. */
  async ask(id: string, sealed: SealedRow, signal: AbortSignal): Promise<Tried> {
    const started = this.clock.monotonic();
    const verdict = await this.verdict(id, sealed, signal);
    const durationMs = this.clock.monotonic() - started;
    if (verdict instanceof HostResting) {
      return { noStamp: RESTING, lookedUp: 'not-asked', resting: verdict, durationMs };
    }
    this.pacClock.note(verdict.skewMs);
    if (verdict.kind !== 'stamped') return { noStamp: verdict, lookedUp: 'not-asked', durationMs };
    const belief = this.believed(verdict.xml, sealed);
    const { previous } = verdict;
    if (belief.kind === 'ours') return { stamp: belief, previous, durationMs };
    return { noStamp: { ...belief, previous }, lookedUp: 'not-asked', durationMs };
  }

  /** Asks what became of bytes that were sent before, without having anything stamped. */
  async lookUp(id: string, sealed: SealedRow, signal: AbortSignal): Promise<Looked> {
    const found = await this.pac.lookUp({ customid: id, bytes: sealed.bytes }, signal);
    switch (found.kind) {
      case 'found': {
        const belief = this.believed(found.xml, sealed);
        return belief.kind === 'ours' ? { stamp: belief } : { noStamp: { ...belief, previous: true } };
      }
      case 'never':
      case 'unsupported':
        return { lookedUp: found.kind };
      case 'unsent':
      case 'unknown':
        return { lookedUp: 'silent' };
    }
  }

  private believed(xml: string, { bytes, sello, sealedAt, ...known }: SealedRow): Belief {
    const cadena = known.cadena ?? cadenaOriginal(readXml(bytes).root);
    return believe(xml, { bytes, sello, cadena, sealedAt, now: this.clock.now(), satKeys: this.satKeys.known });
  }

  private async verdict(id: string, { bytes }: SealedRow, signal: AbortSignal): Promise<Verdict | HostResting> {
    const asked = this.hosts.attempt(this.pac.host, () => this.pac.stamp({ customid: id, bytes }, signal), {
      failedBy: failing,
      // The adapter answers every failure of the PAC; what it throws is our own.
      countsAsFailure: () => false,
    });
    const verdict = await orResting(asked);
    // Retry-After is meant for everybody, not for this comprobante alone.
    const isForAll = !(verdict instanceof HostResting) && verdict.kind === 'unknown';
    if (isForAll && verdict.retryAfterMs) this.hosts.rest(this.pac.host, verdict.retryAfterMs);
    return verdict;
  }
}

/** Whether the verdict speaks of a host that is better left alone for a while, or of the line to it. */
function failing({ kind }: Verdict): boolean | 'unreachable' {
  return kind === 'unsent' ? 'unreachable' : kind === 'unknown';
}
