import type { Type } from '@nestjs/common';
import type { RetryPolicy } from '@nexora/backoff';
import { z } from 'zod';
import { ownerOf, type Kind } from '@nexora/contracts';
import type { Declaration, ScheduleSpec } from '@nexora/outbox';
import { HOUSE_VERSION, type SettingsSchema } from '@nexora/runtime';
import type { Agent, ErasedHandler, Retry, SettingRef } from './define-agent.ts';
import { durationMs, type Duration } from './duration.ts';

/** How one kind is worked, with every setting read and every duration in milliseconds. */
export interface WorkedKind {
  readonly kind: Kind;
  readonly use: Type<ErasedHandler>;
  readonly retry: RetryPolicy;
  readonly concurrency: number;
  readonly timeoutMs: number;
  readonly total?: number;
  readonly rate?: { readonly count: number; readonly perMs: number };
}

/** A declaration that is ready to be worked. */
export interface ResolvedAgent {
  readonly kinds: readonly WorkedKind[];
  /** What the ledger is told. */
  readonly declaration: Declaration;
}

/** The declaration contradicts itself or a setting does not fit its use. The process must not start. */
export class DeclarationFault extends Error {
  override readonly name = 'DeclarationFault';
}

/** More slots than one claim can fill would only idle. */
const MOST_SLOTS = 100;
const SHORT: RetryPolicy = { firstMs: 1_000, factor: 2, ceilingMs: 60_000, jitter: 0.2, attempts: 20 };
const UNIT_MS: Readonly<Record<string, number>> = {
  milliseconds: 1,
  seconds: 1_000,
  minutes: 60_000,
  hours: 3_600_000,
  days: 86_400_000,
};

type Values = Readonly<Record<string, unknown>>;
type Written = Duration | SettingRef;

/**
 * Reads a declaration with the values of its settings.
 * @throws DeclarationFault with a sentence about the first thing that cannot be.
 */
export function resolveAgent(agent: Agent, values: Values): ResolvedAgent {
  return new Resolver(agent.settings, values).resolve(agent);
}

class Resolver {
  readonly #schema: SettingsSchema;
  readonly #values: Values;

  constructor(schema: SettingsSchema, values: Values) {
    this.#schema = schema;
    this.#values = values;
  }

  resolve(agent: Agent): ResolvedAgent {
    for (const key of Object.keys(agent.handlers)) {
      if (!Object.hasOwn(agent.kinds, key)) throw new DeclarationFault(`The handler "${key}" has no kind.`);
    }
    const kinds = Object.entries(agent.kinds).map(([key, kind]) => this.#kind(agent, key, kind));
    const declaration: Declaration = {
      agent: agent.name,
      version: agent.version ?? HOUSE_VERSION,
      kinds: kinds.map(({ kind, total, rate }) => ({
        kind,
        ...(total === undefined ? {} : { total }),
        ...(rate === undefined ? {} : { rate }),
      })),
      subscriptions: Object.entries(agent.subscriptions ?? {}).map(([event, key]) => ({
        event,
        kind: kindUnder(agent, key).name,
      })),
      schedules: (agent.schedules ?? []).map((schedule) => this.#schedule(agent, schedule)),
    };
    return { kinds, declaration };
  }

  #kind(agent: Agent, key: string, kind: Kind): WorkedKind {
    const handler = agent.handlers[key];
    if (handler === undefined) throw new DeclarationFault(`The kind ${kind.name} has no handler.`);
    if (ownerOf(kind) !== agent.name) {
      throw new DeclarationFault(`The kind ${kind.name} is not "${agent.name}.…"; an agent works its own kinds only.`);
    }
    const { total, rate } = handler;
    return {
      kind,
      use: handler.use,
      retry: this.#retry(handler.retry ?? 'short'),
      concurrency: this.#count(handler.concurrency ?? 1, `concurrency of ${kind.name}`, MOST_SLOTS),
      timeoutMs: this.#ms(handler.timeout),
      ...(total === undefined ? {} : { total: this.#count(total, `total of ${kind.name}`, 100_000) }),
      ...(rate === undefined
        ? {}
        : {
            rate: {
              count: this.#count(rate.starts, `rate of ${kind.name}`, 1_000_000),
              perMs: durationMs(rate.per),
            },
          }),
    };
  }

  #retry(retry: Retry): RetryPolicy {
    if (retry === 'short') return SHORT;
    const { first, factor = 2, ceiling, jitter = SHORT.jitter, attempts = SHORT.attempts } = retry;
    const most =
      attempts === 'unlimited' || attempts === null ? null : this.#count(attempts, 'attempts of a retry', 1_000_000);
    const firstMs = this.#ms(first);
    return { firstMs, factor, ceilingMs: Math.max(firstMs, this.#ms(ceiling)), jitter, attempts: most };
  }

  #schedule(agent: Agent, schedule: NonNullable<Agent['schedules']>[number]): ScheduleSpec {
    const kind = kindUnder(agent, schedule.run);
    const name = `${agent.name}.${schedule.name}`;
    if (!fits(kind, schedule.payload)) {
      throw new DeclarationFault(`The payload of schedule ${name} does not fit ${kind.name}.`);
    }
    const { missed = 'one', maxLate, description } = schedule;
    return {
      name,
      kind: kind.name,
      payload: schedule.payload,
      catchUp: missed,
      ...('cron' in schedule
        ? { cron: schedule.cron, zone: this.#text(schedule.zone) }
        : { everyMs: this.#ms(schedule.every), zone: 'UTC' }),
      ...(maxLate === undefined ? {} : { maxLateMs: durationMs(maxLate) }),
      ...(description === undefined ? {} : { description }),
    };
  }

  #ms(written: Written): number {
    if (typeof written === 'string') return durationMs(written);
    const value = this.#value(written);
    if (typeof value === 'string') return durationMs(value as Duration);
    const unitMs = UNIT_MS[this.#schema[written.setting]?.unit ?? ''];
    if (typeof value !== 'number' || !(value > 0) || unitMs === undefined) {
      throw new DeclarationFault(
        `${written.setting} is used as a duration; give it a unit of time and a number above 0.`,
      );
    }
    return value * unitMs;
  }

  #count(written: number | SettingRef, what: string, most: number): number {
    const value = typeof written === 'number' ? written : this.#value(written);
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > most) {
      throw new DeclarationFault(`The ${what} must be a whole number from 1 to ${most}.`);
    }
    return value;
  }

  #text(written: string | SettingRef): string {
    const value = typeof written === 'string' ? written : this.#value(written);
    if (typeof value !== 'string') throw new DeclarationFault('The zone of a schedule must be a text.');
    return value;
  }

  #value(ref: SettingRef): unknown {
    if (!Object.hasOwn(this.#values, ref.setting)) throw new DeclarationFault(`There is no setting ${ref.setting}.`);
    return this.#values[ref.setting];
  }
}

/** A schema that has to wait for something is asked when the job runs. */
function fits(kind: Kind, payload: unknown): boolean {
  try {
    return kind.payload.safeParse(payload).success;
  } catch (error) {
    return error instanceof z.core.$ZodAsyncError;
  }
}

function kindUnder(agent: Agent, key: string): Kind {
  const kind = agent.kinds[key];
  if (kind === undefined) throw new DeclarationFault(`The agent ${agent.name} has no kind under "${key}".`);
  return kind;
}
