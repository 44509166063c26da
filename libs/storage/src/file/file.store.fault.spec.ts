import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rename, rm, rmdir, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, it } from '@jest/globals';
import { describeWhen, smallDisk } from '@nexora/testing';
import { bytesOf } from '../fixtures/store-under-test.ts';
import { InvalidKey, ObjectDamaged, ObjectMissing, StorageAway, StorageRefused } from '../errors.ts';
import { FileStore } from './file.store.ts';

const bin = { contentType: 'application/octet-stream', metadata: { a: 'b' } };
const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

async function freshRoot(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nexora-file-store-'));
  folders.push(folder);
  return join(folder, 'objects');
}

const filesBelow = async (root: string) =>
  (await readdir(root, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));

const tried = smallDisk(1);
const mountable = 'skipped' in tried ? { met: false, otherwise: tried.skipped } : { met: true, otherwise: '' };
if (!('skipped' in tried)) tried.end();

function mounted(megabytes: number) {
  const disk = smallDisk(megabytes);
  if ('skipped' in disk) throw new Error(disk.skipped);
  return disk;
}

describeWhen(mountable)('a directory on a full disk', () => {
  it('says what to do, keeps what it has, leaves no rest, and goes on once there is space', async () => {
    const disk = mounted(8);
    try {
      const store = new FileStore(join(disk.path, 'objects'));
      await store.put('a', bytesOf(1, 1_000_000), bin);
      const files = await filesBelow(disk.path);
      disk.fill();
      const full = expect.objectContaining({
        name: 'StorageAway',
        beforeFirstByte: true,
        message: expect.stringMatching(/disk that holds .* is full.*Free some space/),
      });
      await expect(store.put('a', bytesOf(2, 1_000_000), bin)).rejects.toEqual(full);
      await expect(store.put('b', Readable.from([bytesOf(2, 100_000)]), bin)).rejects.toEqual(full);
      await expect(store.probe()).rejects.toEqual(full);
      expect((await store.get('a')).body.equals(bytesOf(1, 1_000_000))).toBe(true);
      expect(await store.put('a', bytesOf(1, 1_000_000), bin)).toMatchObject({ size: 1_000_000 });
      expect(await store.head('b')).toBeNull();
      disk.empty();
      expect(await filesBelow(disk.path)).toEqual(files);
      await store.put('b', bytesOf(2, 1_000_000), bin);
      await store.probe();
      expect((await store.get('b')).body.equals(bytesOf(2, 1_000_000))).toBe(true);
    } finally {
      disk.end();
    }
  });

  it('that fills up in the middle of a stream stores nothing of it', async () => {
    const disk = mounted(4);
    try {
      const store = new FileStore(join(disk.path, 'objects'));
      const source = Readable.from([0, 1, 2, 3, 4, 5].map((seed) => bytesOf(seed, 1_000_000)));
      await expect(store.put('backup', source, bin)).rejects.toThrow(/is full/);
      expect(source.destroyed).toBe(true);
      expect(await filesBelow(disk.path)).toEqual([]);
    } finally {
      disk.end();
    }
  });

  it('or on one that became read-only: asks for a person, and can still be read', async () => {
    const disk = mounted(4);
    try {
      const store = new FileStore(join(disk.path, 'objects'));
      await store.put('a', bytesOf(1, 1_000), bin);
      expect(spawnSync('mount', ['-o', 'remount,ro', disk.path]).status).toBe(0);
      for (const call of [store.put('b', bytesOf(2, 9), bin), store.delete('a'), store.probe()])
        await expect(call).rejects.toThrow(StorageRefused);
      expect((await store.get('a')).body).toHaveLength(1_000);
    } finally {
      disk.end();
    }
  });
});

