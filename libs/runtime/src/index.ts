export { HouseClock, type Clock } from './clock.ts';
export {
  SettingsError,
  defineSettings,
  type Mistake,
  type Setting,
  type SettingsOf,
  type SettingsSchema,
} from './settings/schema.ts';
export { address, commaList, flag, oneOf, postgresUrl, wholeNumber } from './settings/fields.ts';
export { loadSettings, type SettingsSource } from './settings/load.ts';
export { describeSettings, type SettingRow } from './settings/describe.ts';
export { renderEnvExample, renderSettingsPage, type SettingsSection } from './settings/pages.ts';
export { houseSettings, type HouseSettings } from './settings/house.settings.ts';
export { EVENTS, eventSpec, type EventFields, type EventName } from './telemetry/events.ts';
export { LOG_LEVELS, type LogLevel } from './telemetry/levels.ts';
export { collected, standardOutput, type LineSink } from './telemetry/log.ts';
export { METRICS, type MetricName } from './telemetry/metric-table.ts';
export { redactText } from './telemetry/patterns.ts';
export { renderTelemetryPage } from './telemetry/page.ts';
export { redact, type Plain } from './telemetry/redact.ts';
export { Telemetry, type TelemetryOptions } from './telemetry/telemetry.ts';
export { openTracing, type SpanOptions, type Tracing } from './telemetry/traces.ts';
export { Health, type HealthReport, type Phase } from './health/health.ts';
export { serveHealth, type HealthServer } from './health/http.ts';
export type { Probe, ProbeResult } from './health/probe.ts';
export { EXIT, StartRefused } from './exit.ts';
export { run } from './run.ts';
export type { RunContext, RunSpec, Running } from './run-spec.ts';
export { HOUSE_VERSION } from './version.ts';
export { nestLogger, startNest, type NestRunning } from './nest.ts';
