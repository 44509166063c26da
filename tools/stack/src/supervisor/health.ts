import { setTimeout as delay } from 'node:timers/promises';

const PAUSE_MS = 60;

/** Resolves when `GET url` answers 200; rejects when the signal aborts. */
export async function untilHealthy(url: string, signal: AbortSignal): Promise<void> {
  while (!(await answersOk(url, signal))) await delay(PAUSE_MS, undefined, { signal });
}

/** Whether `GET url` answers 200. */
export async function answersOk(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(5_000)]) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