describe('what lies in the directory', () => {
  it('is one file per object that a person can open, and one record beside it', async () => {
    const root = await freshRoot();
    const store = new FileStore(root);
    for (let round = 0; round < 5; round += 1)
      for (const key of ['a/1.xml', 'a/2.xml', 'b.xml']) await store.put(key, bytesOf(round, 100), bin);
    await store.delete('a/2.xml');
    const files = (await filesBelow(root)).sort();
    expect(files.filter((file) => !file.startsWith('.nexora/'))).toEqual(['a/1.xml', 'b.xml']);
    expect(files.filter((file) => file.startsWith('.nexora/'))).toHaveLength(2);
    expect(files.filter((file) => file.startsWith('.nexora/records/'))).toHaveLength(2);
    for (const path of ['', 'a', 'a/1.xml', '.nexora', '.nexora/records'])
      expect((await stat(join(root, path))).mode & 0o007).toBe(0);
  });

  it('may be copied elsewhere', async () => {
    const [from, to] = [await freshRoot(), await freshRoot()];
    const stored = await new FileStore(from).put('a/b.xml', bytesOf(1, 5_000), bin);
    await cp(from, to, { recursive: true });
    const copy = new FileStore(to);
    expect(await copy.head('a/b.xml')).toMatchObject({ ...stored, ...bin });
    expect((await copy.get('a/b.xml')).body.equals(bytesOf(1, 5_000))).toBe(true);
    expect(await copy.put('a/b.xml', bytesOf(1, 5_000), { ...bin, ifAbsent: true })).toEqual(stored);
    await copy.put('a/b.xml', bytesOf(2, 5_000), bin);
    expect(await copy.get('a/b.xml')).toMatchObject({ ...bin, body: bytesOf(2, 5_000) });
  });

  it('is known to be damaged when bits change and the time of the file does not', async () => {
    const root = await freshRoot();
    const store = new FileStore(root);
    await store.put('a.xml', bytesOf(1, 5_000), bin);
    spawnSync('touch', ['-r', join(root, 'a.xml'), join(root, 'time')]);
    await writeFile(join(root, 'a.xml'), bytesOf(2, 5_000));
    spawnSync('touch', ['-r', join(root, 'time'), join(root, 'a.xml')]);
    await expect(store.get('a.xml')).rejects.toThrow(ObjectDamaged);
    const { body } = await store.stream('a.xml');
    await expect(body.toArray()).rejects.toThrow(ObjectDamaged);
    await store.put('a.xml', bytesOf(1, 5_000), bin);
    expect((await store.get('a.xml')).body.equals(bytesOf(1, 5_000))).toBe(true);
  });

  it('may hold records that were never finished', async () => {
    const root = await freshRoot();
    const store = new FileStore(root);
    await store.put('a.xml', bytesOf(1, 100), bin);
    const [record = ''] = (await filesBelow(root)).filter((file) => file.startsWith('.nexora/records/'));
    const torn = record.replace(/\.[0-9a-f]{16}\.json$/, '.0123456789abcdef.json');
    for (const text of ['', '{"key":', '[]']) {
      await writeFile(join(root, torn), text);
      expect(await store.head('a.xml')).toMatchObject(bin);
      expect(await store.get('a.xml')).toMatchObject(bin);
    }
  });

  it('is read without its records, and written to again by the next process', async () => {
    const root = await freshRoot();
    await new FileStore(root).put('a.xml', bytesOf(1, 100), bin);
    await rm(join(root, '.nexora'), { recursive: true });
    const store = new FileStore(root);
    expect(await store.get('a.xml')).toMatchObject({ body: bytesOf(1, 100), metadata: {} });
    await store.put('a.xml', bytesOf(2, 100), bin);
    expect(await store.head('a.xml')).toMatchObject(bin);
  });

  it('may lose folders that are needed again', async () => {
    const root = await freshRoot();
    const store = new FileStore(root);
    await store.put('a/b/c.xml', bytesOf(1, 100), bin);
    await store.delete('a/b/c.xml');
    await rm(join(root, 'a'), { recursive: true });
    await expect(store.put('a/b/c.xml', bytesOf(1, 100), bin)).rejects.toThrow(StorageAway);
    await store.put('a/b/c.xml', bytesOf(1, 100), bin);
    expect((await store.get('a/b/c.xml')).body).toHaveLength(100);
  });

  it('is swept of temporary files that nobody works on any more', async () => {
    const root = await freshRoot();
    const drafts = join(root, '.nexora', 'tmp');
    await mkdir(drafts, { recursive: true });
    for (const name of ['old', 'new']) await writeFile(join(drafts, name), name);
    const longAgo = new Date(Date.now() - 7 * 60 * 60_000);
    await utimes(join(drafts, 'old'), longAgo, longAgo);
    await new FileStore(root).put('a', bytesOf(1, 10), bin);
    expect(await readdir(drafts)).toEqual(['new']);
  });

  it('that is no object is not shown as one', async () => {
    const root = await freshRoot();
    const store = new FileStore(root);
    await store.put('a/b.xml', bytesOf(1, 10), bin);
    await writeFile(join(root, 'line\nbreak'), 'x');
    await writeFile(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff, 0xfe])]), 'x');
    await symlink('/etc/hostname', join(root, 'link'));
    expect((await store.list('')).objects.map(({ key }) => key)).toEqual(['a/b.xml']);
    await expect(store.get('link')).rejects.toThrow(ObjectMissing);
    await expect(store.get('a')).rejects.toThrow(ObjectMissing);
    expect(await store.head('a')).toBeNull();
    await store.delete('a');
    expect(await store.head('a/b.xml')).not.toBeNull();
  });
});

