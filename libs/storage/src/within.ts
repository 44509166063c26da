/** How long a probe may take, in milliseconds. */
export const PROBE_MS = 2_000;

/** The outcome of `work`, or the error of `late` when it takes longer than `ms`; the work itself goes on unheard. */
export async function within<T>(ms: number, work: Promise<T>, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<never>((_, reject) => (timer = setTimeout(() => reject(late()), ms)));
  try {
    return await Promise.race([work, timeUp]);
  } finally {
    clearTimeout(timer);
  }
}
