import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort, shippedNodeFlags } from '@nexora/embedded';

/** The agent of the later classes in a process of its own. */
export class LaterProcess {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Resolves once it takes work. */
  static async start(house: { databaseUrl: string; redisUrl: string }, outside: string, concurrency: number) {
    const port = await freePort();
    const child = fork(fileURLToPath(new URL('later.process.ts', import.meta.url)), [outside, String(concurrency)], {
      execArgv: [...shippedNodeFlags, '--disable-warning=ExperimentalWarning'],
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        DATABASE_URL: house.databaseUrl,
        REDIS_URL: house.redisUrl,
        INSTANCE_NAME: 'later',
        INTERNAL_PORT: String(port),
      },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    while (!(await isReady(port))) {
      if (child.exitCode !== null) throw new Error(`the agent of the later classes ended with ${child.exitCode}`);
      await pause(50);
    }
    return new LaterProcess(child);
  }

  get pid(): number {
    return Number(this.#child.pid);
  }

  async stop(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await gone;
  }
}

async function isReady(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`);
    await answer.arrayBuffer();
    return answer.ok;
  } catch (error) {
    if (error instanceof TypeError) return false; // refused: not listening yet
    throw error;
  }
}
