import { redisCommand, tryLock, type Lock } from '@nexora/embedded';
import { serviceVariable } from './services/services.ts';

/** A numbered database of the shared Redis, empty, that no other test uses meanwhile. */
export interface FreshRedis {
  readonly url: string;
  /** Empties it, as an operator's FLUSHDB would. */
  flush(): Promise<void>;
  /** Empties it and gives it back; else that happens with the end of the process and by the next user. */
  release(): Promise<void>;
}

/**
 * An empty Redis database of its own. For tests that flush, freeze or kill the whole server: `privateRedis()`.
 * @throws when every numbered database is taken.
 */
export async function freshRedis(): Promise<FreshRedis> {
  const server = new URL(await serviceVariable('NEXORA_TEST_REDIS_URL'));
  const databases = Number(await serviceVariable('NEXORA_TEST_REDIS_DATABASES'));
  for (let number = 1; number < databases; number += 1) {
    const lock = await tryLock(`test-redis:${server.host}:${number}`);
    if (lock !== null) return empty(server, number, lock);
  }
  throw new Error(`all ${databases} databases of the test Redis are taken`);
}

async function empty(server: URL, number: number, lock: Lock): Promise<FreshRedis> {
  const url = new URL(server);
  url.pathname = `/${number}`;
  const flush = async () => void (await redisCommand(url.href, 'FLUSHDB'));
  await flush();
  const release = async () => {
    await flush();
    await lock.release();
  };
  return { url: url.href, flush, release };
}
