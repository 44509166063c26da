import { hostname } from 'node:os';
import { HouseClock } from './clock.ts';
import { EXIT, StartRefused } from './exit.ts';
import { Health } from './health/health.ts';
import { serveHealth, type HealthServer } from './health/http.ts';
import type { RunContext, Running, RunSpec } from './run-spec.ts';
import type { HouseSettings, houseSettings } from './settings/house.settings.ts';
import { loadSettings } from './settings/load.ts';
import { SettingsError, type SettingsOf, type SettingsSchema } from './settings/schema.ts';
import { redactText } from './telemetry/patterns.ts';
import { Telemetry } from './telemetry/telemetry.ts';
import { openTracing, type TracedService } from './telemetry/traces.ts';
import { HOUSE_VERSION } from './version.ts';

/** What is left after the grace for closing connections. */
const CLOSING_MS = 5_000;
/** A terminal and npm both pass on Ctrl-C: the same wish told twice within this time counts once. */
const ECHO_MS = 500;

/** The life of one process, from its settings to its exit code. Behind `run`. */
export class Life {
  readonly #name: string;
  readonly #clock = new HouseClock();
  readonly #stopping = new AbortController();
  #telemetry: Telemetry;
  #running: Promise<Running> | undefined;
  #server: HealthServer | undefined;
  #health: Health | undefined;
  #graceMs = 0;
  #stopAskedAt = 0;

  constructor(name: string) {
    this.#name = name;
    this.#telemetry = Telemetry.open({ agent: name, clock: this.#clock });
    process.on('uncaughtException', (error, origin) => void this.#crash(error, origin));
    process.on('warning', (error) => this.#telemetry.emit('process-warned', { error }));
  }

  /** Reads the settings; mistakes end the process with 78, each told on standard error. */
  async settings<S extends SettingsSchema>(schema: S): Promise<SettingsOf<S>> {
    try {
      return loadSettings(schema);
    } catch (error) {
      return this.#refuse(error);
    }
  }

  /** Starts the app and, when nothing refuses, leaves it running. */
  async begin<S extends SettingsSchema>(
    spec: RunSpec<S>,
    settings: SettingsOf<typeof houseSettings & S>,
  ): Promise<void> {
    const house = settings as HouseSettings;
    const began = this.#clock.monotonic();
    const service = serviceOf(spec, house);
    this.#graceMs = house.SHUTDOWN_GRACE_SECONDS * 1_000;
    this.#telemetry = Telemetry.open({ ...service, agent: spec.name, level: house.LOG_LEVEL, clock: this.#clock });
    this.#obeySignals();
    try {
      const { health, url } = await this.#open(house, service);
      if (this.#stopping.signal.aborted) return;
      this.#running = spec.start({ ...service, settings, ...this.#shared(), health, url });
      await this.#running;
      if (!this.#stopping.signal.aborted) this.#started(health, service, url, began);
    } catch (error) {
      if (!this.#stopping.signal.aborted) await this.#failed(error);
    }
  }

  #shared(): Pick<RunContext, 'telemetry' | 'clock' | 'signal' | 'stop'> {
    const stop = (reason: string): void => void this.#stop(reason);
    return { telemetry: this.#telemetry, clock: this.#clock, signal: this.#stopping.signal, stop };
  }

  async #open(house: HouseSettings, service: TracedService): Promise<{ health: Health; url: string }> {
    const health = new Health(this.#clock, this.#telemetry);
    this.#health = health;
    this.#telemetry.collectDefaultMetrics();
    this.#telemetry.expect({});
    const collector = house.OTEL_EXPORTER_OTLP_ENDPOINT;
    if (collector !== '') this.#telemetry.useTracing(await openTracing(collector, service));
    this.#server = await serveHealth(health, this.#telemetry, house.INTERNAL_HOST, house.INTERNAL_PORT);
    return { health, url: this.#server.url };
  }

  #started(health: Health, { version, instance }: TracedService, url: string, began: number): void {
    health.enter('ready');
    const startMs = Math.round(this.#clock.monotonic() - began);
    this.#telemetry.emit('process-started', { version, instance, url, startMs, rssBytes: process.memoryUsage.rss() });
  }

  #obeySignals(): void {
    const obey = (signal: NodeJS.Signals): void => {
      if (!this.#stopping.signal.aborted) return void this.#stop(signal);
      if (this.#clock.monotonic() - this.#stopAskedAt > ECHO_MS) void this.#force(`second ${signal}`);
    };
    process.on('SIGTERM', obey);
    process.on('SIGINT', obey);
  }

  async #stop(reason: string): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    this.#stopAskedAt = this.#clock.monotonic();
    this.#telemetry.emit('process-stopping', { reason });
    this.#health?.enter('stopping');
    setTimeout(() => void this.#force('deadline'), this.#graceMs + CLOSING_MS);
    this.#stopping.abort(new Error(`stopping: ${reason}`));
    await this.#close(reason);
    this.#telemetry.emit('process-stopped', { reason, durationMs: this.#sinceAsked() });
    await this.#exit(EXIT.stopped);
  }

  async #close(reason: string): Promise<void> {
    try {
      // A start that the stop interrupted may end either way; both are in order.
      const running = await this.#running?.catch(() => undefined);
      await running?.stop(reason);
      await this.#server?.close();
      await this.#telemetry.close();
    } catch (error) {
      this.#telemetry.emit('process-stop-failed', { error });
    }
  }

  #force(reason: string): Promise<never> {
    this.#telemetry.emit('process-stop-forced', { reason, durationMs: this.#sinceAsked() });
    return this.#exit(EXIT.stopped);
  }

  #failed(error: unknown): Promise<never> {
    const refused = error instanceof StartRefused || error instanceof SettingsError;
    return refused ? this.#refuse(error) : this.#crash(error, 'start');
  }

  #refuse(error: unknown): Promise<never> {
    if (error instanceof SettingsError) {
      this.#telemetry.emit('settings-refused', { faults: error.mistakes.map(({ name, fault }) => `${name} ${fault}`) });
    } else {
      this.#telemetry.emit('start-refused', { error });
    }
    process.stderr.write(`${this.#name}: ${sentenceOf(error)}\n`);
    return this.#exit(EXIT.refused);
  }

  #crash(error: unknown, origin: string): Promise<never> {
    this.#telemetry.emit('process-crashed', { error, origin });
    return this.#exit(EXIT.crashed);
  }

  /** The first wish to exit decides the code; the lines that are still on their way get half a second. */
  async #exit(code: number): Promise<never> {
    process.exitCode ??= code;
    await this.#telemetry.flush();
    process.exit();
  }

  #sinceAsked(): number {
    return Math.round(this.#clock.monotonic() - this.#stopAskedAt);
  }
}

/** A settings error names examples only, and they must stay whole; any other sentence may quote something. */
function sentenceOf(error: unknown): string {
  if (error instanceof SettingsError) return error.message;
  return error instanceof Error ? redactText(error.message) : 'refused to start';
}

function serviceOf(spec: Pick<RunSpec, 'name' | 'version'>, house: HouseSettings): TracedService {
  const instance = house.INSTANCE_NAME ?? `${hostname()}-${process.pid}`;
  return { name: spec.name, version: spec.version ?? HOUSE_VERSION, instance };
}
