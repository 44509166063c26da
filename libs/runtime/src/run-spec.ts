import type { HouseClock } from './clock.ts';
import type { Health } from './health/health.ts';
import type { houseSettings } from './settings/house.settings.ts';
import type { SettingsOf, SettingsSchema } from './settings/schema.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

/** What a process is given at its start. */
export interface RunContext<S extends SettingsSchema = Record<never, never>> {
  readonly name: string;
  readonly version: string;
  /** Name of this slot or pod; unique among live processes of the app. */
  readonly instance: string;
  readonly settings: SettingsOf<typeof houseSettings & S>;
  readonly telemetry: Telemetry;
  readonly clock: HouseClock;
  /** Parts registered here are asked by `/health/ready`. */
  readonly health: Health;
  /** Where health and metrics are served. */
  readonly url: string;
  /** Aborts when the stop begins. */
  readonly signal: AbortSignal;
  /** Asks for an orderly stop, as a signal would. */
  stop(reason: string): void;
}

/** A process that has started. */
export interface Running {
  /** Ends in order: takes nothing new, lets running work end within the grace, closes connections. */
  stop(reason: string): Promise<void>;
}

/** An app, as `main.ts` hands it to `run`. */
export interface RunSpec<S extends SettingsSchema = Record<never, never>> {
  /** Name of the folder under `apps/`. */
  readonly name: string;
  /** Default: that of the house. */
  readonly version?: string;
  /** The app's own settings; the house's are added. */
  readonly settings: S;
  start(context: RunContext<S>): Promise<Running>;
}
