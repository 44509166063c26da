/** Consumer process: `consumer.ts <system>`, services in BENCH_SERVICES, steered over IPC. */
import { openSync, writeSync } from 'node:fs';
import type { FromConsumer, ToConsumer } from './messages.ts';
import { monotonicMicros } from './numbers.ts';
import { systemNamed } from './systems/index.ts';
import type { Services } from './systems/system.ts';

const tell = (message: FromConsumer): void => {
  process.send?.(message);
};

/** A consumer that will be killed writes each start to a file: memory dies with it. */
const startFile = process.env['BENCH_STARTS'];
const startLog = startFile === undefined ? undefined : openSync(startFile, 'a');

const starts: [number, number][] = [];
let done = 0;
let lastDone = 0;

async function main(): Promise<void> {
  const system = await systemNamed(process.argv[2] ?? '');
  const services = JSON.parse(process.env['BENCH_SERVICES'] ?? '{}') as Services;
  const consumer = await system.consume(services, {
    started: (id) => {
      const at = monotonicMicros();
      if (startLog !== undefined) writeSync(startLog, `${id} ${at}\n`);
      else starts.push([id, at]);
    },
    done: () => {
      done += 1;
      lastDone = monotonicMicros();
    },
  });
  process.on('message', (message: ToConsumer) => {
    if (message.ask === 'report') {
      tell({ say: 'report', report: { starts, done, firstStart: starts[0]?.[1] ?? 0, lastDone } });
      return;
    }
    void consumer.stop().then(() => process.exit(0), fail);
  });
  // The benchmark is gone: nothing of it stays behind.
  process.once('disconnect', () => process.exit(1));
  tell({ say: 'ready' });
}

function fail(error: unknown): void {
  tell({ say: 'failed', reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  process.exitCode = 1;
}

main().catch(fail);
