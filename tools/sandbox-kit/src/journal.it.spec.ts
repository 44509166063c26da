import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { describeWhen, smallDisk } from '@nexora/testing';
import { Journal, JournalDamaged, type Place } from './journal.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sandbox-journal-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function reopened(path: string): Promise<{ journal: Journal; records: unknown[]; places: Place[] }> {
  const records: unknown[] = [];
  const places: Place[] = [];
  const journal = await Journal.open(path, (record, place) => {
    records.push(record);
    places.push(place);
  });
  return { journal, records, places };
}

describe('the journal', () => {
  it('gives back every durable record in order, and each from its place', async () => {
    const path = join(dir, 'a.jsonl');
    const { journal } = await reopened(path);
    const kept = Array.from({ length: 500 }, (_, index) => ({ index, text: 'ñ'.repeat(index) }));
    const appended = kept.map((record) => journal.append(record));
    await Promise.all(appended.map(({ durable }) => durable));
    expect(await journal.read(appended[77]!.place)).toEqual(kept[77]);
    await journal.close();
    const again = await reopened(path);
    expect(again.records).toEqual(kept);
    expect(again.places).toEqual(appended.map(({ place }) => place));
    expect(await again.journal.read(again.places[499]!)).toEqual(kept[499]);
    await again.journal.close();
  });

  it('loses a torn last line and nothing else, and goes on after it', async () => {
    for (const torn of ['{"index":2,"te', '{"index":\n', '\u0000\u0000\u0000']) {
      const path = join(dir, `torn${torn.length}.jsonl`);
      writeFileSync(path, '{"index":0}\n{"index":1}\n');
      appendFileSync(path, torn);
      const { journal, records } = await reopened(path);
      expect(records).toEqual([{ index: 0 }, { index: 1 }]);
      await journal.append({ index: 2 }).durable;
      await journal.close();
      expect(readFileSync(path, 'utf8')).toBe('{"index":0}\n{"index":1}\n{"index":2}\n');
    }
  });

  it('refuses a file that another hand has changed in the middle', async () => {
    const path = join(dir, 'damaged.jsonl');
    writeFileSync(path, '{"index":0}\nrubbish\n{"index":2}\n');
    await expect(reopened(path)).rejects.toThrow(JournalDamaged);
  });

  it('is readable by its owner alone', async () => {
    const { journal } = await reopened(join(dir, 'private.jsonl'));
    await journal.close();
    expect(statSync(join(dir, 'private.jsonl')).mode & 0o777).toBe(0o600);
  });
});

const disk = smallDisk(1);
describeWhen({ met: !('skipped' in disk), otherwise: 'skipped' in disk ? disk.skipped : '' })('a full disk', () => {
  it('fails the record and every later one, and leaves what was kept readable', async () => {
    if ('skipped' in disk) throw new Error(disk.skipped);
    try {
      const path = join(disk.path, 'full.jsonl');
      const { journal } = await reopened(path);
      await journal.append({ kept: true }).durable;
      disk.fill();
      await expect(journal.append({ lost: 'x'.repeat(100_000) }).durable).rejects.toThrow('cannot be written');
      disk.empty();
      await expect(journal.append({ later: true }).durable).rejects.toThrow('cannot be written');
      await journal.close();
      const again = await reopened(path);
      expect(again.records).toEqual([{ kept: true }]);
      await again.journal.close();
    } finally {
      disk.end();
    }
  });
});
