import { eventSpec, EVENTS, type EventName } from './events.ts';
import { snakeCase } from './line.ts';
import { METRICS, type MetricName, type MetricSpec } from './metric-table.ts';
import { sourcesOf } from './metrics.ts';

const INTRODUCTION = `# Telemetry

Generated from the tables in \`libs/runtime/src/telemetry\`; change them, not this file.

Every process writes JSON lines to standard output, one per event: \`time\` (ISO 8601), \`level\`, \`agent\`, \`instance\`,
\`event\` and the fields below; inside a job also \`job\`, \`kind\`, \`attempt\`; inside a trace \`trace_id\`. Fields marked \`?\`
may be missing. Secrets and personal data come out as \`[redacted]\`. An event marked *quiet* is logged once per period and
tells as \`suppressed\` how many it stands for; metrics count each. Events of level *metric* write no line.

Metrics are served at \`/metrics\` in Prometheus' text format, each with the label \`agent\`, beside Node's own
(\`nodejs_*\`, \`process_*\`; the event loop's lag includes the 50 ms between two samples). Metrics that nothing has
touched yet are not shown.
`;

/** Text of `docs/telemetry.md`: every event and every metric. */
export function renderTelemetryPage(): string {
  const events = (Object.keys(EVENTS) as EventName[]).map(eventRow);
  const metrics = (Object.keys(METRICS) as MetricName[]).map(metricRow);
  return [
    INTRODUCTION,
    '## Events',
    '',
    '| event | level | fields | what it means |',
    '|---|---|---|---|',
    ...events,
    '',
    '## Metrics',
    '',
    '| metric | type | labels | what it counts | fed by |',
    '|---|---|---|---|---|',
    ...metrics,
    '',
  ].join('\n');
}

function eventRow(name: EventName): string {
  const { level, doc, fields, quiet } = eventSpec(name);
  const told = Object.entries(fields).map(([field, type]) => `\`${snakeCase(field)}\`${type.endsWith('?') ? '?' : ''}`);
  const grade = quiet === undefined ? level : `${level}, quiet ${quiet.ms / 1_000} s`;
  return row(`\`${name}\``, grade, told.join(' '), doc);
}

function metricRow(name: MetricName): string {
  const spec: MetricSpec = METRICS[name];
  return row(`\`${name}\``, spec.type, ticked(spec.labels), spec.help, ticked(sourcesOf(name)));
}

function ticked(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(' ');
}

function row(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
