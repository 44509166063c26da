import type { z } from 'zod';
import type { InternetClass } from './connectivity.ts';

/**
 * What a retry may do when nobody knows whether an outside effect happened and the outside cannot be asked.
 * `ask`: the job runs again and its handler asks the outside first what came of the open intent.
 * `at-most-once`: rather lost than doubled. `at-least-once`: rather doubled than lost.
 */
export type Delivery = 'ask' | 'at-most-once' | 'at-least-once';

/**
 * One sort of job: its name, what goes in, what comes out, and the promises that the ledger keeps for it. `I` is what
 * is handed over and stored, `P` what the schema makes of it for the handler; mostly the same.
 */
export interface Kind<P = unknown, R = unknown, I = P> {
  /** `<agent>.<verb>`, for instance `cfdi.stamp`. The agent before the dot owns the kind. */
  readonly name: string;
  /** Shape of the payload. JSON only; at most 262,144 bytes as text. */
  readonly payload: z.ZodType<P, I>;
  /** Shape of what the handler returns. JSON only; no personal data, since listings show it. */
  readonly result: z.ZodType<R>;
  /** Class in which rows wait while the Internet is away; `false` when the work is done inside the house. */
  readonly needsInternet: InternetClass | false;
  /** True when new rows wait while the licence is limited; what is under way (an open intent) goes on. */
  readonly needsLicense: boolean;
  /** True when a wrong clock must stop it; default: when it needs the Internet (certificates expire). */
  readonly dependsOnTime: boolean;
  readonly delivery: Delivery;
  /** True when rows carry an order key: of one key, only the oldest unfinished row may run. */
  readonly ordered: boolean;
  /** Logical callers besides the owner: `client` (the business application), `gateway`, or another agent's name. */
  readonly enqueuers: readonly string[];
  /** Top-level keys of the payload that job listings may show; all others are left out. */
  readonly shown: readonly string[];
}

/** What `defineKind` needs to be told; the rest has defaults. */
export type KindSpec<P, R, I = P> = Pick<Kind<P, R, I>, 'name' | 'payload' | 'result'> &
  Partial<Omit<Kind<P, R, I>, 'name' | 'payload' | 'result'>>;

/** A payload as the handler receives it. */
export type PayloadOf<K> = K extends Kind<infer P, unknown, unknown> ? P : never;

/** A payload as it is handed over, before the kind's schema has read it. */
export type InputOf<K> = K extends Kind<unknown, unknown, infer I> ? I : never;

/** What a handler of the kind returns. */
export type ResultOf<K> = K extends Kind<unknown, infer R, unknown> ? R : never;

/** The kinds of one agent, by the key under which its handlers are declared. */
export type KindMap = Readonly<Record<string, Kind>>;

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*\.[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/**
 * Declares a kind. Defaults: neither Internet nor licence needed, delivery `ask`, unordered, nobody but the owner enqueues, nothing
 * of the payload shown.
 * @throws TypeError when the name is not `<agent>.<verb>` in small letters, digits and hyphens.
 */
export function defineKind<P, R, I = P>(spec: KindSpec<P, R, I>): Kind<P, R, I> {
  if (!NAME.test(spec.name)) {
    throw new TypeError(
      `The kind name "${spec.name}" is not <agent>.<verb> in small letters; write it like "cfdi.stamp".`,
    );
  }
  return Object.freeze({
    needsInternet: false,
    needsLicense: false,
    dependsOnTime: (spec.needsInternet ?? false) !== false,
    delivery: 'ask',
    ordered: false,
    enqueuers: [],
    shown: [],
    ...spec,
  } satisfies Kind<P, R, I>);
}

/** Name of the agent that owns the kind: the part before the dot. */
export function ownerOf(kind: Pick<Kind, 'name'>): string {
  return kind.name.slice(0, kind.name.indexOf('.'));
}
