import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { FolderInUse } from './errors.ts';
import { startRedis, type EmbeddedRedis } from './redis.ts';

let folder: string;
let server: EmbeddedRedis;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nexora-redis-'));
  server = await startRedis({ dir: folder });
});

afterEach(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function ask<T>(url: string, question: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: null, maxRetriesPerRequest: 0 });
  client.on('error', () => undefined); // the command rejects with it
  try {
    await client.connect();
    return await question(client);
  } finally {
    client.disconnect();
  }
}

describe('a private Redis', () => {
  it('refuses writes instead of forgetting when it is full, and writes nothing to disk', async () => {
    const kept = await ask(server.url, (client) => client.config('GET', 'maxmemory-policy'));
    const saved = await ask(server.url, (client) => client.config('GET', 'save'));
    expect([kept, saved]).toEqual([
      ['maxmemory-policy', 'noeviction'],
      ['save', ''],
    ]);
  });

  it('answers nobody without the password', async () => {
    const anonymous = new URL(server.url);
    anonymous.username = anonymous.password = '';
    await expect(ask(anonymous.href, (client) => client.get('key'))).rejects.toThrow();
  });

  it('comes back on the same URL after kill -9, empty', async () => {
    const before = server.url;
    await ask(server.url, (client) => client.set('key', 'value'));
    await server.kill();
    await server.restart();
    expect(server.url).toBe(before);
    expect(await ask(server.url, (client) => client.get('key'))).toBeNull();
  });

  it('is emptied by flush, in every database', async () => {
    const other = server.url.replace(/0$/, '3');
    await ask(other, (client) => client.set('key', 'value'));
    await server.flush();
    expect(await ask(other, (client) => client.get('key'))).toBeNull();
  });

  it('answers again after it was frozen', async () => {
    server.pause();
    const answer = ask(server.url, (client) => client.ping());
    server.resume();
    expect(await answer).toBe('PONG');
  });

  it('is not run by two programs at once', async () => {
    await expect(startRedis({ dir: folder })).rejects.toThrow(FolderInUse);
  });
});
