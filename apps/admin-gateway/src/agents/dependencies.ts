import { z } from 'zod';
import type { AliveRow } from './ledger.queries.ts';

const dependency = z.object({ name: z.string(), status: z.enum(['up', 'down']), detail: z.string().optional() });
const told = z.array(dependency).catch([]);

/** A part that a process depends on, as it last told. */
export type Dependency = z.output<typeof dependency>;

/** What a process told of the parts that it depends on; empty before it told anything. */
export function dependenciesOf({ about }: Pick<AliveRow, 'about'>): Dependency[] {
  return told.parse(about?.['dependencies']);
}

/** What an agent as a whole depends on: a part that any of its living processes misses is down. */
export function dependenciesOfAll(rows: readonly Pick<AliveRow, 'about' | 'state'>[]): Dependency[] {
  const byName = new Map<string, Dependency>();
  for (const each of rows.filter(({ state }) => state === 'live').flatMap(dependenciesOf)) {
    if (byName.get(each.name)?.status !== 'down') byName.set(each.name, each);
  }
  return [...byName.values()];
}
