import type { Clock } from '../clock.ts';
import { HouseClock } from '../clock.ts';
import { eventSpec, type EventFields, type EventName } from './events.ts';
import { linePlan } from './line.ts';
import type { LogLevel } from './levels.ts';
import { Log, standardOutput, type LineSink } from './log.ts';
import { Metrics } from './metrics.ts';
import { Quiet } from './quiet.ts';
import type { Plain } from './redact.ts';
import { traceStorage } from './trace-context.ts';
import { noTracing, type SpanOptions, type Tracing } from './traces.ts';

/** What a process tells about itself in every line. */
export interface TelemetryOptions {
  /** Name of the app, as in `apps/<name>`. */
  readonly agent: string;
  readonly instance?: string;
  readonly level?: LogLevel;
  readonly sink?: LineSink;
  readonly clock?: Clock;
  readonly tracing?: Tracing;
}

/** Bound by no child: most events of a quick job are told without a copy. */
const NOTHING: Readonly<Record<string, unknown>> = {};

interface Parts {
  readonly log: Log;
  readonly sink: LineSink;
  readonly metrics: Metrics;
  readonly quiet: Quiet;
  tracing: Tracing;
}

/**
 * The one mouth of a process. Code emits events of the table in `events.ts`; from there come the log line, the metrics
 * and, where spans are on, the trace.
 */
export class Telemetry {
  readonly #parts: Parts;
  readonly #bound: Readonly<Record<string, unknown>>;

  private constructor(parts: Parts, bound: Readonly<Record<string, unknown>>) {
    this.#parts = parts;
    this.#bound = bound;
  }

  /** Telemetry of a process; lines go to standard output unless a sink is given. */
  static open(options: TelemetryOptions): Telemetry {
    const sink = options.sink ?? standardOutput();
    const base = { agent: options.agent, ...(options.instance === undefined ? {} : { instance: options.instance }) };
    const log = new Log(base, options.level ?? 'info', sink);
    const quiet = new Quiet(options.clock ?? new HouseClock());
    const tracing = options.tracing ?? noTracing;
    return new Telemetry({ log, sink, quiet, tracing, metrics: new Metrics(options.agent) }, NOTHING);
  }

  /** The same telemetry with fields that every line of it carries (`job`, `kind`, `attempt`), as far as its event knows them. */
  child(fields: Readonly<Record<string, string | number>>): Telemetry {
    return new Telemetry(this.#parts, { ...this.#bound, ...fields });
  }

  /** Tells an event. Never throws and never waits. */
  emit<E extends EventName>(event: E, fields: EventFields<E>): void {
    const told = this.#bound === NOTHING ? fields : { ...this.#bound, ...fields };
    this.#parts.metrics.record(event, told);
    const { level } = eventSpec(event);
    if (level !== 'metric' && this.#parts.log.writes(level)) this.#write(event, level, told);
  }

  /** Runs the work as a span of the trace; with tracing off only the trace that came from outside is handed on. */
  span<T>(name: string, options: SpanOptions, work: () => Promise<T>): Promise<T> {
    return this.#parts.tracing.span(name, options, work);
  }

  /** The place in the trace, for a header or the row of a new job; null outside any trace. */
  currentTraceparent(): string | null {
    return traceStorage.getStore()?.traceparent ?? null;
  }

  /** Metrics in Prometheus' text format. */
  metrics(): Promise<string> {
    this.#tellLostLines();
    return this.#parts.metrics.text();
  }

  /** Also collects Node's own figures (event loop lag, garbage collection, memory). */
  collectDefaultMetrics(): void {
    this.#parts.metrics.collectDefaults();
  }

  /**
   * Shows counters at 0 before their first event, so that a rate does not miss it: `{ kind: […], schedule: […] }`.
   * Counters without labels, or with fixed ones, are shown by `expect({})`.
   */
  expect(known: Readonly<Record<string, readonly string[]>>): void {
    this.#parts.metrics.expect(known);
  }

  /** Switches spans on; children made before follow. */
  useTracing(tracing: Tracing): void {
    this.#parts.tracing = tracing;
  }

  /** Writes out what waits: spans within two seconds, then log lines. */
  async close(): Promise<void> {
    await this.#parts.tracing.close();
    await this.flush();
  }

  /** Waits for log lines that are still on their way, at most half a second. */
  flush(): Promise<void> {
    return this.#parts.sink.flush();
  }

  #write(event: EventName, level: LogLevel, told: Readonly<Record<string, unknown>>): void {
    const suppressed = this.#parts.quiet.admit(event, told);
    if (suppressed === undefined) return;
    const line: Record<string, Plain> = { event, ...linePlan(event)(told) };
    const traceId = traceStorage.getStore()?.traceId;
    if (traceId !== undefined) line['trace_id'] = traceId;
    if (suppressed > 0) line['suppressed'] = suppressed;
    this.#parts.log.write(level, line);
  }

  #tellLostLines(): void {
    const lines = this.#parts.sink.takeLost();
    if (lines > 0) this.emit('log-lines-lost', { lines });
  }
}
