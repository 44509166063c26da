import type { Span, Tracer } from '@opentelemetry/api';
import type { BatchSpanProcessorOptions, TracerProviderOptions } from '@opentelemetry/sdk-trace';
import { redact } from './redact.ts';
import { parseTraceparent, traceStorage } from './trace-context.ts';

/** What a span is told at its start. */
export interface SpanOptions {
  /** The place that it continues, from a header or from the row of a job. */
  readonly traceparent?: string | null | undefined;
  /** Facts about it, by OpenTelemetry's names. No personal data. */
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
}

/** Makes spans, or only hands on the place in a trace that came from outside. */
export interface Tracing {
  span<T>(name: string, options: SpanOptions, work: () => Promise<T>): Promise<T>;
  /** Sends what waits, for at most two seconds. */
  close(): Promise<void>;
}

/** Without an endpoint no span is made; a trace that came from outside is still handed on to logs and to new jobs. */
export const noTracing: Tracing = {
  span(_name, options, work) {
    const context = parseTraceparent(options.traceparent);
    return context === undefined ? work() : traceStorage.run(context, work);
  },
  close: () => Promise.resolve(),
};

/** Who makes the spans. */
export interface TracedService {
  readonly name: string;
  readonly version: string;
  readonly instance: string;
}

const CLOSE_DEADLINE_MS = 2_000;

/**
 * Sends spans to a collector by OTLP over HTTP. The packages are loaded here and nowhere else: a process that traces
 * nothing does not pay for them (about 7 MB of an agent's memory). A collector that is away costs spans, nothing else.
 */
export async function openTracing(endpoint: string, service: TracedService): Promise<Tracing> {
  const [api, sdk, otlp] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
  ]);
  const exporter = new otlp.OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    timeoutMillis: CLOSE_DEADLINE_MS,
  });
  const options: BatchSpanProcessorOptions = {
    exporter,
    maxQueueSize: 1_024,
    maxExportBatchSize: 256,
    exportTimeoutMillis: CLOSE_DEADLINE_MS,
  };
  const provider = new sdk.TracerProvider({
    resource: resourceOf(service),
    spanProcessors: [new sdk.BatchSpanProcessor(options)],
  });
  const tracer = provider.getTracer('@nexora/runtime');
  return {
    span: (name, spanOptions, work) => traced(api, tracer, name, spanOptions, work),
    // A collector that is away rejects: the spans are lost, and there is nobody to tell.
    close: () => Promise.race([provider.shutdown().catch(() => undefined), patience()]),
  };
}

type Api = typeof import('@opentelemetry/api');

function traced<T>(api: Api, tracer: Tracer, name: string, options: SpanOptions, work: () => Promise<T>): Promise<T> {
  const parent = parentOf(api, options.traceparent ?? traceStorage.getStore()?.traceparent);
  const span = tracer.startSpan(name, { attributes: { ...options.attributes } }, parent);
  const { traceId, spanId, traceFlags } = span.spanContext();
  const flags = traceFlags.toString(16).padStart(2, '0');
  return traceStorage.run({ traceId, traceparent: `00-${traceId}-${spanId}-${flags}` }, async () => {
    try {
      return await work();
    } catch (error) {
      markFailed(api, span, error);
      throw error;
    } finally {
      span.end();
    }
  });
}

function parentOf(api: Api, traceparent: string | null | undefined) {
  const [, traceId, spanId, flags] = parseTraceparent(traceparent)?.traceparent.split('-') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return api.ROOT_CONTEXT;
  return api.trace.setSpanContext(api.ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16),
    isRemote: true,
  });
}

/** A collector is another house: what goes there is redacted like a log line. */
function markFailed(api: Api, span: Span, error: unknown): void {
  const told = redact(error instanceof Error ? error.message : error);
  span.setStatus({ code: api.SpanStatusCode.ERROR, message: typeof told === 'string' ? told : 'failed' });
}

function resourceOf(service: TracedService): NonNullable<TracerProviderOptions['resource']> {
  const attributes = {
    'service.name': service.name,
    'service.version': service.version,
    'service.instance.id': service.instance,
  };
  return {
    attributes,
    merge: (other) => other ?? resourceOf(service),
    getRawAttributes: () => Object.entries(attributes),
  };
}

function patience(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, CLOSE_DEADLINE_MS).unref());
}
