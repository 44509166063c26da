import type { System } from './system.ts';

/** Each system is loaded by itself: no consumer carries another one's code. */
const LOADERS: Readonly<Record<string, () => Promise<System>>> = {
  nexora: async () => (await import('./nexora.ts')).nexora(),
  'graphile-worker tuned': async () => (await import('./graphile.ts')).graphileTuned(),
  'pg-boss tuned': async () => (await import('./pg-boss.ts')).pgBossTuned(),
  'BullMQ without outbox (unsafe)': async () => (await import('./bullmq.ts')).bullmqUnsafe(),
  'bare updates': async () => (await import('./bare.ts')).bareUpdates(),
  'graphile-worker': async () => (await import('./graphile.ts')).graphileDefault(),
  'pg-boss': async () => (await import('./pg-boss.ts')).pgBossDefault(),
};

/** All systems of the comparison that are wanted, ours first. */
export function systemsThat(wanted: (name: string) => boolean): Promise<System[]> {
  return Promise.all(
    Object.entries(LOADERS)
      .filter(([name]) => wanted(name))
      .map(([, load]) => load()),
  );
}

/** @throws RangeError for a name that no system has */
export async function systemNamed(name: string): Promise<System> {
  const load = LOADERS[name];
  if (load === undefined) throw new RangeError(`no system is called "${name}"`);
  return load();
}
