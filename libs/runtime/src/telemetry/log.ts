import { setTimeout as delay } from 'node:timers/promises';
import { pino, type DestinationStream } from 'pino';
import { LOG_LEVELS, type LogLevel } from './levels.ts';
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
  let gathered = '';
  let lost = 0;
  let waiting = Promise.withResolvers<void>();
  let idle = true;
  const settle = (): void => {
    idle = gathered === '';
    if (!idle) return;
    waiting.resolve();
    waiting = Promise.withResolvers();
  };
  const send = (): void => {
    const lines = gathered;
    gathered = '';
    output.write(lines);
  };
  output.on('drop', (lines: string) => (lost += linesIn(lines)));
  output.on('drain', settle);
  output.on('error', () => {
    lost += 1;
    settle();
  });
  return {
    stream: {
      write: (line) => {
        idle = false;
        // Whatever is told in one turn of the event loop goes out as one write.
        if (gathered === '') setImmediate(send);
        gathered += line;
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

function linesIn(text: string): number {
  return text.split('\n').length - 1;
}

/** Lines into a list, for tests. */
export function collected(lines: Record<string, unknown>[]): LineSink {
  const stream = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) };
  return { stream, takeLost: () => 0, flush: () => Promise.resolve() };
}

/** Writes JSON lines: `level` as a word, `time` (ISO 8601), the base fields, then those of the event. */
export class Log {
  readonly #sink: LineSink;
  readonly #written: ReadonlySet<LogLevel>;
  readonly #base: string;

  constructor(base: Readonly<Record<string, Plain>>, level: LogLevel, sink: LineSink) {
    this.#sink = sink;
    this.#written = new Set(LOG_LEVELS.slice(LOG_LEVELS.indexOf(level)));
    this.#base = inside(base);
  }

  /** True when lines of this level are written at all. */
  writes(level: LogLevel): boolean {
    return this.#written.has(level);
  }

  /** Writes one line. The fields are redacted already. */
  write(level: LogLevel, fields: Readonly<Record<string, Plain>>): void {
    if (!this.writes(level)) return;
    const time = new Date().toISOString();
    this.#sink.stream.write(`{"level":"${level}","time":"${time}",${this.#base},${inside(fields)}}\n`);
  }
}

/** The JSON of an object that has fields, without its braces. */
function inside(fields: Readonly<Record<string, Plain>>): string {
  return JSON.stringify(fields).slice(1, -1);
}
