/** Which tests a run is about. */
export type Selection =
  { readonly kind: 'all' } | { readonly kind: 'faults' } | { readonly kind: 'only'; readonly pattern: string };

const FAULT = /\.fault\.spec\.tsx?$/;

/**
 * Arguments of Jest, pass by pass. Fault tests come after all others: each kills, cuts and flushes services of its own
 * only, but what it does to the machine would disturb those that measure time. A pass for which none of the files is
 * meant is left out.
 * @param files absolute paths of all test files
 */
export function passesFor(selection: Selection, files: readonly string[]): string[][] {
  const others = ['--testPathIgnorePatterns', FAULT.source, '/node_modules/', '/dist/'];
  // Two of them do little but wait, for minutes.
  const faults = ['--testMatch', '**/*.fault.spec.ts', '--maxWorkers=3'];
  return chosen(selection, files).map((isFault) => [
    '--passWithNoTests',
    ...(isFault ? faults : others),
    ...(selection.kind === 'only' ? ['--testPathPatterns', selection.pattern] : []),
  ]);
}

/** Whether each pass is that of the fault tests. */
function chosen(selection: Selection, files: readonly string[]): boolean[] {
  if (selection.kind === 'faults') return [true];
  if (selection.kind === 'all') return [false, true];
  const isMeant = matcherOf(selection.pattern);
  return [...new Set(files.filter(isMeant).map((file) => FAULT.test(file)))].sort();
}

/** Jest reads a pattern as a regular expression; what is none matches nothing here, where Jest would run every test. */
function matcherOf(pattern: string): (file: string) => boolean {
  try {
    const expression = new RegExp(pattern, 'i');
    return (file) => expression.test(file);
  } catch {
    return () => false;
  }
}
