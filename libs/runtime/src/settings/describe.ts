import { z } from 'zod';
import type { Setting, SettingsSchema } from './schema.ts';

/** One setting as a page or a form shows it. */
export interface SettingRow {
  readonly name: string;
  readonly required: boolean;
  /** The default as one would write it into the environment; empty when there is none. */
  readonly default: string;
  /** Allowed values in words: `0.01 to 72`, `debug, info, warn, error`, `true or false`; empty when any text goes. */
  readonly range: string;
  readonly unit: string;
  readonly secret: boolean;
  readonly doc: string;
  readonly example: string;
}

/** The settings of a schema as rows, in the order of their declaration. */
export function describeSettings(schema: SettingsSchema): SettingRow[] {
  return Object.entries(schema).map(([name, setting]) => ({
    name,
    required: !('default' in setting),
    default: setting.secret === true ? '' : written(setting.default),
    range: rangeOf(setting),
    unit: setting.unit ?? '',
    secret: setting.secret ?? false,
    doc: setting.doc,
    example: setting.example,
  }));
}

function written(value: unknown): string {
  return value === undefined || value === null ? '' : Array.isArray(value) ? value.join(',') : String(value);
}

function rangeOf(setting: Setting): string {
  const shape = z.toJSONSchema(setting.schema, { io: 'output', unrepresentable: 'any' });
  if (shape.type === 'boolean') return 'true or false';
  if (Array.isArray(shape.enum)) return shape.enum.join(', ');
  const from = shape.minimum ?? shape.exclusiveMinimum;
  const to = boundary(shape.maximum ?? shape.exclusiveMaximum);
  if (boundary(from) !== undefined && to !== undefined) return `${from} to ${to}`;
  if (boundary(from) !== undefined) return `at least ${from}`;
  return to === undefined ? '' : `at most ${to}`;
}

/** Leaves out the limits that `int()` adds by itself. */
function boundary(limit: unknown): number | undefined {
  return typeof limit === 'number' && Math.abs(limit) < Number.MAX_SAFE_INTEGER ? limit : undefined;
}
