import type { ConnectivityState, InternetClass } from '@nexora/contracts';
import type { Sql } from '@nexora/database';
import { asking } from './errors.ts';

/** One verdict of the sync agent about the line. */
export interface ConnectivityReport {
  readonly state: ConnectivityState;
  readonly latencyMs?: number;
  /** Why it is not `online`. */
  readonly error?: string;
  /** Time that the outside told (HTTP `Date`): heals a high-water mark that a wrong clock once raised. */
  readonly outsideTime?: Date;
}

/** Writes the verdict. @returns True when the state changed. */
export async function reportConnectivity(db: Sql, report: ConnectivityReport): Promise<boolean> {
  const { state, latencyMs, error, outsideTime } = report;
  const rows = await asking(
    db.query<{ changed: boolean }>({
      text: 'SELECT agents.report_connectivity($1, $2, $3, $4) AS changed',
      values: [state, latencyMs ?? null, error ?? null, outsideTime ?? null],
    }),
  );
  return rows[0]?.changed ?? false;
}

/** Tells the sync agent that a host could not be reached, so that it looks at once. */
export async function hint(db: Sql, host: string): Promise<void> {
  await asking(db.query({ text: 'SELECT agents.hint($1)', values: [host] }));
}

/** Internet classes whose kinds may be claimed now. */
export async function openClasses(db: Sql): Promise<InternetClass[]> {
  const rows = await asking(db.query<{ open: InternetClass[] }>({ text: 'SELECT agents.open_classes() AS open' }));
  return rows[0]?.open ?? [];
}
