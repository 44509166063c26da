import { Inject, Injectable } from '@nestjs/common';
import { Comprobantes } from '../store/comprobantes.ts';
import { Asking, type Tried } from './asking.ts';
import type { Trial } from './concluding.ts';

/** A request may take 5 minutes; before that "never stamped" may mean "not yet". */
const SETTLED_MS = 10 * 60_000;

/**
 * After a refusal, asks the PAC for earlier tries of unknown outcome: only a clear "never stamped" settles them, and
 * only when none of them can be under way still.
 */
@Injectable()
export class LookingUp {
  constructor(
    @Inject(Asking) private readonly asking: Asking,
    @Inject(Comprobantes) private readonly comprobantes: Comprobantes,
  ) {}

  /** What the try came to, with what the look-up says where there was a reason to ask. */
  async settle({ row, sealed, attempt }: Trial, tried: Tried, signal: AbortSignal): Promise<Tried> {
    if (!row.isDoubtful || !('noStamp' in tried) || !isAboutTheBytes(tried)) return tried;
    const looked = await this.asking.lookUp(row.id, sealed, signal);
    const { durationMs } = tried;
    if ('stamp' in looked) return { stamp: looked.stamp, previous: true, durationMs };
    if ('noStamp' in looked) return { noStamp: looked.noStamp, lookedUp: 'not-asked', durationMs };
    if (looked.lookedUp !== 'never') return { ...tried, lookedUp: looked.lookedUp };
    const youngestMs = await this.comprobantes.doubtAgeMs(row.id, attempt);
    const isOver = youngestMs === null || youngestMs > SETTLED_MS;
    return { ...tried, lookedUp: isOver ? 'never' : 'silent' };
  }
}

/** The account's state says nothing about the bytes. */
function isAboutTheBytes({ noStamp }: Extract<Tried, { readonly noStamp: unknown }>): boolean {
  return noStamp.kind === 'refused' && noStamp.of !== 'account';
}
