const LONGEST = 1_500;

/** Log lines that come with a sentence for people; which of the two arrives first is chance: they take two ways. */
const REFUSALS = new Set<unknown>(['settings-refused', 'start-refused']);

/**
 * Why a process ended, from the last lines that it printed: what it said to people, else the error of its last log
 * line (JSON). Empty when it said nothing.
 */
export function sentenceOf(output: string): string {
  const said: string[] = [];
  let last: Record<string, unknown> | null = null;
  for (const line of output.trimEnd().split('\n').reverse()) {
    const logged = fieldsOf(line);
    if (logged === null) {
      said.unshift(line.trim());
      continue;
    }
    const isEnough = last !== null || !REFUSALS.has(logged['event']);
    last ??= logged;
    if (isEnough) break;
  }
  if (last === null) return cut(said.slice(-5));
  return cut(said.some((line) => line !== '') ? said : [wordsOf(last)]);
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
