import type { DynamicModule, INestApplicationContext, LoggerService, Type } from '@nestjs/common';
import type { Running } from './run-spec.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

/** Nest's own lines as events of ours: its chatter at debug, its warnings and errors at their level. */
export function nestLogger(telemetry: Telemetry): LoggerService {
  const told = (message: unknown, rest: readonly unknown[]) => ({ message: textOf(message), context: contextOf(rest) });
  return {
    log: (message, ...rest) => telemetry.emit('framework-log', told(message, rest)),
    debug: (message, ...rest) => telemetry.emit('framework-log', told(message, rest)),
    verbose: (message, ...rest) => telemetry.emit('framework-log', told(message, rest)),
    warn: (message, ...rest) => telemetry.emit('framework-warned', told(message, rest)),
    error: (message, ...rest) =>
      telemetry.emit('framework-failed', { ...told(message, rest), error: errorOf(message) }),
    fatal: (message, ...rest) =>
      telemetry.emit('framework-failed', { ...told(message, rest), error: errorOf(message) }),
  };
}

/**
 * Starts a Nest module without a web server, its lines going through our telemetry. Errors of the start are thrown, not
 * answered with an exit of Nest's own.
 *
 * `run` owns the signals: it calls `stop()`, which runs Nest's shutdown hooks in their order (`beforeApplicationShutdown`
 * drains first, whatever the order of imports). `enableShutdownHooks` would listen beside it, and end the process itself.
 */
export async function startNest(module: Type | DynamicModule, telemetry: Telemetry): Promise<NestRunning> {
  const { NestFactory } = await import('@nestjs/core');
  const app = await NestFactory.createApplicationContext(module, {
    logger: nestLogger(telemetry),
    abortOnError: false,
  });
  return { app, stop: () => app.close() };
}

/** A Nest application context that `run` can stop. */
export interface NestRunning extends Running {
  readonly app: INestApplicationContext;
}

function textOf(message: unknown): string {
  return message instanceof Error
    ? message.message
    : typeof message === 'string'
      ? message
      : JSON.stringify(message ?? null);
}

function errorOf(message: unknown): unknown {
  return message instanceof Error ? message : undefined;
}

/** Nest passes its context (`RoutesResolver`) as the last argument, a stack perhaps before it. */
function contextOf(rest: readonly unknown[]): string | undefined {
  const last = rest.at(-1);
  return typeof last === 'string' && !last.includes('\n') ? last : undefined;
}
