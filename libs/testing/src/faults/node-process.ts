import { Child, type Exit } from '@nexora/embedded';
import { shippedNodeFlags, sourceNodeFlags } from '@nexora/embedded';

/** How to run an app or a fixture in a process of its own. */
export interface NodeProcessOptions {
  /** File that Node runs: TypeScript from the sources (decorators too), or built JavaScript. */
  readonly entry: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The line that says it is ready; without it the process counts as ready once started. */
  readonly ready?: RegExp;
  /** Milliseconds until it must be ready. Default 20 000. */
  readonly within?: number;
}

/** A real process of the house, under the flags that ship, to be killed, frozen and read. */
export class NodeProcess {
  private readonly child: Child;

  constructor(child: Child) {
    this.child = child;
  }

  get pid(): number {
    return this.child.pid;
  }

  get exited(): Promise<Exit> {
    return this.child.exited;
  }

  /** What it printed last, both streams in order of arrival. */
  get output(): string {
    return this.child.output.tail();
  }

  /** SIGKILL, to descendants too; answers when it is gone. */
  async kill9(): Promise<void> {
    await this.child.kill();
  }

  /** Freezes it (SIGSTOP): its connections stay open, nothing moves. */
  pause(): void {
    this.child.signalFamily('SIGSTOP');
  }

  /** Lets it go on (SIGCONT). */
  continue(): void {
    this.child.signalFamily('SIGCONT');
  }

  /** Asks it to end (SIGTERM); answers how it ended, by force after `grace` milliseconds. */
  stop(grace = 30_000): Promise<Exit> {
    return this.child.stop('SIGTERM', grace);
  }

  /** The first line from now on, or among those printed already, that matches; rejects when the process ends first. */
  line(pattern: RegExp, within = 20_000): Promise<RegExpExecArray> {
    const printed = this.child.output.tail().split('\n');
    for (const line of printed) {
      const found = pattern.exec(line);
      if (found !== null) return Promise.resolve(found);
    }
    return new Promise((resolve, reject) => {
      const fail = (why: string) => {
        stopListening();
        clearTimeout(timer);
        reject(new Error(`${why} before a line matched ${String(pattern)}; it printed:\n${this.output}`));
      };
      const timer = setTimeout(() => fail(`${within} ms passed`), within);
      const stopListening = this.child.onLine((line) => {
        const found = pattern.exec(line);
        if (found === null) return;
        stopListening();
        clearTimeout(timer);
        resolve(found);
      });
      void this.child.exited.then((exit) => fail(`the process ended (${JSON.stringify(exit)})`));
    });
  }
}

/** Starts the file with the Node flags that ship; answers when it is ready. The process dies with ours. */
export async function spawnNode(options: NodeProcessOptions): Promise<NodeProcess> {
  const source = options.entry.endsWith('.ts') ? sourceNodeFlags : [];
  const child = await Child.start({
    command: process.execPath,
    args: [...shippedNodeFlags, ...source, options.entry, ...(options.args ?? [])],
    env: { PATH: process.env['PATH'], ...options.env },
    onParentDeath: 'SIGKILL',
  });
  const started = new NodeProcess(child);
  if (options.ready !== undefined) {
    await started.line(options.ready, options.within).catch(async (error: unknown) => {
      await started.kill9();
      throw error;
    });
  }
  return started;
}
