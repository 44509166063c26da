import type { Sql } from '@nexora/database';
import type { Call } from '../http/call.ts';

/** One thing that was changed. Names things by id; no person's datum, no secret. */
export interface AuditEntry {
  /** `<thing>.<verb>`, for instance `job.cancel`. */
  readonly action: string;
  /** Id or name of what was changed. */
  readonly target: string;
  readonly detail?: Readonly<Record<string, string | number | boolean | null>>;
}

/** Writes who did what, from where and when, in the transaction that does it. */
export async function audit(tx: Sql, call: Call, entry: AuditEntry): Promise<void> {
  await tx.query({
    name: 'gateway_audit',
    text: `INSERT INTO gateway.audit
             (at, caller_kind, caller_id, caller_name, role, address, action, target, detail, request_id)
           VALUES (agents.now(), $1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    values: [
      call.caller?.kind ?? 'nobody',
      call.caller?.id ?? null,
      call.caller?.name ?? '',
      call.caller?.role ?? '',
      call.address,
      entry.action,
      entry.target,
      JSON.stringify(entry.detail ?? {}),
      call.requestId,
    ],
  });
}
