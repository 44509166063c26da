import { describe, expect, it } from '@jest/globals';
import type { EventSpec } from './event-spec.ts';
import { EVENTS, eventSpec, type EventName } from './events.ts';
import { METRICS, type MetricName, type MetricSpec } from './metric-table.ts';
import { sourcesOf } from './metrics.ts';
import { isGuardedKey } from './patterns.ts';

const names = Object.keys(EVENTS) as EventName[];
const metrics = Object.entries(METRICS) as [MetricName, MetricSpec][];
/** Labels are closed sets: nothing that names a customer, a row or a free text. */
const LABELS = new Set([
  'kind',
  'priority',
  'outcome',
  'state',
  'schedule',
  'probe',
  'version',
  'finding',
  'class',
  'lifetime',
  'mode',
  'method',
  'route',
  'status',
  // Public numbers, one or two per issuer.
  'certificate',
]);

describe('the table of events', () => {
  it.each(names)('%s has a name, a sentence, and fields that may be shown', (name) => {
    const spec: EventSpec = eventSpec(name);
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(spec.doc).toMatch(/^[A-Z][\s\S]{10,}\.$/);
    for (const field of Object.keys(spec.fields)) {
      expect(field).toMatch(/^[a-z][A-Za-z]*$/);
      expect(isGuardedKey(field)).toBe(false);
    }
    for (const field of spec.quiet?.per ?? []) expect(Object.keys(spec.fields)).toContain(field);
  });

  it.each(names.filter((name) => eventSpec(name).metrics !== undefined))(
    '%s feeds metrics from fields it has',
    (name) => {
      const { fields, metrics: uses = [] } = eventSpec(name);
      for (const use of uses) {
        const spec: MetricSpec = METRICS[use.metric];
        expect(Object.keys(use.labels ?? {}).sort()).toEqual([...spec.labels].sort());
        for (const source of Object.values(use.labels ?? {}))
          if (!source.startsWith('=')) expect(Object.keys(fields)).toContain(source);
        if (typeof use.value === 'string') expect(Object.keys(fields)).toContain(use.value);
        else if (spec.type === 'histogram') throw new Error(`${use.metric}: a histogram needs the field of its value`);
        if (use.metric.endsWith('_seconds') && typeof use.value === 'string')
          expect([use.value.endsWith('Ms'), use.per]).toEqual([true, 1_000]);
      }
    },
  );
});

describe('the table of metrics', () => {
  it.each(metrics)('%s is named by the rules, has harmless labels and a source', (name, spec) => {
    expect(name).toMatch(/^nexora_[a-z_]+$/);
    expect(name.endsWith('_total')).toBe(spec.type === 'counter');
    expect(spec.labels.filter((label) => !LABELS.has(label))).toEqual([]);
    expect(sourcesOf(name)).not.toEqual([]);
    if (spec.buckets !== undefined) expect([...spec.buckets].sort((a, b) => a - b)).toEqual(spec.buckets);
  });
});
