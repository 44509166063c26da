import { Injectable } from '@nestjs/common';
import type { Tx } from '@nexora/database';
import { audit, type AuditEntry } from '../auth/audit.ts';
import { Postgres } from '../store/postgres.ts';
import type { Call } from './call.ts';
import { claimKey, fingerprintOf, keepAnswer } from './idempotency.ts';
import { RawAnswer } from './raw-answer.ts';

/** What a change leaves behind. */
export interface Done {
  readonly status: number;
  readonly body: unknown;
  /** null when nothing was changed (the same request once more). */
  readonly audit: AuditEntry | null;
}

/** Every change that the API makes: the change, its audit entry and its idempotency key commit together or not at all. */
@Injectable()
export class Acts {
  constructor(private readonly postgres: Postgres) {}

  /**
   * Runs `work` in one transaction, or answers what the first request with the same Idempotency-Key was answered.
   * @throws Problem from the work, 409 for a key of another request, 503 while Postgres is away.
   */
  async act(call: Call, work: (tx: Tx) => Promise<Done>): Promise<RawAnswer> {
    const fingerprint = await fingerprintOf(call);
    return this.postgres.transaction(async (tx) => {
      const replay = await claimKey(tx, call, fingerprint);
      if (replay !== null) return replay;
      const done = await work(tx);
      if (done.audit !== null) await audit(tx, call, done.audit);
      const answer = new RawAnswer(done.status, done.body);
      await keepAnswer(tx, call, answer);
      return answer;
    });
  }
}
