import type { Kind } from '@nexora/contracts';
import type { Sql } from '@nexora/database';
import { asking, DeclarationRefused } from './errors.ts';
import { checkSchedule, type ScheduleSpec } from './schedules.ts';

/** A kind as its agent works it: the contract's promises plus limits over all replicas. */
export interface DeclaredKind {
  readonly kind: Kind;
  /** Rows that may run at once over all replicas. */
  readonly total?: number;
  /** Rows that may start per time span over all replicas. */
  readonly rate?: { readonly count: number; readonly perMs: number };
}

/** Everything that an agent tells the ledger when it starts. */
export interface Declaration {
  readonly agent: string;
  readonly version: string;
  readonly kinds: readonly DeclaredKind[];
  /** Event name → own kind that it becomes a job of. */
  readonly subscriptions?: readonly { readonly event: string; readonly kind: string }[];
  readonly schedules?: readonly ScheduleSpec[];
}

function kindRow({ kind, total, rate }: DeclaredKind) {
  return {
    name: kind.name,
    needsInternet: kind.needsInternet === false ? null : kind.needsInternet,
    delivery: kind.delivery,
    ordered: kind.ordered,
    enqueuers: kind.enqueuers,
    shown: kind.shown,
    dependsOnTime: kind.dependsOnTime,
    needsLicense: kind.needsLicense,
    total: total ?? null,
    rate: rate ?? null,
  };
}

/**
 * Writes kinds, subscriptions and schedules of an agent into the ledger; all replicas may do it at once.
 * @throws DeclarationRefused when ledger and declaration disagree: the process must not start.
 */
export async function declare(db: Sql, declaration: Declaration): Promise<void> {
  const { agent, version, kinds, subscriptions = [], schedules = [] } = declaration;
  schedules.forEach(checkedSchedule);
  await asking(
    db.query({
      text: 'SELECT agents.declare($1, $2, $3, $4, $5)',
      values: [
        agent,
        version,
        JSON.stringify(kinds.map(kindRow)),
        JSON.stringify(subscriptions),
        JSON.stringify(schedules.map(scheduleRow)),
      ],
    }),
  );
}

function checkedSchedule(spec: ScheduleSpec): void {
  try {
    checkSchedule(spec);
  } catch (error) {
    const why = error instanceof Error ? error.message : 'the rule cannot be read';
    throw new DeclarationRefused('agents.refused-to-start', `The schedule ${spec.name} cannot be kept: ${why}`, error);
  }
}

function scheduleRow(spec: ScheduleSpec) {
  const { catchUp = 'one', maxLateMs, spacingMs, ...rest } = spec;
  const mode = typeof catchUp === 'string' ? { mode: catchUp, max: 1 } : { mode: 'all', max: catchUp.all };
  return {
    ...rest,
    catchUp: mode.mode,
    catchUpMax: mode.max,
    maxLateMs: maxLateMs ?? null,
    spacingMs: spacingMs ?? 30_000,
  };
}
