import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks `condition` every `every` milliseconds until it answers something else than null or false; null when `within`
 * milliseconds have passed. For what gives no event: files, ports and processes of others.
 */
export async function poll<T>(
  condition: () => Promise<T | null | false> | T | null | false,
  { within, every = 25 }: { within: number; every?: number },
): Promise<T | null> {
  const deadline = performance.now() + within;
  for (;;) {
    const answer = await condition();
    if (answer !== null && answer !== false) return answer;
    if (performance.now() >= deadline) return null;
    await delay(every);
  }
}
