import type { Provider, Type } from '@nestjs/common';
import type { DomainEvent, DomainEventPayload, InputOf, Kind } from '@nexora/contracts';
import type { SettingsSchema } from '@nexora/runtime';
import type { Duration } from './duration.ts';
import type { Handler } from './job.ts';

/** Stands for the value of one of the agent's own settings; read when the agent starts. */
export interface SettingRef<Name extends string = string> {
  readonly setting: Name;
}

/** Refers to a setting of the agent inside its declaration; a name that it does not have does not compile. */
export function setting<const Name extends string>(name: Name): SettingRef<Name> {
  return { setting: name };
}

/** How a failed attempt is tried again. 'short' is for work inside the house: 1 s doubling to 1 min, 20 attempts. */
export type Retry<Name extends string = string> =
  | 'short'
  | {
      readonly first: Duration | SettingRef<Name>;
      readonly factor?: number;
      readonly ceiling: Duration | SettingRef<Name>;
      /** Part of each wait that is left to chance, 0 to 1; default 0.2. */
      readonly jitter?: number;
      /** Attempts in all, default 20; 'unlimited' for outages of an outside service. */
      readonly attempts?: number | 'unlimited' | SettingRef<Name>;
    };

/** How one kind is worked. */
export interface HandlerDeclaration<K extends Kind, Name extends string = string> {
  /** Nest provider with `handle(job)`. */
  readonly use: Type<Handler<K>>;
  /** Default 'short'. */
  readonly retry?: Retry<Name>;
  /** Jobs at once in one process; default 1. */
  readonly concurrency?: number | SettingRef<Name>;
  /** A run that takes longer is aborted and counts as a failed attempt. */
  readonly timeout: Duration | SettingRef<Name>;
  /** Jobs at once over all replicas. */
  readonly total?: number | SettingRef<Name>;
  /** Starts over all replicas, at most `starts` in any `per`. */
  readonly rate?: { readonly starts: number | SettingRef<Name>; readonly per: Duration };
}

/** What happens with slots that came while the house was off: one run, none, or each of them up to `all`. */
export type Missed = 'one' | 'skip' | { readonly all: number };

/** When a schedule is due: each so often, or by a cron line in the business's zone. */
export type Timing<Name extends string = string> =
  { readonly every: Duration | SettingRef<Name> } | { readonly cron: string; readonly zone: string | SettingRef<Name> };

/** A schedule that runs the kind under `Key`. */
export type ScheduleOf<K extends Kind, Key, Name extends string = string> = Timing<Name> & {
  readonly name: string;
  readonly run: Key;
  readonly payload: InputOf<K>;
  /** Default 'one'. */
  readonly missed?: Missed;
  /** A missed slot older than this is left out. */
  readonly maxLate?: Duration;
  /** For people: what it does, in one sentence. */
  readonly description?: string;
};

type Kinds = Readonly<Record<string, Kind>>;
type NameOf<S> = keyof S & string;
type AnySchedule<K extends Kinds, Name extends string> = {
  [Key in keyof K & string]: ScheduleOf<K[Key], Key, Name>;
}[keyof K & string];

type KeyThatTakes<K extends Kinds, E extends DomainEvent> = {
  [Key in keyof K & string]: DomainEventPayload<E> extends InputOf<K[Key]> ? Key : never;
}[keyof K & string];

/** An agent on one screen: everything that makes an app an agent. */
export interface AgentDeclaration<S extends SettingsSchema, K extends Kinds> {
  /** Name of the app's folder, and the part before the dot of its kinds' names. */
  readonly name: string;
  readonly version?: string;
  readonly settings: S;
  readonly kinds: K;
  /** Exactly the keys of `kinds`. */
  readonly handlers: { readonly [Key in keyof K]: HandlerDeclaration<NoInfer<K>[Key], NameOf<NoInfer<S>>> };
  readonly schedules?: readonly AnySchedule<NoInfer<K>, NameOf<NoInfer<S>>>[];
  /** Domain event → key of the own kind whose job follows; the event's payload becomes the job's. */
  readonly subscriptions?: { readonly [E in DomainEvent]?: KeyThatTakes<NoInfer<K>, E> };
  /** Nest providers that handlers are given: stores, seams, anything with a constructor or a factory. */
  readonly adapters?: readonly Provider[];
}

/** A handler whose kind is no longer known to the compiler; `defineAgent` has checked it. */
export interface ErasedHandler {
  readonly handle: (job: never) => Promise<unknown>;
}

/** A declaration as the worker reads it: the same object, its kinds' types erased. */
export interface Agent {
  readonly name: string;
  readonly version?: string;
  readonly settings: SettingsSchema;
  readonly kinds: Kinds;
  readonly handlers: Readonly<
    Record<string, Omit<HandlerDeclaration<Kind>, 'use'> & { readonly use: Type<ErasedHandler> }>
  >;
  readonly schedules?: readonly (Timing & Omit<ScheduleOf<Kind, string>, 'every' | 'cron' | 'zone'>)[];
  readonly subscriptions?: Readonly<Partial<Record<DomainEvent, string>>>;
  readonly adapters?: readonly Provider[];
}

/** Declares an agent. A plain object goes in and comes out; a handler that is missing, extra or wrong does not compile. */
export function defineAgent<const S extends SettingsSchema, K extends Kinds>(
  declaration: AgentDeclaration<S, K>,
): Agent {
  return declaration;
}
