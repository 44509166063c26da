import { describe, expect, it } from '@jest/globals';
import { loadSettings, SettingsError } from '@nexora/runtime';
import { openObjectStore } from './open.ts';
import { storageSettings } from './storage.settings.ts';

const s3 = {
  S3_ENDPOINT: 'https://s3.example.com',
  S3_BUCKET: 'nexora',
  S3_ACCESS_KEY: 'the-key',
  S3_SECRET_KEY: 'the-secret',
};
const open = (env: Record<string, string>) => openObjectStore(loadSettings(storageSettings, env));

/** The faults by name, whether the schema or the opening finds them. */
async function faults(env: Record<string, string>): Promise<Record<string, string>> {
  try {
    await open(env);
    return {};
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    expect(error.message).not.toMatch(/the-secret|the-key|pass word/);
    return Object.fromEntries(error.mistakes.map(({ name, fault }) => [name, fault]));
  }
}

describe('the store that settings name', () => {
  it.each([
    ['file:///var/lib/nexora', 'file:///var/lib/nexora'],
    ['file:///var/lib/nexora/', 'file:///var/lib/nexora/'],
    ['file://localhost/var/lib', 'file:///var/lib'],
    ['file:///srv/a%C3%B1o%202026', 'file:///srv/a%C3%B1o%202026'],
  ])('is the directory %s', async (STORAGE_URL, place) => {
    expect((await open({ STORAGE_URL })).place).toBe(place);
  });

  it('is the S3 server wherever one is named', async () => {
    const store = await open({ STORAGE_URL: 'file:///var/lib/nexora', ...s3 });
    expect(store.place).toBe('s3://nexora at https://s3.example.com');
    await store.close();
  });

  it.each(['http://[::1]:9000', 'http://10.0.0.5:9000', 'http://s3:9000/', 'https://s3.mx-central-1.amazonaws.com'])(
    'may be at %s',
    async (S3_ENDPOINT) => {
      const store = await open({ ...s3, S3_ENDPOINT });
      expect(store.place).toBe(`s3://nexora at ${new URL(S3_ENDPOINT).origin}`);
      await store.close();
    },
  );
});

describe('settings of the storage that are wrong', () => {
  it('are all told at once, with what to set', async () => {
    expect(await faults({ S3_ENDPOINT: s3.S3_ENDPOINT })).toEqual({
      S3_BUCKET: 'is not set, and S3_ENDPOINT needs it',
      S3_ACCESS_KEY: 'is not set, and S3_ENDPOINT needs it',
      S3_SECRET_KEY: 'is not set, and S3_ENDPOINT needs it',
    });
    expect(await faults({})).toEqual({ STORAGE_URL: 'is not set, and neither is S3_ENDPOINT' });
  });

  it.each([
    'file://server/share',
    'file:///a/b?c',
    'file:///a#b',
    'file:///a%2Fb',
    's3://bucket',
    '/var/lib/nexora',
    'nonsense',
  ])('such as the directory %s are refused', async (STORAGE_URL) => {
    expect(await faults({ STORAGE_URL })).toHaveProperty('STORAGE_URL');
  });

  it.each([
    'https://user:pass@s3.example.com',
    'https://s3.example.com/path',
    'https://s3.example.com?a',
    's3.example.com',
  ])('such as the server %s are refused', async (S3_ENDPOINT) => {
    expect(await faults({ ...s3, S3_ENDPOINT })).toHaveProperty('S3_ENDPOINT');
  });

  it('such as keys with spaces or line ends inside are refused', async () => {
    for (const name of ['S3_ACCESS_KEY', 'S3_SECRET_KEY']) {
      const settings = { ...s3, [name]: 'pass word' };
      expect(await faults(settings)).toHaveProperty(name);
    }
  });

  it.each(['UPPER', 'ab', 'a..b', '192.168.0.1', '-a-'])('such as the bucket %s are refused', async (S3_BUCKET) => {
    expect(await faults({ ...s3, S3_BUCKET })).toHaveProperty('S3_BUCKET');
  });
});
