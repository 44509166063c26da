import { mkdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { withLock } from '@nexora/embedded';
import { errorCode, replaceFile } from '@nexora/sandbox-kit';
import { bookIn, type Book } from './records.ts';

/** The folder of an office and its book. Any number of processes may read and change it; a kill leaves it whole. */
export class BookFile {
  readonly folder: string;
  private readonly path: string;

  private constructor(folder: string) {
    this.folder = folder;
    this.path = join(folder, 'office.json');
  }

  /** Makes the folder (mode 0700) when it is not there. */
  static async open(folder: string): Promise<BookFile> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return new BookFile(await realpath(folder));
  }

  /** The book as it is on the disk; null before there is one. */
  async read(): Promise<Book | null> {
    try {
      return bookIn(await readFile(this.path, 'utf8'), this.path);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return null;
      throw error;
    }
  }

  /** Changes the book while nobody else does; what it is changed to is on the disk before the answer comes. */
  async change<T>(
    work: (book: Book | null) => Promise<{ readonly book: Book | null; readonly answer: T }>,
  ): Promise<T> {
    return withLock(`licence-office:${this.folder}`, async () => {
      const before = await this.read();
      const { book, answer } = await work(before);
      if (book !== null && book !== before) await replaceFile(this.path, `${JSON.stringify(book, null, 2)}\n`);
      return answer;
    });
  }
}
