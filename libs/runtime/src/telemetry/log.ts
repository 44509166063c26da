import { setTimeout as delay } from 'node:timers/promises';
import { pino, type DestinationStream, type Logger } from 'pino';
import type { LogLevel } from './levels.ts';
import type { Plain } from './redact.ts';

/** Lines that wait for a reader that does not read; beyond this many bytes lines are dropped and counted. */
const LONGEST_BACKLOG_BYTES = 4_194_304;

/** How long an end waits for lines that are still on their way. */
const FLUSH_DEADLINE_MS = 500;

/** Where lines go, and how many did not get there. */
export interface LineSink {
  readonly stream: DestinationStream;
  /** Lines that standard output did not take since the last call. */
  takeLost(): number;
  /** Resolves once every line is written, or after half a second with a reader that stands still. */
  flush(): Promise<void>;
}

/**
 * Lines to standard output. A full disk, a reader that went away or one that stands still costs lines, never the
 * process: writes go on beside the event loop, which a full pipe would otherwise hold up with every heartbeat in it.
 */
export function standardOutput(): LineSink {
  const output = pino.destination({ dest: 1, sync: false, maxLength: LONGEST_BACKLOG_BYTES });
  let lost = 0;
  let waiting = Promise.withResolvers<void>();
  let idle = true;
  const settle = (): void => {
    idle = true;
    waiting.resolve();
    waiting = Promise.withResolvers();
  };
  output.on('drop', () => (lost += 1));
  output.on('drain', settle);
  output.on('error', () => {
    lost += 1;
    settle();
  });
  return {
    stream: {
      write: (line) => {
        idle = false;
        output.write(line);
      },
    },
    takeLost: () => {
      const taken = lost;
      lost = 0;
      return taken;
    },
    flush: () => (idle ? Promise.resolve() : Promise.race([waiting.promise, delay(FLUSH_DEADLINE_MS)])),
  };
}

/** Lines into a list, for tests. */
export function collected(lines: Record<string, unknown>[]): LineSink {
  const stream = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) };
  return { stream, takeLost: () => 0, flush: () => Promise.resolve() };
}

/** Writes JSON lines: `time` (ISO 8601), `level` as a word, the base fields, then those of the event. */
export class Log {
  readonly #logger: Logger;

  constructor(base: Readonly<Record<string, Plain>>, level: LogLevel, sink: LineSink) {
    this.#logger = pino(
      {
        level,
        base,
        formatters: { level: (label) => ({ level: label }) },
        timestamp: () => `,"time":"${new Date().toISOString()}"`,
      },
      sink.stream,
    );
  }

  /** True when lines of this level are written at all. */
  writes(level: LogLevel): boolean {
    return this.#logger.isLevelEnabled(level);
  }

  /** Writes one line. The fields are redacted already. */
  write(level: LogLevel, fields: Readonly<Record<string, Plain>>): void {
    this.#logger[level](fields);
  }
}
