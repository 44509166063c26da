import { pino, type DestinationStream, type Logger } from 'pino';
import type { LogLevel } from './levels.ts';
import type { Plain } from './redact.ts';

/** Lines that wait for a reader that does not read; beyond this many bytes lines are dropped and counted. */
const LONGEST_BACKLOG_BYTES = 4_194_304;

/** Where lines go, and how many did not get there. */
export interface LineSink {
  readonly stream: DestinationStream;
  /** Lines that standard output did not take since the last call. */
  takeLost(): number;
  /** Writes what waits, as far as the reader takes it. */
  flush(): void;
}

/** Lines to standard output. A full disk or a reader that went away costs lines, never the process. */
export function standardOutput(): LineSink {
  let lost = 0;
  const stream = pino.destination({ dest: 1, sync: true, maxLength: LONGEST_BACKLOG_BYTES });
  stream.on('drop', () => (lost += 1));
  stream.on('error', () => (lost += 1));
  return {
    stream,
    takeLost: () => [lost, (lost = 0)][0] ?? 0,
    flush: () => {
      try {
        stream.flushSync();
      } catch {
        lost += 1; // the reader is gone: there is nobody left to tell
      }
    },
  };
}

/** Lines into a list, for tests. */
export function collected(lines: Record<string, unknown>[]): LineSink {
  const stream = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) };
  return { stream, takeLost: () => 0, flush: () => undefined };
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
