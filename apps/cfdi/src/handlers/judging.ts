import { Inject, Injectable } from '@nestjs/common';
import { AGENT_SETTINGS, CLOCK, Later } from '@nexora/agent';
import type { Clock } from '@nexora/runtime';
import type { CfdiSettings } from '../cfdi.settings.ts';
import type { ComprobanteRow, SealedRow } from '../store/comprobantes.ts';
import { Issuers } from '../store/issuers.ts';
import { TriedInVain, type Conclusion, type LookedUp, type NoStamp } from './conclusion.ts';
import { fateOf } from './fate-of.ts';
import { lastCall } from './last-call.ts';

/** What is judged: the row, its seal, what came of the try, and how often the job had failed before. */
export interface Case {
  readonly row: ComprobanteRow;
  readonly sealed: SealedRow;
  readonly host: string;
  readonly noStamp: NoStamp;
  readonly lookedUp: LookedUp;
  readonly failures: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Gathers what the fate of a try depends on, and judges it. */
@Injectable()
export class Judging {
  constructor(
    @Inject(Issuers) private readonly issuers: Issuers,
    @Inject(AGENT_SETTINGS) private readonly settings: CfdiSettings,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** What is to be written down, and how the job goes on. */
  async judge({ row, sealed, host, noStamp, lookedUp, failures }: Case): Promise<Conclusion> {
    const now = this.clock.now();
    const csd = await this.issuers.csdFor(row.emisor, now);
    const conclusion = fateOf(noStamp, {
      host,
      hadDoubts: row.isDoubtful,
      lookedUp,
      sealAgeMs: now.getTime() - sealed.sealedAt.getTime(),
      csdAgeMs: csd === null ? 0 : now.getTime() - csd.addedAt.getTime(),
      isCsdCurrent: csd === null || csd.certificado.numero === sealed.noCertificado,
    });
    if (!(conclusion.fate instanceof TriedInVain)) return conclusion;
    const due = lastCall(sealed.sealedAt, now, this.#waitMs(failures + 1));
    return due === null ? conclusion : { ...conclusion, fate: new Later(due, 'last call before 72 hours') };
  }

  /** The longest wait that the job's policy may choose after so many failures. */
  #waitMs(failures: number): number {
    return Math.min(MINUTE_MS * 2 ** (failures - 1), this.settings.CFDI_RETRY_MAX_HOURS * HOUR_MS);
  }
}
