import { Inject, Injectable } from '@nestjs/common';
import { CLOCK } from '@nexora/agent';
import { readXml } from '@nexora/comprobante';
import { HostResting, OutsideHosts } from '@nexora/connectivity';
import type { Clock } from '@nexora/runtime';
import { cadenaOriginal } from '../comprobante/cadena-original.ts';
import { believe, type Belief } from '../comprobante/timbre.ts';
import { Pac, type Verdict } from '../pac/pac.ts';
import type { SealedRow } from '../store/comprobantes.ts';
import type { NoStamp } from './fate-of.ts';
import { PacClock } from './pac-clock.ts';
import { SatKeys } from './sat-keys.ts';

/** What a try at the PAC came to, and how long it took. */
export type Tried = { readonly durationMs: number } & (
  | { readonly stamp: Extract<Belief, { readonly kind: 'ours' }>; readonly previous: boolean }
  | { readonly noStamp: NoStamp; readonly resting?: HostResting }
);

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

  /** Sends the sealed bytes. Answers what came of it; throws only for a fault of the program. */
  async ask(id: string, sealed: SealedRow, signal: AbortSignal): Promise<Tried> {
    const started = this.clock.monotonic();
    const verdict = await this.verdict(id, sealed, signal);
    const durationMs = this.clock.monotonic() - started;
    if (verdict instanceof HostResting) return { noStamp: RESTING, resting: verdict, durationMs };
    this.pacClock.note(verdict.skewMs);
    if (verdict.kind !== 'stamped') return { noStamp: verdict, durationMs };
    const belief = this.believed(verdict.xml, sealed);
    const { previous } = verdict;
    if (belief.kind === 'ours') return { stamp: belief, previous, durationMs };
    return { noStamp: { ...belief, previous }, durationMs };
  }

  private believed(xml: string, { bytes, sello, sealedAt, ...known }: SealedRow): Belief {
    const cadena = known.cadena ?? cadenaOriginal(readXml(bytes).root);
    return believe(xml, { sello, cadena, sealedAt, now: this.clock.now(), satKeys: this.satKeys.known });
  }

  private async verdict(id: string, { bytes }: SealedRow, signal: AbortSignal): Promise<Verdict | HostResting> {
    try {
      return await this.hosts.attempt(this.pac.host, () => this.pac.stamp({ customid: id, bytes }, signal), {
        failedBy: isSick,
        // The adapter answers every failure of the PAC; what it throws is our own.
        countsAsFailure: () => false,
      });
    } catch (error) {
      if (error instanceof HostResting) return error;
      throw error;
    }
  }
}

/** The breaker let nothing out. */
const RESTING: NoStamp = {
  kind: 'unsent',
  offline: false,
  code: 'resting',
  message: 'El PAC falla: se le da un descanso.',
};

/** Whether the verdict speaks of a host that is better left alone for a while. */
function isSick(verdict: Verdict): boolean {
  return verdict.kind === 'unknown' || verdict.kind === 'unsent';
}
