import type { LogLevel } from './levels.ts';
import type { CounterName, GaugeName, HistogramName } from './metric-table.ts';

/**
 * Type of a field in an event.
 * `id`: a UUID. `name`: a word of a closed vocabulary (kind, schedule, class, state). `text`: anything else that is a
 * text, redacted by pattern. `error`: anything thrown, redacted with its causes. `json`: plain data, redacted by name and
 * pattern. A `?` says that the field may be left out.
 */
export type FieldType = 'id' | 'name' | 'names' | 'text' | 'number' | 'flag' | 'error' | 'json';

interface FieldTypes {
  id: string;
  name: string;
  names: readonly string[];
  text: string;
  number: number;
  flag: boolean;
  error: unknown;
  json: unknown;
}

/** Fields of an event by name. Names are camelCase with the unit at the end (`waitMs`); lines carry them as snake_case. */
export type FieldsSpec = Readonly<Record<string, FieldType | `${FieldType}?`>>;

/** What an event does to a metric. Labels are fields of the event, or fixed words. */
export interface MetricUse {
  readonly metric: CounterName | GaugeName | HistogramName;
  /** Field that carries the value; a counter without one goes up by 1. A fixed number sets a gauge. */
  readonly value?: string | number;
  /** The value is divided by this: 1000 for a field in milliseconds and a metric in seconds. */
  readonly per?: number;
  /** Label → field of the event, or `=word` for a fixed word. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** One line of the table of events. */
export interface EventSpec {
  /** Level of the log line; `metric` writes none. */
  readonly level: LogLevel | 'metric';
  /** What happened, and what it means for the operator. */
  readonly doc: string;
  readonly fields: FieldsSpec;
  readonly metrics?: readonly MetricUse[];
  /** Log at most one line in this many milliseconds for the same values of `per`; the next line tells how many it stands for. */
  readonly quiet?: { readonly ms: number; readonly per: readonly string[] };
}

/** Keeps names and types of the fields literal and checks the shape of each line. */
export function events<const T extends Readonly<Record<string, EventSpec>>>(table: T): T {
  return table;
}

type Optional<F extends FieldsSpec> = { [K in keyof F]: F[K] extends `${string}?` ? K : never }[keyof F];
type TypeOf<T> = T extends `${infer B extends FieldType}?`
  ? FieldTypes[B]
  : T extends FieldType
    ? FieldTypes[T]
    : never;

/** The fields that an emitter of the event gives. */
export type FieldsOf<F extends FieldsSpec> = { readonly [K in Exclude<keyof F, Optional<F>>]: TypeOf<F[K]> } & {
  readonly [K in Optional<F>]?: TypeOf<F[K]> | null | undefined;
};
