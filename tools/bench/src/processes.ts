import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { shippedNodeFlags } from '@nexora/embedded';
import type { ConsumerReport, FromConsumer, FromProducer, ProducerReport, ToConsumer } from './messages.ts';
import type { Services, System } from './systems/system.ts';

/** A consumer in a process of its own. */
export class ConsumerProcess {
  private readonly child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.child = child;
  }

  /** Resolves once the consumer takes jobs. */
  static async start(system: System, services: Services, startsFile?: string): Promise<ConsumerProcess> {
    const child = spawn('consumer.ts', [system.name], services, startsFile);
    const answer = await nextMessage<FromConsumer>(child, system.name);
    if (answer.say !== 'ready')
      throw new Error(`${system.name}: the consumer did not start: ${JSON.stringify(answer)}`);
    return new ConsumerProcess(child);
  }

  async report(): Promise<ConsumerReport> {
    const answer = nextMessage<FromConsumer>(this.child, 'consumer');
    this.send({ ask: 'report' });
    const message = await answer;
    if (message.say !== 'report') throw new Error(`the consumer failed: ${JSON.stringify(message)}`);
    return message.report;
  }

  async stop(): Promise<void> {
    const gone = once(this.child, 'exit');
    this.send({ ask: 'stop' });
    const patience = setTimeout(() => this.child.kill('SIGKILL'), 15_000);
    await gone;
    clearTimeout(patience);
  }

  async kill(): Promise<void> {
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }

  private send(message: ToConsumer): void {
    this.child.send(message);
  }
}

/** Runs a producer process to its end. */
export async function produce(
  system: System,
  services: Services,
  plan: { first: number; seconds: number; rate: number },
): Promise<ProducerReport> {
  const child = spawn(
    'producer.ts',
    [system.name, String(plan.first), String(plan.seconds), String(plan.rate)],
    services,
  );
  const answer = await nextMessage<FromProducer>(child, system.name);
  child.disconnect();
  if (answer.say !== 'produced') throw new Error(`${system.name}: the producer failed: ${answer.reason}`);
  return answer.report;
}

function spawn(file: string, args: string[], services: Services, startsFile?: string): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), args, {
    execArgv: [...shippedNodeFlags, '--disable-warning=ExperimentalWarning'],
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      BENCH_SERVICES: JSON.stringify(services),
      ...(startsFile === undefined ? {} : { BENCH_STARTS: startsFile }),
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

async function nextMessage<M>(child: ChildProcess, who: string): Promise<M> {
  const aborted = new AbortController();
  try {
    return await Promise.race([
      once(child, 'message', { signal: aborted.signal }).then(([message]) => message as M),
      once(child, 'exit', { signal: aborted.signal }).then(([code, signal]) => {
        throw new Error(`${who}: the process ended early (code ${String(code)}, signal ${String(signal)})`);
      }),
    ]);
  } finally {
    aborted.abort();
  }
}
