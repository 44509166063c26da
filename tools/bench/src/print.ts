import type { Machine } from './machine.ts';
import type { Ratio, Row } from './results.ts';

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

export function printMachine(machine: Machine, more: Readonly<Record<string, string | number>>): void {
  say(
    `${machine.cpu}, ${machine.cores} cores; Node ${machine.node}, Postgres ${machine.postgres}, Redis ${machine.redis}`,
  );
  say(
    Object.entries(more)
      .map(([name, value]) => `${name} ${value}`)
      .join('; '),
  );
}

export function printRows(rows: readonly Row[]): void {
  const head = ['workload', 'system', 'unit', 'median', 'min', 'max', 'runs', 'lost', 'duplicates'];
  const body = rows.map((row) =>
    [row.workload, row.system, row.unit, row.median, row.min, row.max, row.runs, row.lost, row.duplicates].map(String),
  );
  const widths = head.map((title, column) =>
    Math.max(title.length, ...body.map((cells) => (cells[column] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column < 3 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ');
  say('');
  say(line(head));
  for (const cells of body) say(line(cells));
}

export function printRatios(ratios: readonly Ratio[]): void {
  say('');
  for (const { name, value, aim, better } of ratios) {
    const reached = better === 'higher' ? value >= aim : value <= aim;
    say(
      `${name}: ${value} (aim ${better === 'higher' ? 'at least' : 'at most'} ${aim}: ${reached ? 'reached' : 'not reached'})`,
    );
  }
}
