import type { Clock } from '../clock.ts';
import { redactText } from '../telemetry/patterns.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Probe, ProbeResult } from './probe.ts';

/** Answer about health in the shape of Nest's Terminus, which supervisors and dashboards know. */
export interface HealthReport {
  readonly status: 'ok' | 'error' | 'shutting_down';
  /** The parts that are up. */
  readonly info: Readonly<Record<string, ProbeResult>>;
  /** The parts that are down, needed or not. */
  readonly error: Readonly<Record<string, ProbeResult>>;
  /** Both. */
  readonly details: Readonly<Record<string, ProbeResult>>;
}

/** Where the process stands in its life. */
export type Phase = 'starting' | 'ready' | 'stopping';

const CHECK_DEADLINE_MS = 2_000;
/** Several who ask within this time get one answer. */
const FRESH_MS = 1_000;

/** What the process can say of itself and of what it depends on. */
export class Health {
  readonly #clock: Clock;
  readonly #telemetry: Telemetry;
  readonly #probes: Probe[] = [];
  readonly #last = new Map<string, ProbeResult['status']>();
  #phase: Phase = 'starting';
  #cached: { readonly at: number; readonly report: Promise<HealthReport> } | undefined;

  constructor(clock: Clock, telemetry: Telemetry) {
    this.#clock = clock;
    this.#telemetry = telemetry;
  }

  /** Adds parts to be asked. */
  register(...probes: readonly Probe[]): void {
    this.#probes.push(...probes);
  }

  /** Moves on in the life of the process. */
  enter(phase: Phase): void {
    this.#phase = phase;
    this.#cached = undefined;
  }

  /** Whether the process is alive: its event loop answers. Never asks Postgres or Redis, lest an outage restart everything. */
  live(): HealthReport {
    return { status: 'ok', info: {}, error: {}, details: {} };
  }

  /** Whether the process can work now: it has started, does not stop, and all it needs answers. */
  ready(): Promise<HealthReport> {
    if (this.#phase === 'stopping') return Promise.resolve({ ...this.live(), status: 'shutting_down' });
    const now = this.#clock.monotonic();
    if (this.#cached === undefined || now - this.#cached.at > FRESH_MS) this.#cached = { at: now, report: this.#ask() };
    return this.#cached.report;
  }

  async #ask(): Promise<HealthReport> {
    const found = await Promise.all(this.#probes.map(async (probe) => ({ probe, result: await this.#check(probe) })));
    const process: ProbeResult = this.#phase === 'starting' ? { status: 'down', detail: 'starting' } : { status: 'up' };
    const rows = [
      { name: 'process', needed: true, result: process },
      ...found.map(({ probe, result }) => ({ name: probe.name, needed: probe.needed ?? true, result })),
    ];
    const down = rows.filter(({ result }) => result.status === 'down');
    return {
      status: down.some(({ needed }) => needed) ? 'error' : 'ok',
      info: byName(rows.filter(({ result }) => result.status === 'up')),
      error: byName(down),
      details: byName(rows),
    };
  }

  async #check(probe: Probe): Promise<ProbeResult> {
    const result = redacted(await withinDeadline(probe));
    if (this.#last.get(probe.name) !== result.status) this.#tell(probe, result);
    this.#last.set(probe.name, result.status);
    return result;
  }

  #tell(probe: Probe, result: ProbeResult): void {
    if (result.status === 'up') this.#telemetry.emit('probe-up', { probe: probe.name });
    else this.#telemetry.emit('probe-down', { probe: probe.name, needed: probe.needed ?? true, detail: result.detail });
  }
}

async function withinDeadline(probe: Probe): Promise<ProbeResult> {
  const deadline = AbortSignal.timeout(CHECK_DEADLINE_MS);
  const late = new Promise<ProbeResult>((resolve) => {
    deadline.addEventListener(
      'abort',
      () => resolve({ status: 'down', detail: `no answer within ${CHECK_DEADLINE_MS} ms` }),
      { once: true },
    );
  });
  try {
    return await Promise.race([probe.check(deadline), late]);
  } catch (error) {
    return { status: 'down', detail: error instanceof Error ? error.message || error.name : String(error) };
  }
}

function redacted(result: ProbeResult): ProbeResult {
  return result.detail === undefined ? result : { ...result, detail: redactText(result.detail) };
}

function byName(rows: readonly { readonly name: string; readonly result: ProbeResult }[]): Record<string, ProbeResult> {
  return Object.fromEntries(rows.map(({ name, result }) => [name, result]));
}
