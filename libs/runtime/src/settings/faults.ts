import type { z } from 'zod';
import type { Setting } from './schema.ts';

type Issue = z.core.$ZodIssue;

/**
 * The first thing wrong with a value, as the end of the sentence "NAME …". It names limits, never the value; should a
 * schema's own sentence repeat the value, the sentence is dropped.
 */
export function faultOf(issues: readonly Issue[], setting: Setting, raw: string): string {
  const issue = issues[0];
  const fault =
    issue === undefined ? 'is not valid' : sentence(issue, setting.unit === undefined ? '' : ` ${setting.unit}`);
  return raw.length > 3 && fault.includes(raw) ? 'is not valid' : fault;
}

function sentence(issue: Issue, unit: string): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'int' ? 'must be a whole number' : `must be a ${issue.expected}`;
    case 'too_big':
      return `must be ${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}${measure(issue, unit)}`;
    case 'too_small':
      return `must be ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${measure(issue, unit)}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}${unit}`;
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}`;
    case 'invalid_format':
      return `must be a valid ${issue.format === 'regex' ? 'text of the form shown' : issue.format}`;
    case 'custom':
      return issue.message;
    default:
      return 'is not valid';
  }
}

function measure(issue: { origin: string }, unit: string): string {
  return issue.origin === 'string' ? ' characters long' : issue.origin === 'array' ? ' entries long' : unit;
}
