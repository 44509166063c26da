import type { Database } from '@nexora/database';
import { fireDueSlots, type FiredSlot } from '@nexora/outbox';
import type { Clock, Telemetry } from '@nexora/runtime';
import { loop } from './loops.ts';

/** How often due slots are looked for. */
const TICK_MS = 1_000;

/** What ticking needs. */
export interface TickingParts {
  readonly agent: string;
  readonly database: Database;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly signal: AbortSignal;
  /** False while the agent takes no work: then its schedules do not fire either. */
  readonly takesWork: () => boolean;
  /** Told of the kind of each job that a slot has become. */
  readonly fired: (kind: string) => void;
}

/** Fires the due slots of an agent every second. The ledger sees to it that each slot runs once, whoever ticks. */
export function tick(parts: TickingParts): Promise<void> {
  const { agent, database, clock, telemetry, signal } = parts;
  const onError = (error: unknown) => telemetry.emit('schedule-failed', { error });
  return loop({ clock, everyMs: TICK_MS, signal, onError }, async () => {
    if (!parts.takesWork()) return;
    const { fired, missed } = await fireDueSlots(database, agent);
    for (const each of fired) {
      tell(each, clock, telemetry);
      parts.fired(each.kind);
    }
    for (const { schedule, slots } of missed)
      telemetry.emit('schedule-missed', { schedule, slots, policy: 'given up' });
  });
}

function tell({ schedule, slot, job }: FiredSlot, clock: Clock, telemetry: Telemetry): void {
  const lateMs = Math.max(0, clock.now().getTime() - slot.getTime());
  telemetry.emit('schedule-fired', { schedule, slot: slot.toISOString(), job, lateMs });
}
