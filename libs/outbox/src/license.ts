import type { LicenseMode } from '@nexora/contracts';
import type { Sql } from '@nexora/database';
import { asking } from './errors.ts';

/** What the license agent decided. */
export interface LicenseReport {
  readonly mode: LicenseMode;
  /** Why it is not `valid`, in a few English words; at most 500 characters. */
  readonly reason?: string | null;
  /**
   * A time that the portal has signed for this house just now (fresh nonce): heals a high-water mark that a wrong clock
   * once raised.
   */
  readonly signedTime?: Date;
  /** What else the mode rests on, for who looks; at most 16 kB of JSON. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * Opens or closes the gate for new rows of kinds that need a licence; rows with an open intent always go on.
 * @returns True when the mode is another than before.
 */
export async function reportLicense(db: Sql, report: LicenseReport): Promise<boolean> {
  const { mode, reason = null, signedTime, details = {} } = report;
  const told = signedTime === undefined ? details : { ...details, signedTime: signedTime.toISOString() };
  const rows = await asking(
    db.query<{ changed: boolean }>({
      text: 'SELECT agents.report_license($1, $2, $3) AS changed',
      values: [mode, reason, JSON.stringify(told)],
    }),
  );
  return rows[0]?.changed ?? false;
}
