const LONGEST = 1_500;

/** Log lines that come with a sentence for people; which of the two arrives first is chance: they take two ways. */
const REFUSALS = new Set<unknown>(['settings-refused', 'start-refused']);

/**
 * Why a process ended, from the last lines that it printed: what it said to people, else the error of its last log
 * line (JSON). Of a process that refused to start, the refusal, whatever else it logged while it ended. Empty when it
 * said nothing.
 */
export function sentenceOf(output: string): string {
  const lines = output.trimEnd().split('\n').map(lineOf);
  const refusal = lines.findLast(({ logged }) => REFUSALS.has(logged?.['event']))?.logged;
  const last = refusal ?? lines.findLast(({ logged }) => logged !== null)?.logged;
  const after = refusal ? lines : lines.slice(lines.findLastIndex(({ logged }) => logged !== null) + 1);
  const said = after.filter(({ logged }) => logged === null).map(({ text }) => text.trim());
  if (said.every((text) => text === '') && last) return cut([wordsOf(last)]);
  return cut(said.slice(-5));
}

interface Line {
  readonly text: string;
  /** Fields of a log line; null for any other. */
  readonly logged: Record<string, unknown> | null;
}

function lineOf(text: string): Line {
  return { text, logged: fieldsOf(text) };
}

function cut(said: readonly string[]): string {
  return said.join(' ').trim().slice(0, LONGEST);
}

function fieldsOf(line: string): Record<string, unknown> | null {
  if (!line.startsWith('{')) return null;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return null;
  }
}

/** Lines that tell no error say nothing about the end. */
function wordsOf({ event, error, faults, level }: Record<string, unknown>): string {
  if (Array.isArray(faults)) return `${String(event)}: ${faults.join('; ')}`;
  const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : null;
  if (message === null && level !== 'error' && level !== 'fatal') return '';
  return [event, message].filter((each) => typeof each === 'string').join(': ');
}
