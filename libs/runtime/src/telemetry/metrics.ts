import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { eventSpec, EVENTS, type EventName } from './events.ts';
import type { MetricUse } from './event-spec.ts';
import { METRICS, type MetricName, type MetricSpec } from './metric-table.ts';

type Fields = Readonly<Record<string, unknown>>;
type Update = (fields: Fields) => void;
type Meter = (labels: Record<string, string>, value: number) => void;

/** How often the event loop's lag is sampled. Ten milliseconds, the default, would cost every idle process 0.35 % of a core. */
const LOOP_SAMPLE_MS = 50;
/** Label values come from closed vocabularies; should one not, memory stays bounded. */
const MOST_LABEL_SETS = 500;

/** The metrics of one process, fed by events. Only metrics that something has touched are shown. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #meters = new Map<MetricName, Meter>();
  readonly #updates = new Map<EventName, readonly Update[]>();

  constructor(agent: string) {
    this.#registry.setDefaultLabels({ agent });
  }

  /** Also collects Node's own figures: event loop lag, garbage collection, memory, handles. */
  collectDefaults(): void {
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: LOOP_SAMPLE_MS });
  }

  /** Lets an event have its effect on the metrics that the table names. */
  record(event: EventName, fields: Fields): void {
    for (const update of this.#updatesOf(event)) update(fields);
  }

  /**
   * Shows counters at 0 before anything happened, for every combination of these values: a rate over a counter that
   * appears with its first event would miss just that event. Counters with a label that is not named here wait.
   * @param known Field of events → its possible values: `{ kind: ['cfdi.stamp'] }`.
   */
  expect(known: Readonly<Record<string, readonly string[]>>): void {
    for (const use of COUNTED) {
      const meter = this.#meter(use.metric);
      for (const labels of combinations(Object.entries(use.labels ?? {}), known)) meter(labels, 0);
    }
  }

  /** All metrics in Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** Content type of `text()`. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  #updatesOf(event: EventName): readonly Update[] {
    const known = this.#updates.get(event);
    if (known !== undefined) return known;
    const updates = (eventSpec(event).metrics ?? []).map((use) => this.#updateFor(use));
    this.#updates.set(event, updates);
    return updates;
  }

  #updateFor(use: MetricUse): Update {
    const meter = this.#meter(use.metric);
    const labelsOf = labelMaker(Object.entries(use.labels ?? {}));
    return (fields) => {
      const value = valueOf(use, fields);
      if (Number.isFinite(value)) meter(labelsOf(fields), value);
    };
  }

  #meter(name: MetricName): Meter {
    const known = this.#meters.get(name);
    if (known !== undefined) return known;
    const meter = this.#create(name, METRICS[name]);
    this.#meters.set(name, meter);
    return meter;
  }

  #create(name: MetricName, spec: MetricSpec): Meter {
    const config = { name, help: spec.help, labelNames: spec.labels, registers: [this.#registry] };
    switch (spec.type) {
      case 'counter': {
        const counter = new Counter(config);
        return (labels, value) => counter.inc(labels, Math.max(0, value));
      }
      case 'gauge': {
        const gauge = new Gauge(config);
        return (labels, value) => gauge.set(labels, value);
      }
      case 'histogram': {
        const histogram = new Histogram({ ...config, buckets: [...(spec.buckets ?? [])] });
        return (labels, value) => histogram.observe(labels, value);
      }
    }
  }
}

/** Everything that events do to counters. */
const COUNTED: readonly MetricUse[] = (Object.keys(EVENTS) as EventName[])
  .flatMap((name) => eventSpec(name).metrics ?? [])
  .filter((use) => METRICS[use.metric].type === 'counter');

function combinations(
  labels: readonly (readonly [string, string])[],
  known: Readonly<Record<string, readonly string[]>>,
): Record<string, string>[] {
  return labels.reduce<Record<string, string>[]>(
    (sets, [label, source]) => {
      const values = source.startsWith('=') ? [source.slice(1)] : (known[source] ?? []);
      return sets.flatMap((set) => values.map((value) => ({ ...set, [label]: value })));
    },
    [{}],
  );
}

function valueOf(use: MetricUse, fields: Fields): number {
  if (use.value === undefined) return 1;
  const value = typeof use.value === 'number' ? use.value : fields[use.value];
  return Number(value) / (use.per ?? 1);
}

/** Sets of labels come again and again, one per kind mostly: each is made once. */
function labelMaker(labels: readonly (readonly [string, string])[]): (fields: Fields) => Record<string, string> {
  const made = new Map<string, Record<string, string>>();
  return (fields) => {
    let key = '';
    for (const [, source] of labels) key += `${labelOf(source, fields)}\n`;
    let set = made.get(key);
    if (set === undefined) {
      set = Object.fromEntries(labels.map(([label, source]) => [label, labelOf(source, fields)]));
      if (made.size < MOST_LABEL_SETS) made.set(key, set);
    }
    return set;
  };
}

function labelOf(source: string, fields: Fields): string {
  return source.startsWith('=') ? source.slice(1) : String(fields[source] ?? 'none');
}

/** Events that touch a metric; for the generated page and its test. */
export function sourcesOf(metric: MetricName): EventName[] {
  return (Object.keys(EVENTS) as EventName[]).filter((name) =>
    eventSpec(name).metrics?.some((use) => use.metric === metric),
  );
}
