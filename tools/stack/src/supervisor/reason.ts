const LONGEST = 500;

/**
 * Why a process ended, from the last lines that it printed: what it said to people, else the error of its last log
 * line (JSON). Empty when it said nothing.
 */
export function sentenceOf(output: string): string {
  const lines = output.trimEnd().split('\n');
  const said: string[] = [];
  for (const line of lines.reverse()) {
    const logged = fieldsOf(line);
    if (logged !== null) return (said.length > 0 ? said.reverse().join(' ') : wordsOf(logged)).slice(0, LONGEST);
    said.push(line.trim());
  }
  return said.reverse().slice(-5).join(' ').trim().slice(0, LONGEST);
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
function wordsOf({ event, error, level }: Record<string, unknown>): string {
  const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : null;
  if (message === null && level !== 'error' && level !== 'fatal') return '';
  return [event, message].filter((each) => typeof each === 'string').join(': ');
}
