import { eventSpec, type EventName } from './events.ts';
import type { FieldType } from './event-spec.ts';
import { redactText } from './patterns.ts';
import { redact, type Plain } from './redact.ts';

type Told = Readonly<Record<string, unknown>>;
type Plan = (told: Told) => Record<string, Plain>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const WORD = /^[a-z][a-z_.-]{0,63}$/;

/** Fields that `child()` may bind; a line carries them whether or not its event lists them. */
const CONTEXT: Readonly<Record<string, FieldType>> = { job: 'id', kind: 'name', attempt: 'number' };

const plans = new Map<EventName, Plan>();

/** How an event's fields become a line: only fields of the table, in its order, in snake_case, redacted by their type. */
export function linePlan(event: EventName): Plan {
  const known = plans.get(event);
  if (known !== undefined) return known;
  const fields = { ...CONTEXT, ...eventSpec(event).fields };
  const steps = Object.entries(fields).map(([name, type]) => [name, snakeCase(name), plainer(type)] as const);
  const plan: Plan = (told) => {
    const line: Record<string, Plain> = {};
    for (const [name, key, toPlain] of steps) {
      const value = told[name];
      if (value !== undefined && value !== null) line[key] = toPlain(value);
    }
    return line;
  };
  plans.set(event, plan);
  return plan;
}

/** `waitMs` → `wait_ms`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function plainer(type: string): (value: unknown) => Plain {
  switch (type.replace('?', '')) {
    case 'id':
      return (value) => textUnless(UUID, value);
    case 'name':
      return (value) => textUnless(WORD, value);
    case 'text':
      return (value) => redactText(String(value));
    default:
      return redact;
  }
}

/** Ids and words of a closed vocabulary skip the patterns; what does not look like one is treated as any text. */
function textUnless(form: RegExp, value: unknown): Plain {
  const text = String(value);
  return form.test(text) ? text : redactText(text);
}
