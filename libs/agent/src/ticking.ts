import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Database } from '@nexora/database';
import { fireDueSlots, type FiredSlot } from '@nexora/outbox';
import type { Clock, Telemetry } from '@nexora/runtime';

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

/**
 * Fires the due slots of an agent every second. Nest's scheduler gives the ticks and nothing else: which slots are due,
 * and that each runs once whoever ticks, is the ledger's.
 */
@Injectable()
export class Ticking {
  #parts: TickingParts | undefined;
  #busy = false;

  /** From now on ticks count. */
  begin(parts: TickingParts): void {
    this.#parts = parts;
  }

  /** One tick; while a slow one goes on, the next ones are left out. */
  @Interval(TICK_MS)
  async tick(): Promise<void> {
    const parts = this.#parts;
    if (parts === undefined || this.#busy || parts.signal.aborted || !parts.takesWork()) return;
    this.#busy = true;
    try {
      await fire(parts);
    } catch (error) {
      parts.telemetry.emit('schedule-failed', { error });
    } finally {
      this.#busy = false;
    }
  }
}

async function fire({ agent, database, clock, telemetry, fired: tell }: TickingParts): Promise<void> {
  const { fired, missed, failed } = await fireDueSlots(database, agent);
  for (const each of fired) {
    telemetry.emit('schedule-fired', factsOf(each, clock));
    tell(each.kind);
  }
  for (const { schedule, slots } of missed) telemetry.emit('schedule-missed', { schedule, slots, policy: 'given up' });
  for (const { schedule, error } of failed) telemetry.emit('schedule-failed', { schedule, error });
}

function factsOf({ schedule, slot, job }: FiredSlot, clock: Clock) {
  return { schedule, slot: slot.toISOString(), job, lateMs: Math.max(0, clock.now().getTime() - slot.getTime()) };
}