describe('a key that is the folder of another', () => {
  it.each([true, false])('is refused (ifAbsent %s)', async (ifAbsent) => {
    const store = new FileStore(await freshRoot());
    await store.put('a/b', bytesOf(1, 10), bin);
    await expect(store.put('a', bytesOf(1, 10), { ...bin, ifAbsent })).rejects.toThrow(InvalidKey);
    await expect(store.put('a/b/c', bytesOf(1, 10), { ...bin, ifAbsent })).rejects.toThrow(InvalidKey);
    expect((await store.get('a/b')).body).toHaveLength(10);
  });
});

describe('a disk that is unplugged', () => {
  it('is away, not empty, nothing is written in its place, and all is back with it', async () => {
    const root = await freshRoot();
    const [writer, reader] = [new FileStore(root), new FileStore(root)];
    await writer.put('a.xml', bytesOf(1, 100), bin);
    await reader.get('a.xml');
    await rename(root, `${root}.unplugged`);
    for (const mountPoint of ['gone', 'empty']) {
      if (mountPoint === 'empty') await mkdir(root);
      for (const store of [writer, reader])
        for (const call of [
          () => store.put('b.xml', bytesOf(2, 100), bin),
          () => store.put('a.xml', bytesOf(2, 100), { ...bin, ifAbsent: true }),
          () => store.get('a.xml'),
          () => store.head('a.xml'),
          () => store.list(''),
          () => store.delete('a.xml'),
          () => store.probe(),
        ])
          await expect(call()).rejects.toThrow(/disk is plugged in and mounted/);
    }
    await rmdir(root);
    await rename(`${root}.unplugged`, root);
    for (const store of [writer, reader]) {
      await store.probe();
      expect((await store.get('a.xml')).body).toHaveLength(100);
      await store.put('b.xml', bytesOf(2, 100), bin);
    }
  });
});

describe('a place that is no directory', () => {
  it('asks for a person', async () => {
    const root = await freshRoot();
    await writeFile(root, 'a file');
    const store = new FileStore(root);
    await expect(store.probe()).rejects.toThrow(/is not a directory/);
    await expect(store.put('a', bytesOf(1, 1), bin)).rejects.toThrow(StorageRefused);
  });
});
