import { Child, refOf, type Exit, type ProcessRef } from '@nexora/embedded';
import { root } from '../home.ts';
import type { ProcessEntry, ProcessState } from '../state.ts';
import { RestartWaits } from './backoff.ts';
import type { LogFile } from './log-file.ts';
import { sentenceOf } from './reason.ts';
import { untilSilent, WATCH, type WatchTimes } from './watch.ts';

/** How to start a process, asked anew at every start: a port may have been taken by another program meanwhile. */
export interface Launch {
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly metricsUrl: string | null;
  /** Resolves when the process is ready; it is asked to give up by the signal. */
  ready(child: Child, signal: AbortSignal): Promise<void>;
  /** Whether its event loop answers now. Left out: nobody can ask it. */
  alive?(signal: AbortSignal): Promise<boolean>;
  /** A refusal with these words is mended by another start: a port that we chose was taken meanwhile. */
  readonly mendedByRestart?: RegExp;
}

/** How a run ended: what a person reads, and whether another start would change nothing. */
interface End {
  readonly reason: string;
  readonly isFinal: boolean;
}

/** Exit code of a process that refuses its settings: starting it again would change nothing. */
const REFUSES = 78;
const STOP_GRACE_MS = 30_000;

/** A Node process that is started again, after a growing wait, whenever it ends by itself. */
export class ManagedProcess {
  readonly name: string;
  private readonly plan: () => Promise<Launch>;
  private readonly log: LogFile;
  private readonly onChange: (entry: ProcessEntry) => void;
  private child: Child | null = null;
  private state: ProcessState = 'stopped';
  private ref: ProcessRef | null = null;
  private restarts = 0;
  private metricsUrl: string | null = null;
  private reason: string | null = null;
  private endedAt: string | null = null;
  private readonly watch: WatchTimes;
  private readonly stopping = new AbortController();
  private loop: Promise<void> = Promise.resolve();

  constructor(parts: {
    name: string;
    plan: () => Promise<Launch>;
    log: LogFile;
    onChange: (entry: ProcessEntry) => void;
    watch?: WatchTimes;
  }) {
    this.name = parts.name;
    this.plan = parts.plan;
    this.log = parts.log;
    this.onChange = parts.onChange;
    this.watch = parts.watch ?? WATCH;
  }

  get entry(): ProcessEntry {
    const { name, state, ref, restarts, metricsUrl, reason, endedAt } = this;
    return { name, state, ref, restarts, metricsUrl, reason, endedAt };
  }

  /** Starts it; resolves when it is ready, rejects when it refuses its settings or is not ready within `ms`. */
  start(ms: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`${this.name} is not ready after ${ms / 1_000} s${this.why()}`)),
        ms,
      );
      const settle = (error?: Error) => {
        clearTimeout(late);
        if (error === undefined) resolve();
        else reject(error);
      };
      this.loop = this.keepRunning(settle);
    });
  }

  /** Ends it in order, after the grace by force, and starts it no more. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.child?.stop('SIGTERM', STOP_GRACE_MS);
    await this.loop;
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    this.stopping.abort();
    await this.child?.kill();
    await this.loop;
  }

  private async keepRunning(settle: (error?: Error) => void): Promise<void> {
    const waits = new RestartWaits();
    while (!this.stopping.signal.aborted) {
      const from = performance.now();
      const { reason, isFinal } = await this.runOnce(settle);
      if (this.stopping.signal.aborted) break;
      this.reason = reason;
      this.endedAt = new Date().toISOString();
      if (isFinal) {
        settle(new Error(`${this.name} refuses to start${this.why()}`));
        break;
      }
      this.restarts += 1;
      this.change('backoff', null);
      await this.pause(waits.after(performance.now() - from));
    }
    this.change('stopped', null);
    settle(new Error(`${this.name} was stopped`));
  }

  /** One run from start to end. */
  private async runOnce(settle: (error?: Error) => void): Promise<End> {
    try {
      const launch = await this.plan();
      this.metricsUrl = launch.metricsUrl;
      const child = await Child.start({
        command: process.execPath,
        args: launch.args,
        env: launch.env,
        cwd: root,
        onOutput: (piece) => this.log.write(piece),
      });
      this.child = child;
      this.change('starting', refOf(child.pid));
      const silence = this.endIfSilent(child, launch);
      await this.untilReady(child, launch, settle);
      return endOf(await child.exited, await silence, child, launch);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.log.write(`${reason}\n`);
      return { reason: `could not be started: ${reason}`, isFinal: false };
    }
  }

  /** Ends it by force once it no longer answers; answers why, or null when it ended otherwise. */
  private async endIfSilent(child: Child, launch: Launch): Promise<string | null> {
    const ended = new AbortController();
    void child.exited.then(() => ended.abort());
    const signal = AbortSignal.any([ended.signal, this.stopping.signal]);
    const silence = await untilSilent(launch.alive?.bind(launch), () => this.state === 'running', signal, this.watch);
    if (silence === null) return null;
    await child.kill();
    return silence;
  }

  private async untilReady(child: Child, launch: Launch, settle: (error?: Error) => void): Promise<void> {
    const enough = new AbortController();
    const ready = launch.ready(child, enough.signal).then(() => true);
    const ended = child.exited.then(() => false);
    const came = await Promise.race([ready, ended]);
    enough.abort();
    ready.catch(() => undefined); // it ended first: its exit says why
    if (!came) return;
    this.change('running', this.ref);
    settle();
  }

  private change(state: ProcessState, ref: ProcessRef | null): void {
    this.state = state;
    this.ref = ref;
    this.onChange(this.entry);
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.stopping.signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
    });
  }

  private why(): string {
    const reason = this.reason ?? `no end yet${this.child === null ? '' : lastWords(this.child)}`;
    return ` (${reason}); npm run logs -- ${this.name}`;
  }
}

function endOf(exit: Exit, silence: string | null, child: Child, launch: Launch): End {
  if (silence !== null) return { reason: silence, isFinal: false };
  // Whoever is killed says nothing about it: its last line is about something else.
  if (exit.signal !== null) return { reason: `was ended by ${exit.signal}`, isFinal: false };
  const words = lastWords(child);
  const isMended = launch.mendedByRestart?.test(words) === true;
  return { reason: `ended with code ${String(exit.code)}${words}`, isFinal: exit.code === REFUSES && !isMended };
}

function lastWords(child: Child): string {
  const words = sentenceOf(child.output.tail(20));
  return words === '' ? '' : `: ${words}`;
}
